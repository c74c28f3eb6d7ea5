//! What a source changed is pulled, whatever its webhooks lost: nothing is skipped, nothing is taken
//! for deleted that is not, and people are asked once.

mod accounts;
mod api;
mod ban;
mod batch;
mod budget;
mod delays;
mod demo;
mod gaps;
mod leaks;
mod lists;
mod steps_back;
mod tokens;
mod vendor;
mod world;

use aws::Ledger;
use domain::{Reference, State};
use tests::large_stack::on_a_large_stack;
use world::{World, at, content};

/// Every record is listed once more within the overlap of five minutes.
#[tokio::test(flavor = "multi_thread")]
async fn what_changed_is_asked_for_with_an_overlap_and_a_late_commit_comes() {
    let world = World::open().await;
    world.add([501, 502], at(-20));
    assert_eq!(world.run().await, [501, 502]);
    assert_eq!(
        world.vendor.asked_since(),
        at(-12 * 60),
        "from the book's day on"
    );
    world.pass(4);
    assert_eq!(world.run().await, [0; 0], "every five minutes");
    // Committed now, with a stamp of before the newest that came.
    world.add([503], at(-24));
    world.pass(1);
    assert_eq!(world.run().await, [501, 502, 503]);
    assert_eq!(world.vendor.asked_since(), at(-25));
    assert!(world.questions().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn all_rows_of_one_second_come_over_several_pages_and_runs() {
    let world = World::open().await;
    world.vendor.state().page = 10;
    world.add(1..=250, at(-20));
    let first = world.run().await;
    assert_eq!(first.len(), 200, "twenty pages in one run");
    world.pass(1);
    let second = world.run().await;
    let mut all: Vec<u64> = first.into_iter().chain(second).collect();
    all.sort_unstable();
    assert_eq!(all, (1..=250).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cursor_stays_until_everything_is_in_the_queue() {
    let world = World::open().await;
    world.add([501], at(-20));
    assert_eq!(world.run().await, [501]);
    world.vendor.state().page = 1;
    world.add([502, 503], at(-10));
    // The first page comes, and then the source is busy.
    world.vendor.state().instead = Some((503, Some(60)));
    world.vendor.state().answers_left = Some(1);
    world.pass(5);
    assert_eq!(world.run().await, [501]);
    world.vendor.state().instead = None;
    world.vendor.state().answers_left = None;
    world.pass(1);
    assert_eq!(
        world.run().await,
        [502, 503],
        "it goes on with the second page"
    );
    world.pass(5);
    world.run().await;
    let asked = world.vendor.state().asked.clone();
    let since = asked.iter().filter(|url| url.contains("T11%3A45%3A00Z"));
    assert_eq!(
        since.count(),
        1,
        "five minutes before the newest: {asked:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_asks_to_be_left_alone_is() {
    let world = World::open().await;
    world.add([501], at(-20));
    world.vendor.state().instead = Some((429, Some(600)));
    assert_eq!(world.run().await, [0; 0]);
    world.vendor.state().instead = None;
    world.pass(9);
    assert_eq!(world.run().await, [0; 0]);
    assert_eq!(
        world.vendor.state().asked.len(),
        1,
        "nobody asked meanwhile"
    );
    world.pass(1);
    assert_eq!(world.run().await, [501]);
    assert!(world.questions().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_key_is_one_question_and_the_same_cursor_goes_on_with_the_next_key() {
    let world = World::open().await;
    world.add([501], at(-20));
    assert_eq!(world.run().await, [501]);
    world.add([502], at(-19));
    world.vendor.state().token = "Bearer another".to_owned();
    world.pass(5);
    for _ in 0..10 {
        assert_eq!(world.run().await, [0; 0]);
        world.pass(1);
    }
    let questions = world.questions().await;
    let said: Vec<_> = questions
        .iter()
        .map(|one| (one.code.as_str(), one.owner.as_str()))
        .collect();
    assert_eq!(said, [("access_refused", "operations")]);
    assert_eq!(questions[0].sentence, "Harvest does not accept our access");
    assert_eq!(questions[0].items, ["pull time_entry: HTTP 401"]);
    assert_eq!(questions[0].raised_at, at(5), "it is asked once");
    assert_eq!(
        world.vendor.state().asked.len(),
        3,
        "tried every five minutes"
    );
    world.put_token("Bearer another").await;
    world.pass(5);
    assert_eq!(world.run().await, [501, 502]);
    assert_eq!(
        world.vendor.asked_since(),
        at(-25),
        "from the same cursor on"
    );
    assert!(world.questions().await.is_empty(), "it closes itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_gone_is_removed_and_never_when_the_list_was_cut_short() {
    let world = World::open().await;
    world.add([501, 502, 503], at(-20));
    world.add([504], at(-10));
    assert_eq!(world.run().await.len(), 4);
    let not_there = |id| move |one: &vendor::Record| one.id != id;
    world.vendor.state().records.retain(not_there(502));
    world.pass(5);
    assert_eq!(
        world.run().await,
        [504],
        "what changed lately says nothing of it"
    );
    // A day later the whole window is read; first it is cut short.
    world.vendor.state().page = 1;
    world.vendor.state().instead = Some((500, None));
    world.vendor.state().answers_left = Some(1);
    world.pass(24 * 60);
    world.pull.sources().await.expect("a run");
    assert!(world.take().await.is_empty(), "nothing is removed");
    world.vendor.state().instead = None;
    world.vendor.state().answers_left = None;
    world.pass(1);
    world.pull.sources().await.expect("a run");
    let taken = world.take().await;
    assert_eq!(
        taken.len(),
        1,
        "what is known and unchanged is not sent again"
    );
    assert_eq!(
        content(&taken[0]),
        serde_json::json!({"entity": "time_entry", "ids": ["502"]})
    );
    world.pass(24 * 60);
    world.pull.sources().await.expect("a run");
    assert!(world.take().await.is_empty(), "it is told once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_only_not_listed_is_not_removed() {
    let world = World::open().await;
    world.add([501, 502], at(-20));
    assert_eq!(world.run().await, [501, 502]);
    // It is there, with a time of before: another list, or a filter of the vendor's.
    world.vendor.state().records[1].changed = at(-48 * 60);
    world.pass(24 * 60);
    world.pull.sources().await.expect("a run");
    assert!(world.take().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_suddenly_empty_is_a_question_and_no_deletion() {
    let world = World::open().await;
    world.add([501], at(-20));
    for _ in 0..6 {
        world.run().await;
        world.pass(5 * 60);
    }
    let kept = std::mem::take(&mut world.vendor.state().records);
    assert_eq!(world.run().await, [0; 0]);
    world.pass(1);
    // The whole window is looked at first.
    world.pull.sources().await.expect("a run");
    assert!(
        world.take().await.is_empty(),
        "nothing is taken for deleted"
    );
    let codes: Vec<_> = world
        .questions()
        .await
        .into_iter()
        .map(|one| one.code)
        .collect();
    assert_eq!(codes, ["pull_empty"]);
    world.pass(5);
    world.pull.sources().await.expect("a run");
    assert!(
        world.take().await.is_empty(),
        "nothing is taken for deleted"
    );
    assert_eq!(world.questions().await.len(), 1);
    world.vendor.state().records = kept;
    world.pass(5);
    world.run().await;
    assert!(world.questions().await.is_empty(), "it closes itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_the_source_forgot_reads_everything_again_without_a_question() {
    let world = World::open().await;
    world.add([501], at(-60));
    world.add([502], at(-20));
    assert_eq!(world.run().await, [501, 502]);
    world.vendor.state().knows_until = Some(at(-60));
    world.pass(5);
    assert_eq!(world.run().await, [501, 502], "from the start");
    assert_eq!(world.vendor.asked_since(), at(-12 * 60));
    assert!(world.questions().await.is_empty());
}

#[test]
fn the_same_change_pushed_and_pulled_is_one_version() {
    on_a_large_stack(async || {
        let world = World::open().await;
        world.add([501], at(-20));
        world.pull.sources().await.expect("a run");
        let mut taken = world.take().await;
        let pulled = taken.remove(0);
        // The same page, as a message that nobody asked for carries it.
        let pushed = domain::delivery::Delivery {
            id: "pushed".to_owned(),
            headers: std::collections::BTreeMap::new(),
            ..pulled.clone()
        };
        let ledger = validate_all(&world, &[pushed, pulled]).await;
        let entry = Reference::new("harvest", "4711", "time_entry", "501");
        let versions = ledger.versions(&entry).await.expect("versions");
        assert_eq!(versions.len(), 1);
        assert_eq!(versions[0].version, domain::Version::at(at(-20)));
        assert_eq!(versions[0].correlation, "pushed", "the first that came");
        assert_ne!(versions[0].state, State::Superseded);
        let exceptions = aws::Exceptions::new(&world.connection, &world.exceptions);
        let open = exceptions.of(&entry).await.expect("exceptions");
        assert!(
            open.iter().all(|one| one.code != "version_conflict"),
            "{open:?}"
        );
    });
}

/// Hands deliveries to the function `validate`, over the same table.
async fn validate_all(world: &World, deliveries: &[domain::delivery::Delivery]) -> Ledger {
    let validate = world.validate();
    for delivery in deliveries {
        let body = serde_json::to_string(delivery).expect("JSON");
        let failed = validate.handle(event(&body)).await.batch_item_failures;
        assert!(failed.is_empty(), "{failed:?}");
    }
    Ledger::new(&world.connection, &world.ledger)
}

/// A message as its function is given it.
fn event(body: &str) -> aws_lambda_events::sqs::SqsEvent {
    let record = serde_json::json!({"messageId": "1", "body": body});
    let event = serde_json::json!({"Records": [record]});
    serde_json::from_value(event).expect("an event")
}
