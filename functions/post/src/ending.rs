//! How the work on a partition ends, for now.

use aws::{Lease, Sent};
use jiff::Timestamp;

/// How a piece of a partition, or all of it, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everything is settled, or nothing was pending.
    Settled,
    /// The function would end before another call to Odoo could.
    OutOfTime,
    /// Odoo could not be reached, or was too busy: leave it alone until then.
    Rest(Timestamp),
    /// Something was sent and no answer kept: nobody may send again before the lease has ended.
    Uncertain,
}

impl Ending {
    /// Of two endings, the one that has to be respected: what may be in Odoo must not be sent
    /// again, whatever else happened beside it.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Uncertain, _) | (_, Self::Uncertain) => Self::Uncertain,
            (Self::Rest(one), Self::Rest(other)) => Self::Rest(one.max(other)),
            (Self::Rest(until), _) | (_, Self::Rest(until)) => Self::Rest(until),
            (Self::OutOfTime, _) | (_, Self::OutOfTime) => Self::OutOfTime,
            (Self::Settled, Self::Settled) => Self::Settled,
        }
    }
}

/// What writing answers down came to.
#[derive(Debug)]
pub struct Settlement {
    /// How it ended.
    pub ending: Ending,
    /// What was sent without success, and the answer.
    pub failed: Option<(Sent, String)>,
    /// When something went into Odoo.
    pub posted_at: Option<Timestamp>,
}

impl Settlement {
    /// Nothing was to be written.
    pub const fn nothing() -> Self {
        Self {
            ending: Ending::Settled,
            failed: None,
            posted_at: None,
        }
    }

    /// Adds it to what the lease remembers.
    pub fn tell(self, lease: &mut Lease) -> Ending {
        if let Some((sent, answer)) = &self.failed {
            lease.tries.failed(sent, answer);
        }
        lease.posted_at = self.posted_at.or(lease.posted_at);
        self.ending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_uncertain_outcome_is_never_outdone_by_another_beside_it() {
        let (soon, later) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        let rest = Ending::Rest(soon);
        assert_eq!(Ending::Uncertain.and(rest), Ending::Uncertain);
        assert_eq!(rest.and(Ending::Uncertain), Ending::Uncertain);
        assert_eq!(Ending::OutOfTime.and(rest), rest);
        assert_eq!(Ending::Settled.and(rest), rest);
        let both = Ending::Rest(later).and(rest);
        assert_eq!(both, Ending::Rest(later), "the longer rest counts");
        assert_eq!(Ending::Settled.and(Ending::Settled), Ending::Settled);
    }
}
