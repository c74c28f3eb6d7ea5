//! Every target for a short while, always with the same inputs; `cargo tenon fuzz` goes on with
//! others. And that the harness sees what it looks for.

use fuzz::canary;
use fuzz::input::Input;
use fuzz::proof;
use fuzz::run;
use fuzz::target::{Range, Target};

/// A few seconds in a program that is built for tests.
const INPUTS: u64 = 4_000;

fn holds(target: Target) {
    let outcome = run::run(target, 1, |number| number < INPUTS, |_| {});
    let outcome = outcome.unwrap_or_else(|broken| {
        let input = serde_json::to_string(&broken.input).unwrap();
        panic!("{}: {input}", broken.why)
    });
    assert_eq!(outcome.inputs, INPUTS);
}

/// Fault 38.
#[test]
fn nothing_that_was_changed_after_it_was_signed_is_accepted() {
    holds(Target::Verify);
}

/// Fault 33.
#[test]
fn no_document_makes_a_reading_panic_linger_or_tell() {
    holds(Target::Decode);
}

/// Fault 33, 35.
#[test]
fn no_change_of_a_message_makes_a_reading_panic_tell_or_approve() {
    holds(Target::Read);
}

#[test]
fn no_answer_of_an_api_sends_us_elsewhere() {
    holds(Target::Answers);
}

/// Fault 33, 34, 38.
#[test]
fn whatever_the_gateway_brings_is_kept_to_the_byte_or_refused() {
    holds(Target::Edge);
}

#[test]
fn the_same_seed_makes_the_same_inputs_and_another_one_others() {
    let range = Range::of(Target::Verify);
    assert!(range.input(7, 3) == range.input(7, 3));
    let differ = |number| range.input(7, number) != range.input(8, number);
    assert!((0..20).any(differ));
}

#[test]
fn a_kept_input_is_read_back_as_it_was() {
    let range = Range::of(Target::Edge);
    for number in 0..200 {
        let input = range.input(1, number);
        let text = serde_json::to_string(&input).unwrap();
        assert!(serde_json::from_str::<Input>(&text).unwrap() == input);
    }
}

/// What an accepted message may have been is told without asking what verifies; so it must see each
/// change by itself.
#[test]
fn the_harness_sees_a_message_that_should_not_have_been_accepted() {
    let samples = Range::of(Target::Verify);
    let samples = samples.samples();
    let mut seen = 0;
    for sample in samples {
        let source = sources::source(sample.source()).unwrap();
        let name = sample.sample.split(' ').nth(1).unwrap();
        let scheme = source.facts.scheme(name).unwrap();
        assert_eq!(
            proof::holds(source, scheme, sample, sample),
            Ok(()),
            "{}",
            sample.sample
        );
        let mut other = sample.clone();
        other.secrets = vec!["another".to_owned()];
        assert!(proof::holds(source, scheme, &other, sample).is_err());
        let mut changed = sample.clone();
        changed.headers.clear();
        changed.url.clear();
        changed.body = b"{}".to_vec();
        seen += usize::from(proof::holds(source, scheme, &changed, sample).is_err());
    }
    assert_eq!(seen, samples.len());
    assert!(canary::is_silent(&canary::TEXT, &[]).is_err());
    assert!(canary::is_silent(&"it tells abcdefgh", &["abcdefgh".to_owned()]).is_err());
    assert_eq!(
        canary::is_silent(&"the field hours is missing", &[]),
        Ok(())
    );
}
