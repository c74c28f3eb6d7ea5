//! What the rules of `[[flows]]` say, and what they refuse.

use super::*;
use crate::book::BadBook;
use crate::book::tests::TEXT;

fn book(rules: &str) -> Result<Book, BadBook> {
    Book::parse(&format!("{TEXT}\n{rules}"))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

#[test]
fn without_rules_every_flow_goes_at_once_and_all_the_way() {
    let book = Book::parse(TEXT).unwrap();
    for flow in Flow::ALL {
        assert_eq!(book.flow(flow, Some("us")), FlowPolicy::default());
        assert_eq!(book.flow(flow, None).hold(true), None);
    }
}

#[test]
fn the_last_rule_that_fits_counts_key_by_key() {
    let book = book(
        "[[flows]]\nflow = \"time\"\ntrigger = \"micro_batch\"\nevery = \"5m\"\nmode = \"shadow\"\n\
         [[flows]]\nflow = \"time\"\nentity = \"us\"\nmode = \"live\"\n",
    )
    .unwrap();
    let us = book.flow(Flow::Time, Some("us"));
    assert_eq!((us.mode, us.trigger), (Mode::Live, Trigger::MicroBatch));
    assert_eq!(us.hold(false), Some(Hold::Schedule));
    assert_eq!(book.flow(Flow::Time, None).hold(false), Some(Hold::Shadow));
    assert_eq!(book.flow(Flow::Invoices, Some("us")).hold(false), None);
    assert!(book.flow_differs_by_entity(Flow::Time));
    assert!(!book.flow_differs_by_entity(Flow::Invoices));
}

#[test]
fn a_draft_flow_stops_only_what_ends_a_draft() {
    let book = book("[[flows]]\nflow = \"invoices\"\nmode = \"draft\"\n").unwrap();
    let policy = book.flow(Flow::Invoices, Some("us"));
    assert_eq!(policy.hold(false), None);
    assert_eq!(policy.hold(true), Some(Hold::Draft));
}

#[test]
fn changes_are_gathered_from_the_first_one_on() {
    let book =
        book("[[flows]]\nflow = \"time\"\ntrigger = \"micro_batch\"\nevery = \"5m\"\n").unwrap();
    let policy = book.flow(Flow::Time, None);
    let turn = |now| policy.has_turn(at("2026-11-16T15:00:10Z"), at(now), &TimeZone::UTC);
    assert!(!turn("2026-11-16T15:05:09Z"));
    assert!(turn("2026-11-16T15:05:10Z"));
}

#[test]
fn a_schedule_is_kept_in_the_entitys_zone_also_when_the_clocks_change() {
    let text = "[[flows]]\nflow = \"time\"\ntrigger = \"batch\"\nat = [\"18:00\", \"02:30\"]\n";
    let book = book(text).unwrap();
    let policy = book.flow(Flow::Time, None);
    let brussels = zone("Europe/Brussels");
    let last = |now| policy.last_turn(at(now), &brussels).unwrap().to_string();
    assert_eq!(last("2026-11-16T17:00:00Z"), "2026-11-16T17:00:00Z");
    assert_eq!(last("2026-11-16T16:59:59Z"), "2026-11-16T01:30:00Z");
    // At 02:00 on 2027-03-28 the clocks are put to 03:00: half past two is half past three.
    assert_eq!(last("2027-03-28T08:00:00Z"), "2027-03-28T01:30:00Z");
    assert_eq!(last("2027-03-28T01:29:00Z"), "2027-03-27T17:00:00Z");
    // At 03:00 on 2026-10-25 they are put back: the first half past two counts, once.
    assert_eq!(last("2026-10-25T02:00:00Z"), "2026-10-25T00:30:00Z");
    let next = policy.next_turn(at("2026-11-16T17:00:01Z"), &brussels);
    assert_eq!(next, Some(at("2026-11-17T01:30:00Z")));
    // What came after a turn waits for the next one.
    let turn = |since, now| policy.has_turn(at(since), at(now), &brussels);
    assert!(turn("2026-11-16T17:00:00Z", "2026-11-16T17:00:30Z"));
    assert!(!turn("2026-11-16T17:00:01Z", "2026-11-17T01:29:59Z"));
}

#[test]
fn the_last_day_of_the_month_and_weekdays() {
    let book = book(
        "[[flows]]\nflow = \"invoices\"\ntrigger = \"batch\"\nat = [\"18:00\"]\ndays_of_month = [-1]\n\
         [[flows]]\nflow = \"time\"\ntrigger = \"batch\"\nat = [\"18:00\"]\nweekdays = [\"friday\"]\n",
    )
    .unwrap();
    let next = |flow, since| {
        let policy = book.flow(flow, None);
        policy
            .next_turn(at(since), &TimeZone::UTC)
            .unwrap()
            .to_string()
    };
    let invoices = next(Flow::Invoices, "2027-02-01T00:00:00Z");
    assert_eq!(invoices, "2027-02-28T18:00:00Z");
    assert_eq!(
        next(Flow::Time, "2026-11-16T00:00:00Z"),
        "2026-11-20T18:00:00Z"
    );
}

#[test]
fn what_contradicts_itself_is_refused_with_its_line() {
    let said = |rule: &str| {
        let text = format!("#: flows.toml\n[[flows]]\nflow = \"time\"\n{rule}\n");
        book(&text).unwrap_err().to_string()
    };
    let every = said("trigger = \"webhook\"\nevery = \"5m\"");
    assert!(every.starts_with("flows.toml:4: flows.every: "), "{every}");
    assert!(said("every = \"5m\"").contains("micro_batch"));
    assert!(said("trigger = \"micro_batch\"").contains("every"));
    assert!(said("trigger = \"micro_batch\"\nevery = \"10s\"").contains("a minute"));
    assert!(said("trigger = \"micro_batch\"\nevery = \"soon\"").contains("\"soon\""));
    assert!(said("trigger = \"batch\"").contains("at = "));
    assert!(said("at = [\"18:00\"]").contains("batch"));
    assert!(said("trigger = \"manual\"\nweekdays = [\"friday\"]").contains("batch"));
    let day = said("trigger = \"batch\"\nat = [\"18:00\"]\ndays_of_month = [31]");
    assert!(day.contains("28"), "{day}");
    let runs = "[[flows]]\nflow = \"invoices\"\ntrigger = \"micro_batch\"\nevery = \"5m\"\n";
    assert!(book(runs).unwrap_err().to_string().contains("runs"));
    assert!(said("mode = \"draft\"").contains("drafts"));
    assert!(said("mode = \"on\"").contains("unknown variant"));
    assert!(said("entity = \"uk\"").contains("\"uk\""));
    assert!(said("approval = \"boss\"").contains("\"boss\""));
    assert!(said("latency = \"5m\"").contains("latency"));
}
