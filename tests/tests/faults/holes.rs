//! The ten faults that `tests/peers/powertools_holes.py` tries on the best-known library, tried on us.

use std::collections::BTreeMap;
use std::time::Duration;

use aws::{Accepted, Clock as _};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use base64::Engine as _;
use domain::State;
use domain::delivery::{DELIVERY_VERSION, Delivery};
use tests::fault::{Answer, Fault};

use crate::poster::{LOAD, Poster, entry};
use crate::workers::{
    LEASE, PATIENT, a_wrong_clock_makes_no_second_line, a_zombies_late_call_makes_no_second_line,
    a_zombies_late_failure_changes_nothing, a_zombies_late_success_changes_nothing,
};
use tests::large_stack::on_a_large_stack;

const NOT_LATE: Duration = Duration::ZERO;

/// Each hole in a world with all that the ones before left behind.
#[test]
fn the_ten_holes_are_closed() {
    on_a_large_stack(async || {
        let poster = &Poster::start().await;
        h1_the_answer_is_lost_after_the_commit(poster).await;
        h2_the_worker_is_killed_after_the_commit(poster).await;
        a_zombies_late_call_makes_no_second_line(poster, &["h3/1", "h3/2"]).await;
        told("H3", "the lease ends while Odoo is slow");
        a_zombies_late_failure_changes_nothing(poster, &["h4/1", "h4/2"]).await;
        again(poster, "h4/1").await;
        told("H4", "a zombie fails late, then a redelivery");
        a_zombies_late_success_changes_nothing(poster, &["h5/1", "h5/2"]).await;
        told(
            "H5",
            "a zombie succeeds late; the stored result is the owner's",
        );
        h6_a_redelivery_after_any_window(poster).await;
        h7_the_same_key_with_other_hours(poster).await;
        h8_the_key_is_missing(poster).await;
        for seconds in [120, 86_400, -86_400] {
            let ids = [&*format!("h9/{seconds}/1"), &*format!("h9/{seconds}/2")];
            a_wrong_clock_makes_no_second_line(poster, &ids, seconds).await;
        }
        told(
            "H9",
            "the second worker's clock is two minutes, or a day, ahead or behind",
        );
        h10_the_handler_changes_its_input(poster).await;
        let all = [
            "h1", "h2", "h3/1", "h3/2", "h4/1", "h5/1", "h6", "h7", "h10",
        ];
        poster.exactly_once(&all).await;
    });
}

fn told(hole: &str, fault: &str) {
    println!("{hole:<4} right  {fault}");
}

/// The same delivery comes again, and the bell rings.
async fn again(poster: &Poster, id: &str) {
    poster.accept(&[id]).await;
    poster.ring().await;
    poster.exactly_once(&[id]).await;
}

async fn h1_the_answer_is_lost_after_the_commit(poster: &Poster) {
    poster.accept(&["h1"]).await;
    poster.proxy.arm(LOAD, Fault::after(Answer::Nothing));
    poster.until_posted(&["h1"], NOT_LATE).await;
    again(poster, "h1").await;
    told(
        "H1",
        "Odoo commits, the caller sees a timeout, and tries again",
    );
}

/// The future of the handler is dropped, as its process would be; `tests/tests/kill.rs` kills real
/// ones.
async fn h2_the_worker_is_killed_after_the_commit(poster: &Poster) {
    poster.accept(&["h2"]).await;
    poster
        .proxy
        .arm(LOAD, Fault::after(Answer::Odoos).waiting(PATIENT));
    let worker = poster.worker(&poster.clock, PATIENT);
    tokio::select! {
        () = worker.ring() => panic!("the worker outlived its death"),
        () = async {
            while poster.lines(&["h2"]).await.is_empty() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        } => {}
    }
    assert_eq!(poster.newest("h2").await.state, State::Waiting);
    poster.pass(LEASE);
    poster.until_posted(&["h2"], NOT_LATE).await;
    poster.exactly_once(&["h2"]).await;
    told("H2", "killed between the commit and the ledger's write");
}

async fn h6_a_redelivery_after_any_window(poster: &Poster) {
    again(poster, "h6").await;
    poster.pass(400 * 86_400);
    again(poster, "h6").await;
    told("H6", "a redelivery after 400 days");
}

async fn h7_the_same_key_with_other_hours(poster: &Poster) {
    again(poster, "h7").await;
    let before = poster.newest("h7").await;
    let changed = poster.entry("h7", "80");
    let conflict = poster.ledger.accept(&changed).await.unwrap();
    assert_eq!(conflict, Accepted::Conflict(Box::new(before)));
    poster.ring().await;
    poster.exactly_once(&["h7"]).await;
    told(
        "H7",
        "the same key with other hours: a conflict, and the original stays",
    );
}

/// As ConnectWise would send it, through the function that judges.
async fn h8_the_key_is_missing(poster: &Poster) {
    let sample = tests::file("events/connectwise-time-entry.json");
    let without = sample
        .replace("\\\"id\\\":90311,", "")
        .replace("\"ID\":90311,", "");
    assert_eq!(sample.len() - without.len(), 24, "both places of the id");
    let delivery = Delivery {
        v: DELIVERY_VERSION,
        id: "h8".to_owned(),
        source: "connectwise".to_owned(),
        account: "Cobalt".to_owned(),
        received_at: poster.clock.now(),
        headers: BTreeMap::new(),
        body: base64::engine::general_purpose::STANDARD.encode(without),
    };
    let mut message = SqsMessage::default();
    message.body = Some(serde_json::to_string(&delivery).expect("a delivery is JSON"));
    let mut event = SqsEvent::default();
    event.records.push(message);
    let validate = poster.validate().await;
    let response = validate.handle(event).await;
    assert_eq!(response.batch_item_failures.len(), 0);
    let open = poster.exceptions.open(&["operations"]).await.unwrap();
    let [question] = open.as_slice() else {
        panic!("{open:?}");
    };
    let words = format!("{} {:?}", question.sentence, question.items);
    assert!(words.contains("the field ID is missing"), "{words}");
    assert_eq!(
        poster.ledger.versions(&question.reference).await.unwrap(),
        []
    );
    assert_eq!(poster.ledger.versions(&entry("90311")).await.unwrap(), []);
    assert_eq!(poster.lines(&["90311"]).await, []);
    told(
        "H8",
        "the key is missing: refused with a reason, nothing is written",
    );
}

/// Nothing that a handler holds is what the ledger keeps: it is read again for every try.
async fn h10_the_handler_changes_its_input(poster: &Poster) {
    let mut record = poster.entry("h10", "2");
    poster.ledger.accept(&record).await.unwrap();
    record.reference = entry("changed");
    record.command = None;
    poster.ring().await;
    again(poster, "h10").await;
    told("H10", "the handler changes its input, then a redelivery");
}
