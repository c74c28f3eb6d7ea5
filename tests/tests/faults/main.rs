//! What goes wrong around the post function, and each record in Odoo exactly once all the same.
//!
//! The faults have the numbers of `docs/faults.md`. The parts are real: our handler, MiniStack, a
//! proxy on the way to a real Odoo 19. Odoo's own time is real too; ours is moved by the tests, so
//! that a lease need not be waited for.

mod again;
mod answers;
mod clock;
mod crashes;
mod holes;
mod panics;
mod poster;
#[path = "../../../shared/odoo/tests/support/mod.rs"]
#[expect(dead_code, reason = "these tests need a part of it")]
mod support;
mod workers;

/// How much the handler's futures need when they are not optimised; a test's own stack has 2 MB.
const STACK: usize = 32 * 1024 * 1024;

/// Runs a test on a stack that holds the whole handler.
fn on_a_large_stack(test: impl AsyncFnOnce() + Send) {
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
