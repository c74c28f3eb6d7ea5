//! What goes wrong around the post function, and each record in Odoo exactly once all the same.
//!
//! The faults have the numbers of `docs/faults.md`. The parts are real: our handler, MiniStack, a
//! proxy on the way to a real Odoo 19. Odoo's own time is real too; ours is moved by the tests, so
//! that a lease need not be waited for.

mod again;
mod answers;
mod away;
mod bills;
mod clock;
mod crashes;
mod holes;
mod panics;
mod poster;
mod seen;
#[path = "../../../shared/odoo/tests/support/mod.rs"]
#[expect(dead_code, reason = "these tests need a part of it")]
mod support;
mod workers;
