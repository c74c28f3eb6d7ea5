//! Ends everything that this command started, whoever in it started it, when a signal says stop.
//!
//! The processes below us are found in `/proc`. Those whose own parent has died come to us, because
//! we are the reaper of our descendants (prctl(2), `PR_SET_CHILD_SUBREAPER`).

use std::collections::HashSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getpid, kill_process, set_child_subreaper};

/// How long a process may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(8);
/// How long we wait in all.
const LIMIT: Duration = Duration::from_secs(15);
/// How often we look.
const LOOK: Duration = Duration::from_millis(30);

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Makes us the parent of every descendant whose own parent dies.
pub fn adopt_orphans() {
    // Without it, the kernel's signal at our death still reaches every server.
    set_child_subreaper(Some(getpid())).ok();
}

/// True once everything has to end; nothing may be started any more.
#[must_use]
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Begins to end what runs below us, and goes on with what our own threads still start.
pub fn begin() {
    if REQUESTED.swap(true, Ordering::SeqCst) {
        return;
    }
    thread::spawn(|| {
        let mut asked = HashSet::new();
        let began = Instant::now();
        loop {
            for pid in descendants() {
                if began.elapsed() > GRACE {
                    // Gone already is as good.
                    kill_process(pid, Signal::KILL).ok();
                } else if asked.insert(pid) {
                    kill_process(pid, Signal::TERM).ok();
                }
            }
            thread::sleep(LOOK);
        }
    });
}

/// Waits until nothing runs below us any more.
pub fn wait() {
    let began = Instant::now();
    while !descendants().is_empty() && began.elapsed() < LIMIT {
        thread::sleep(LOOK);
    }
}

/// True until a process has ended, even if nobody has collected it yet.
#[must_use]
pub fn is_running(process: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero()));
    stat.is_ok_and(|stat| parent(&stat).is_some())
}

/// Every process below us that has not ended.
fn descendants() -> Vec<Pid> {
    let all: Vec<(i32, i32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| parent(&fs::read_to_string(entry.path().join("stat")).ok()?))
        .collect();
    let mut found = vec![getpid().as_raw_nonzero().get()];
    let mut next = 0;
    while let Some(above) = found.get(next).copied() {
        let children = all.iter().filter(|(_, parent)| *parent == above);
        found.extend(children.map(|(process, _)| *process));
        next += 1;
    }
    found
        .into_iter()
        .skip(1)
        .filter_map(Pid::from_raw)
        .collect()
}

/// Process and parent in a line like `7 (a name) S 1 …` (proc(5)); nothing for one that has ended
/// and only waits to be collected.
fn parent(stat: &str) -> Option<(i32, i32)> {
    let (start, rest) = stat.rsplit_once(')')?;
    let process = start.split_whitespace().next()?.parse().ok()?;
    let mut fields = rest.split_whitespace();
    let ended = fields.next()? == "Z";
    let parent = fields.next()?.parse().ok()?;
    (!ended).then_some((process, parent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn the_parent_is_read_whatever_the_name() {
        assert_eq!(parent("7 (a) b) S 3 1 1"), Some((7, 3)));
        assert_eq!(parent("7 (a) Z 3 1 1"), None);
    }

    #[test]
    fn a_grandchild_is_a_descendant_until_it_ends() {
        let mut child = Command::new("sh")
            .args(["-c", "sleep 7.25 & wait"])
            .spawn()
            .unwrap();
        let grandchild = || {
            descendants().into_iter().find(|pid| {
                let line = fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero()));
                line.is_ok_and(|line| line == b"sleep\x007.25\x00")
            })
        };
        let began = Instant::now();
        while grandchild().is_none() {
            assert!(began.elapsed() < LIMIT, "the grandchild is seen");
            thread::sleep(LOOK);
        }
        kill_process(grandchild().unwrap(), Signal::KILL).unwrap();
        child.wait().unwrap();
        assert_eq!(grandchild(), None);
    }
}
