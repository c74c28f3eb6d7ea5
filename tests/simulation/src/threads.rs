//! Threads on which runs are played: each with a log and an SDK's dice of its own.

/// Unoptimised, a handler's future is larger than the stack that a thread has by default.
const STACK: usize = 64 * 1024 * 1024;

/// As many as there are processors.
pub fn count() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Does this on so many threads; each knows its number.
pub fn on_all<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads)
            .map(|number| {
                let work = &work;
                let thread = std::thread::Builder::new().stack_size(STACK);
                thread
                    .spawn_scoped(scope, move || work(number))
                    .expect("the machine gives a thread")
            })
            .collect();
        let ended = started.into_iter().map(std::thread::ScopedJoinHandle::join);
        ended
            .map(|done| done.expect("a world that holds together"))
            .collect()
    })
}
