//! What is remembered of a stream from one run to the next.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sources::listing::Walk;

/// How long records are compared with what is known of them: deletions of older ones are not seen.
const WINDOW: SignedDuration = SignedDuration::from_hours(35 * 24);

/// How often the whole window is read.
const COMPARE_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// How often a stream that a person must repair is tried.
const TRY_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// After so many runs with records, over a day, a run without any is strange.
const FULL_RUNS: u32 = 5;
const FULL_FOR: SignedDuration = SignedDuration::from_hours(24);

/// The memory of one stream.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Nothing that changed before is asked for.
    pub start: Option<Timestamp>,
    /// Everything that changed until then was handed on.
    pub until: Option<Timestamp>,
    /// The walk that goes on in the next run.
    pub walk: Option<Walk>,
    /// Whether it reads the whole window.
    pub is_whole: bool,
    /// When the last walk came to its end.
    pub finished_at: Option<Timestamp>,
    /// When the whole window was read.
    pub compared_at: Option<Timestamp>,
    /// Nobody is asked before.
    pub rest_until: Option<Timestamp>,
    /// Since when the source gives no usable answer by itself.
    pub silent_since: Option<Timestamp>,
    /// Since when a person must repair something, and when it was tried last.
    pub pause: Option<Pause>,
    /// Whether a question about the stream may be open.
    pub is_asked: bool,
    /// How many walks in a row brought records.
    pub full_runs: u32,
    /// Since when.
    pub full_since: Option<Timestamp>,
    /// The loss of events that the list is read from the start for, or was.
    pub loss: u64,
}

/// A stream that a person must repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Since when: the version of the question.
    pub since: Timestamp,
    /// When it was tried last.
    pub tried_at: Timestamp,
}

impl State {
    /// From when on records are asked for. Another beginning reads everything since then.
    pub fn begin_at(&mut self, start: Timestamp) {
        if self.start != Some(start) {
            self.start = Some(start);
            self.begin_anew();
        }
    }

    /// Forgets where it stopped.
    pub fn begin_anew(&mut self) {
        self.until = None;
        self.walk = None;
        self.compared_at = None;
    }

    /// Whether the list has to be read from the start because of this loss. A reading from the start that
    /// goes on is not broken off: it is followed by another one.
    pub const fn is_due_for(&self, loss: u64) -> bool {
        let is_from_the_start = self.walk.is_some() && self.until.is_none();
        self.loss != loss && !is_from_the_start
    }

    /// Reads everything from the start, because events were lost.
    pub fn make_up_for(&mut self, loss: u64) {
        self.begin_anew();
        self.loss = loss;
        self.finished_at = None;
        // What was deleted shows in the next walk, which then compares.
        self.compared_at = Some(Timestamp::UNIX_EPOCH);
    }

    /// Whether everything was read from the start after this loss.
    pub const fn has_made_up_for(&self, loss: u64) -> bool {
        self.loss == loss && self.walk.is_none() && self.finished_at.is_some()
    }

    /// Whether the source is asked now.
    pub fn is_due(&self, now: Timestamp, every: SignedDuration) -> bool {
        let passed = |at: Timestamp, length| now.duration_since(at) >= length;
        if self.rest_until.is_some_and(|until| now < until) {
            return false;
        }
        match (&self.pause, &self.walk, self.finished_at) {
            (Some(pause), _, _) => passed(pause.tried_at, TRY_EVERY),
            (None, Some(_), _) | (None, None, None) => true,
            (None, None, Some(at)) => passed(at, every),
        }
    }

    /// The walk that goes on, or a new one. `compares` says whether deletions are found by comparison.
    pub fn walk(&mut self, now: Timestamp, overlap: SignedDuration, compares: bool) -> Walk {
        if let Some(walk) = &self.walk {
            return walk.clone();
        }
        let start = self.start.unwrap_or(now);
        let earlier = |at: Timestamp, by| at.checked_sub(by).unwrap_or(start).max(start);
        let is_due = |at: Timestamp| now.duration_since(at) >= COMPARE_EVERY;
        // From the start on everything is handed on, whatever is known of it.
        let goes_on = compares && self.until.is_some();
        self.is_whole = goes_on && self.compared_at.is_none_or(is_due);
        let since = self.until.map_or(start, |until| earlier(until, overlap));
        let since = match self.is_whole {
            true => since.min(earlier(now, WINDOW)),
            false => since,
        };
        Walk::from(since, now)
    }

    /// Whether the source has forgotten, after this silence of ours, what we have not read.
    pub fn is_forgotten(&self, now: Timestamp, retention: Option<u32>) -> bool {
        let kept = retention.map(|seconds| SignedDuration::from_secs(i64::from(seconds)));
        let silence = self.finished_at.map(|at| now.duration_since(at));
        matches!((kept, silence), (Some(kept), Some(silence)) if silence > kept)
    }

