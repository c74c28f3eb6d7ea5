//! Answers that are lost, late, broken or hostile.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use tests::fault::{Answer, Fault};

use crate::poster::{LOAD, PATIENCE, Poster};
use tests::large_stack::on_a_large_stack;

const NOT_LATE: Duration = Duration::ZERO;

/// Meets one fault with three entries.
async fn meets(poster: &Poster, name: &str, fault: Fault, odoo_late: Duration) {
    println!("{name}: {fault:?}");
    let ids = [1, 2, 3].map(|number| format!("{name}/{number}"));
    let ids = ids.each_ref().map(String::as_str);
    poster.accept(&ids).await;
    poster.proxy.arm(LOAD, fault);
    let began = Instant::now();
    poster.until_posted(&ids, odoo_late).await;
    assert_eq!(poster.proxy.armed(), 0, "the fault happened");
    let took = began.elapsed();
    assert!(took < PATIENCE * 5 + odoo_late, "{name} took {took:?}");
    poster.exactly_once(&ids).await;
}

/// Fault 3, fault 4.
#[test]
fn an_answer_that_is_lost_after_the_commit_is_no_second_line() {
    on_a_large_stack(async || {
        let poster = Poster::start().await;
        for (name, answer) in [
            ("nothing", Answer::Nothing),
            ("half", Answer::Half),
            ("500", Answer::Status(StatusCode::INTERNAL_SERVER_ERROR)),
            ("502", Answer::Status(StatusCode::BAD_GATEWAY)),
            ("504", Answer::Status(StatusCode::GATEWAY_TIMEOUT)),
        ] {
            meets(&poster, name, Fault::after(answer.clone()), NOT_LATE).await;
            let before = format!("{name} before");
            meets(&poster, &before, Fault::before(answer), NOT_LATE).await;
        }
    });
}

/// Fault 5.
#[test]
fn a_commit_after_we_gave_up_is_no_second_line() {
    on_a_large_stack(async || {
        let poster = Poster::start().await;
        let late = PATIENCE + Duration::from_secs(1);
        let fault = Fault::late_call(late);
        meets(&poster, "late commit", fault, Duration::from_secs(3)).await;
        let fault = Fault::after(Answer::Odoos).waiting(late);
        meets(&poster, "late answer", fault, NOT_LATE).await;
    });
}

/// Fault 30.
#[test]
fn a_hostile_answer_takes_bounded_time_and_memory_and_is_never_followed() {
    on_a_large_stack(async || {
        let poster = Poster::start().await;
        let trap = format!("{}/trap", poster.address());
        for (name, answer) in [
            ("page", Answer::Page),
            ("truncated", Answer::Truncated),
            ("slow", Answer::Dripping),
            ("endless", Answer::Endless),
            ("redirect", Answer::Redirect(trap)),
            ("busy", Answer::TryLater(StatusCode::TOO_MANY_REQUESTS, 7)),
            ("down", Answer::TryLater(StatusCode::SERVICE_UNAVAILABLE, 7)),
        ] {
            meets(&poster, name, Fault::before(answer.clone()), NOT_LATE).await;
            let after = format!("{name} after");
            meets(&poster, &after, Fault::after(answer), NOT_LATE).await;
        }
        assert_eq!(
            poster.proxy.calls("/trap"),
            0,
            "our key was shown to nobody"
        );
        let taken = poster.proxy.endless_bytes();
        assert!(taken < 2 * 24 * 1024 * 1024, "{taken} bytes were taken");
    });
}
