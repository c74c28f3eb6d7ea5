//! Room for a whole handler.

/// How much the handler's futures need when they are not optimised; a test's own stack has 2 MB.
const STACK: usize = 32 * 1024 * 1024;

/// Runs a test on a stack that holds the whole handler.
///
/// # Panics
/// When the test does.
pub fn on_a_large_stack(test: impl AsyncFnOnce() + Send) {
    std::thread::scope(|scope| {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let thread = std::thread::Builder::new().stack_size(STACK);
        let running = thread.spawn_scoped(scope, move || runtime.block_on(test()));
        // What it says when it fails is said already.
        assert!(
            running.expect("a thread").join().is_ok(),
            "it failed; see above"
        );
    });
}
