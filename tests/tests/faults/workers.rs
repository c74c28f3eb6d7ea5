//! Two workers at the same records: one is slow, or its clock is wrong.

use std::sync::Arc;
use std::time::Duration;

use tests::fault::{Answer, Fault};

use crate::poster::{LOAD, PATIENCE, Poster};

/// How long the slow worker waits for Odoo at most.
const PATIENT: Duration = Duration::from_secs(30);
/// How long its answer takes: the other one is through by then.
const SLOW: Duration = Duration::from_secs(6);
/// The lease, and a second.
const LEASE: i64 = 241;

const IDS: [&str; 2] = ["1", "2"];

/// One worker's call meets a fault; when it is on its way, so much time passes and a second worker
/// comes. What that one wrote down must still be there when the first has ended.
async fn a_zombie_meets(poster: &Poster, fault: Fault, passes: i64) {
    poster.accept(&IDS).await;
    poster.proxy.arm(LOAD, fault);
    let zombie = poster.worker(&poster.clock, PATIENT);
    let owner = async {
        while poster.proxy.calls(LOAD) == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Odoo answers a call in less than this, unless the fault keeps it.
        tokio::time::sleep(Duration::from_millis(1500)).await;
        poster.pass(passes);
        poster.ring().await;
        poster.exactly_once(&IDS).await;
        [poster.newest("1").await, poster.newest("2").await]
    };
    let (written, ()) = tokio::join!(owner, zombie.ring());
    poster.exactly_once(&IDS).await;
    let now = [poster.newest("1").await, poster.newest("2").await];
    assert_eq!(now, written, "the zombie changed nothing");
}

/// Fault 6, fault 8.
#[tokio::test(flavor = "multi_thread")]
async fn a_zombies_late_success_changes_nothing() {
    let poster = Poster::start().await;
    a_zombie_meets(&poster, Fault::after(Answer::Odoos).waiting(SLOW), LEASE).await;
}

/// Fault 6: what the zombie sent arrives when the other worker is through. Odoo's own limit is
/// there so that this does not happen; it does no harm if it does.
#[tokio::test(flavor = "multi_thread")]
async fn a_zombies_late_call_makes_no_second_line() {
    let poster = Poster::start().await;
    a_zombie_meets(&poster, Fault::late_call(SLOW), LEASE).await;
}

/// Fault 7.
#[tokio::test(flavor = "multi_thread")]
async fn a_zombies_late_failure_changes_nothing() {
    let poster = Poster::start().await;
    a_zombie_meets(&poster, Fault::before(Answer::Refusal).waiting(SLOW), LEASE).await;
}

/// Fault 9: the second worker comes at once, and takes the first one's lease for ended because its
/// own clock is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_makes_no_second_line() {
    let poster = Poster::start().await;
    for (number, seconds) in [86_400, -86_400, 300].into_iter().enumerate() {
        let ids = [format!("{number}/1"), format!("{number}/2")];
        let ids = ids.each_ref().map(String::as_str);
        poster.accept(&ids).await;
        let wrong = Arc::new(poster.clock.other(seconds));
        let wrong = poster.worker(&wrong, PATIENCE);
        let right = poster.worker(&poster.clock, PATIENT);
        poster.proxy.arm(LOAD, Fault::late_call(PATIENCE * 2));
        tokio::join!(right.ring(), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            wrong.ring().await;
        });
        poster.until_posted(&ids, Duration::ZERO).await;
        poster.exactly_once(&ids).await;
    }
}
