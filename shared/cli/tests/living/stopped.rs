//! A signal at any moment ends everything that was started.

use std::os::unix::process::ExitStatusExt as _;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::command::OwnCache;

/// The demo on two processors that do other things as well.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long everything may take to end.
const END: Duration = Duration::from_secs(30);

#[test]
fn a_signal_at_any_moment_leaves_nothing_behind() {
    // All at once: every world starts slower then, so that the moments are spread over the start.
    thread::scope(|scope| {
        for (millis, signal, code) in [
            (300, Signal::INT, 130),
            (2_000, Signal::INT, 130),
            (6_000, Signal::TERM, 143),
            (12_000, Signal::INT, 130),
        ] {
            scope.spawn(move || {
                let cache = OwnCache::borrow("stopped");
                let mut demo = cache.start(&["demo"]);
                thread::sleep(Duration::from_millis(millis));
                demo.send(signal);
                let status = demo.ended(END);
                // So early that it had not yet asked for the signal is no failure.
                let by_signal = status.signal() == Some(signal.as_raw());
                assert!(status.code() == Some(code) || by_signal, "{}", demo.said());
                cache.nothing_is_left(Duration::from_secs(10));
            });
        }
        scope.spawn(in_the_middle_of_the_story_that_needs_no_network);
    });
}

fn in_the_middle_of_the_story_that_needs_no_network() {
    let cache = OwnCache::borrow("middle");
    let root = rustix::process::geteuid().is_root();
    let mut demo = match root {
        true => cache.start_offline(&["demo"]),
        false => cache.start(&["demo"]),
    };
    demo.until("2  Sales fills in", PATIENCE);
    let running = cache.processes().join("\n");
    for server in ["postgres", "odoo", "ministack", "bootstrap"] {
        assert!(running.contains(server), "{running}");
    }
    demo.send(Signal::INT);
    assert_eq!(demo.ended(END).code(), Some(130), "{}", demo.said());
    cache.nothing_is_left(Duration::from_secs(10));
}

#[test]
fn a_demo_that_is_to_stay_ends_with_its_command_until_it_is_ready() {
    let cache = OwnCache::borrow("killed");
    let mut demo = cache.start(&["demo", "--keep"]);
    demo.until("Everything runs after", PATIENCE);
    demo.send(Signal::KILL);
    demo.ended(END);
    cache.nothing_is_left(END);
}

#[test]
fn what_a_killed_world_leaves_goes_with_the_next_look() {
    let cache = OwnCache::borrow("crashed");
    let mut demo = cache.start(&["demo", "--chapters", "1"]);
    demo.until("Everything runs after", PATIENCE);
    demo.send(Signal::KILL);
    demo.ended(END);
    assert_eq!(cache.worlds().len(), 1);
    assert!(cache.says(&["down"]).contains("nothing runs"));
    cache.nothing_is_left(END);
}