    /// A walk came to its end.
    pub fn finish(&mut self, walk: &Walk, now: Timestamp) {
        self.until = self.until.max(walk.until());
        self.walk = None;
        self.finished_at = Some(now);
        if self.is_whole || self.compared_at.is_none() {
            self.compared_at = Some(now);
        }
        if walk.records > 0 {
            self.full_runs = self.full_runs.saturating_add(1);
            self.full_since = self.full_since.or(Some(now));
        }
    }

    /// Whether a walk without any record is strange. The newest record that is known comes with every
    /// walk once more, so that it is never empty by itself.
    pub fn expects_records(&self, now: Timestamp) -> bool {
        let long = |since: Timestamp| now.duration_since(since) >= FULL_FOR;
        self.full_runs >= FULL_RUNS && self.full_since.is_some_and(long)
    }

    /// The next walk reads the whole window, and at once.
    pub fn look_again(&mut self) {
        self.compared_at = None;
        self.finished_at = None;
    }

    /// The source answered.
    pub fn is_heard(&mut self) {
        self.silent_since = None;
        self.rest_until = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(60 * 24 * 100 + minute)
    }

    const HOUR: SignedDuration = SignedDuration::from_hours(1);
    const OVERLAP: SignedDuration = SignedDuration::from_mins(5);

    fn after(records: u64) -> State {
        let mut state = State::default();
        state.begin_at(at(0));
        let walk = Walk {
            newest: Some(at(20)),
            records,
            ..state.walk(at(30), OVERLAP, true)
        };
        state.finish(&walk, at(31));
        state
    }

    #[test]
    fn a_walk_begins_before_the_last_change_and_never_before_the_start() {
        let mut state = after(3);
        assert_eq!(state.walk(at(90), OVERLAP, true).since, at(15));
        state.until = Some(at(2));
        assert_eq!(state.walk(at(90), OVERLAP, true).since, at(0));
    }

    #[test]
    fn once_a_day_the_whole_window_is_read() {
        let mut state = after(3);
        state.walk(at(60 * 24), OVERLAP, true);
        assert!(!state.is_whole);
        assert_eq!(state.walk(at(60 * 24 + 31), OVERLAP, true).since, at(0));
        assert!(state.is_whole);
        state.walk(at(60 * 24 + 31), OVERLAP, false);
        assert!(!state.is_whole, "where deletions are reported");
    }

    #[test]
    fn a_change_while_the_list_was_read_does_not_count_as_read() {
        let mut state = State::default();
        state.begin_at(at(0));
        let walk = Walk {
            newest: Some(at(33)),
            ..state.walk(at(30), OVERLAP, true)
        };
        state.finish(&walk, at(40));
        assert_eq!(state.until, Some(at(30)));
    }

    #[test]
    fn it_is_asked_when_it_is_time_and_not_before_the_source_said() {
        let mut state = after(3);
        assert!(!state.is_due(at(90), HOUR));
        assert!(state.is_due(at(91), HOUR));
        state.rest_until = Some(at(100));
        assert!(!state.is_due(at(99), HOUR));
        let (since, tried_at) = (at(100), at(100));
        state.pause = Some(Pause { since, tried_at });
        assert!(!state.is_due(at(104), HOUR));
        assert!(state.is_due(at(105), HOUR));
    }

    #[test]
    fn nothing_is_strange_only_after_a_day_with_something() {
        let mut state = after(3);
        assert!(!state.expects_records(at(60 * 30)));
        state.full_runs = FULL_RUNS;
        assert!(!state.expects_records(at(60 * 24)));
        assert!(state.expects_records(at(60 * 24 + 31)));
    }

    #[test]
    fn another_beginning_reads_everything_again() {
        let mut state = after(3);
        state.begin_at(at(0));
        assert_eq!(state.until, Some(at(20)));
        state.begin_at(at(-100));
        assert_eq!(state.until, None);
        assert_eq!(state.walk(at(90), OVERLAP, true).since, at(-100));
    }

    #[test]
    fn a_loss_reads_everything_once_and_one_that_comes_meanwhile_once_more() {
        let mut state = after(3);
        assert!(state.is_due_for(1));
        state.make_up_for(1);
        let walk = state.walk(at(40), OVERLAP, true);
        assert_eq!((walk.since, state.is_whole), (at(0), false));
        state.walk = Some(walk.clone());
        assert!(!state.is_due_for(1) && !state.has_made_up_for(1));
        assert!(!state.is_due_for(2), "it goes on");
        state.finish(&walk, at(41));
        assert!(state.has_made_up_for(1) && state.is_due_for(2));
        state.until = Some(at(20));
        state.walk(at(42), OVERLAP, true);
        assert!(state.is_whole, "what was deleted is looked for next");
    }

    #[test]
    fn what_a_feed_kept_no_longer_is_read_from_the_start() {
        let state = after(3);
        assert!(!state.is_forgotten(at(91), Some(3600)));
        assert!(state.is_forgotten(at(92), Some(3600)));
        assert!(!state.is_forgotten(at(92), None));
    }
}
