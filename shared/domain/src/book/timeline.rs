//! Which version of the book is valid when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Every decision about which version is valid, in the order in which they were taken.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Timeline {
    /// The decisions, the newest last.
    pub decisions: Vec<Decision>,
}

/// From an instant on, a version is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The version.
    pub version: String,
    /// What happened then or later is judged by it.
    pub from: Timestamp,
    /// Who decided, as IAM knows them.
    pub by: String,
    /// When they decided.
    pub at: Timestamp,
    /// Whether it takes an earlier decision back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rolls_back: bool,
}

impl Timeline {
    /// What is valid for what happened at this instant: by the newest decision that reaches back to
    /// it. What happened before any book was valid is judged by the one that reaches back furthest,
    /// because every event needs one.
    pub fn at(&self, instant: Timestamp) -> Option<&Decision> {
        let reaches = |decision: &&Decision| decision.from <= instant;
        let newest = self.decisions.iter().rev().find(reaches);
        newest.or_else(|| self.decisions.iter().min_by_key(|decision| decision.from))
    }

    /// The decisions that count for nothing once `from` is decided: all that begin then or later.
    pub fn replaced_by(&self, from: Timestamp) -> impl Iterator<Item = &Decision> {
        let newest = self.decisions.iter().enumerate();
        newest
            .filter(move |(n, decision)| decision.from >= from && !self.is_covered(*n))
            .map(|(_, decision)| decision)
    }

    /// The version that was valid before the one that is valid at this instant.
    pub fn before(&self, instant: Timestamp) -> Option<&str> {
        let now = self.at(instant)?;
        let earlier = self.decisions.iter().rev().filter(|decision| {
            !decision.rolls_back && decision.at <= now.at && decision.from <= instant
        });
        let mut others = earlier.filter(|decision| decision.version != now.version);
        others.next().map(|decision| decision.version.as_str())
    }

    /// Whether a later decision reaches back to the beginning of the n-th.
    fn is_covered(&self, n: usize) -> bool {
        let Some((of, later)) = self.decisions.get(n..).and_then(<[_]>::split_first) else {
            return false;
        };
        later.iter().any(|decision| decision.from <= of.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decided one after the other, valid from these seconds on.
    fn timeline(decisions: &[(&str, i64)]) -> Timeline {
        let decision = |(n, (version, from)): (usize, &(&str, i64))| Decision {
            version: (*version).to_owned(),
            from: second(*from),
            by: "somebody".to_owned(),
            at: second(100 + i64::try_from(n).unwrap()),
            rolls_back: false,
        };
        Timeline {
            decisions: decisions.iter().enumerate().map(decision).collect(),
        }
    }

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn at(timeline: &Timeline, instant: i64) -> Option<&str> {
        let decision = timeline.at(second(instant));
        decision.map(|decision| decision.version.as_str())
    }

    #[test]
    fn what_happened_is_judged_by_what_was_valid_then() {
        let timeline = timeline(&[("v3", 0), ("v4", 50)]);
        assert_eq!(at(&timeline, 49), Some("v3"));
        assert_eq!(at(&timeline, 50), Some("v4"));
        assert_eq!(at(&timeline, -9), Some("v3"), "nothing is older");
        assert_eq!(at(&Timeline::default(), 1), None);
    }

    #[test]
    fn a_later_decision_counts_from_where_it_reaches_back_to() {
        let timeline = timeline(&[("v3", 0), ("v5", 80), ("v4", 30)]);
        assert_eq!(at(&timeline, 29), Some("v3"));
        assert_eq!(at(&timeline, 30), Some("v4"));
        assert_eq!(at(&timeline, 90), Some("v4"), "v5 was decided before");
        let replaced: Vec<&str> = timeline
            .replaced_by(second(20))
            .map(|decision| decision.version.as_str())
            .collect();
        assert_eq!(replaced, ["v4"], "v5 counted for nothing already");
    }

    #[test]
    fn before_a_version_is_the_one_that_it_took_the_place_of() {
        let mut timeline = timeline(&[("v3", 0), ("v4", 50)]);
        assert_eq!(timeline.before(second(120)), Some("v3"));
        assert_eq!(timeline.before(second(40)), None);
        let back = Decision {
            version: "v3".to_owned(),
            from: second(130),
            by: "somebody".to_owned(),
            at: second(130),
            rolls_back: true,
        };
        timeline.decisions.push(back);
        assert_eq!(at(&timeline, 131), Some("v3"));
        assert_eq!(
            timeline.before(second(131)),
            Some("v4"),
            "which was valid before"
        );
    }
}
