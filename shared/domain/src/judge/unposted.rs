//! What is kept and not posted: kinds of fact that have no flow yet, and approvals that ended.

use super::Verdict;
use crate::Reference;
use crate::event::Withdrawn;

/// A fact of a kind that nothing is posted for yet. It is kept, so that nobody wonders where it is.
pub fn judge_unposted(fact: &Reference) -> Verdict {
    let kind = fact.entity().replace('_', " ");
    let id = fact.id();
    Verdict::Hold {
        reason: format!("Nothing is posted for a {kind} yet; {kind} {id} is kept here"),
    }
}

/// An approval that its source took back. What was posted meanwhile is never undone by itself.
pub fn judge_withdrawn(withdrawn: &Withdrawn) -> Verdict {
    let fact = &withdrawn.reference;
    let (kind, id) = (fact.entity().replace('_', " "), fact.id());
    let status = &withdrawn.status;
    Verdict::Hold {
        reason: format!("The approval of {kind} {id} was taken back in its source ({status})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Version;

    fn reason(verdict: Verdict) -> String {
        let Verdict::Hold { reason } = verdict else {
            panic!("{verdict:?}");
        };
        reason
    }

    #[test]
    fn what_has_no_flow_is_held_and_says_so() {
        let ticket = Reference::new("zendesk", "1", "ticket", "35436");
        assert_eq!(
            reason(judge_unposted(&ticket)),
            "Nothing is posted for a ticket yet; ticket 35436 is kept here"
        );
    }

    #[test]
    fn an_approval_that_ended_is_held_and_nothing_is_undone() {
        let withdrawn = Withdrawn {
            reference: Reference::new("clockify", "w", "time_entry", "7"),
            version: Version(1),
            status: "WITHDRAWN_APPROVAL".to_owned(),
        };
        assert_eq!(
            reason(judge_withdrawn(&withdrawn)),
            "The approval of time entry 7 was taken back in its source (WITHDRAWN_APPROVAL)"
        );
    }
}
