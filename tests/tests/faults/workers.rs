//! Two workers at the same records: one is slow, or its clock is wrong.

use std::sync::Arc;
use std::time::Duration;

use tests::fault::{Answer, Fault};

use crate::poster::{LOAD, PATIENCE, Poster};

/// How long the slow worker waits for Odoo at most.
pub const PATIENT: Duration = Duration::from_secs(30);
/// How long its answer takes: the other one is through by then.
const SLOW: Duration = Duration::from_secs(6);
/// The lease, and a second.
pub const LEASE: i64 = 241;

/// One worker's call meets a fault; when it is on its way, its lease ends and a second worker comes.
/// What that one wrote down must still be there when the
/// first has ended.
async fn a_zombie_meets(poster: &Poster, ids: &[&str], fault: Fault) {
    poster.accept(ids).await;
    let calls = poster.proxy.calls(LOAD);
    poster.proxy.arm(LOAD, fault);
    let zombie = poster.worker(&poster.clock, PATIENT);
    let owner = async {
        while poster.proxy.calls(LOAD) == calls {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Odoo answers a call in less than this, unless the fault keeps it.
        tokio::time::sleep(Duration::from_millis(1500)).await;
        poster.pass(LEASE);
        poster.ring().await;
        poster.exactly_once(ids).await;
        poster.versions(ids).await
    };
    let (written, ()) = tokio::join!(Box::pin(owner), zombie.ring());
    poster.exactly_once(ids).await;
    assert_eq!(
        poster.versions(ids).await,
        written,
        "the zombie changed nothing"
    );
}

/// Fault 6: what the zombie sent arrives when the other worker is through. Odoo's own limit is
/// there so that this does not happen; it does no harm if it does.
pub async fn a_zombies_late_call_makes_no_second_line(poster: &Poster, ids: &[&str]) {
    a_zombie_meets(poster, ids, Fault::late_call(SLOW)).await;
}

/// Fault 7.
pub async fn a_zombies_late_failure_changes_nothing(poster: &Poster, ids: &[&str]) {
    let refused = Fault::before(Answer::Refusal).waiting(SLOW);
    a_zombie_meets(poster, ids, refused).await;
}

/// Fault 6, fault 8.
pub async fn a_zombies_late_success_changes_nothing(poster: &Poster, ids: &[&str]) {
    a_zombie_meets(poster, ids, Fault::after(Answer::Odoos).waiting(SLOW)).await;
}

/// Fault 9: while one worker waits for Odoo, another one comes whose clock differs by so much, and
/// that may take the first one's lease for ended.
pub async fn a_wrong_clock_makes_no_second_line(poster: &Poster, ids: &[&str], seconds: i64) {
    poster.accept(ids).await;
    let wrong = Arc::new(poster.clock.other(seconds));
    let wrong = poster.worker(&wrong, PATIENCE);
    let right = poster.worker(&poster.clock, PATIENT);
    poster.proxy.arm(LOAD, Fault::late_call(PATIENCE * 2));
    tokio::join!(right.ring(), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        wrong.ring().await;
    });
    poster.until_posted(ids, Duration::ZERO).await;
    poster.exactly_once(ids).await;
}
