//! A deal that is not won, although it is a contract already.

use super::{Objection, Planned, Verdict};
use crate::book::Book;
use crate::command::{CancelOrder, Command, CreateOrder};
use crate::event::Deal;
use crate::{ExceptionClass, Lane, LaneShard};

/// How far a contract has come, as the ledger knows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Contracted<'a> {
    /// Nothing is in Odoo.
    No,
    /// A draft order.
    Draft(&'a CreateOrder),
    /// A confirmed order: work may be done on it.
    Confirmed,
    /// Its order was cancelled because the deal was lost.
    Cancelled,
}

/// What becomes of a deal that is not won: nothing when it is no contract; its draft is cancelled
/// when it is lost; a confirmed order is for people.
pub fn judge_not_won(deal: &Deal, book: &Book, contracted: Contracted<'_>) -> Verdict {
    let crm = book.crm(deal.reference.system(), deal.reference.account());
    let is_lost = crm.is_some_and(|crm| crm.lost_stages.contains(&deal.stage));
    let is_unmapped = crm.is_some_and(|crm| {
        let mut known = crm.open_stages.iter().chain(&crm.lost_stages);
        !crm.open_stages.is_empty() && !known.any(|stage| *stage == deal.stage)
    });
    match contracted {
        Contracted::Draft(order) if is_lost => Verdict::Go(vec![Planned {
            reference: deal.reference.sibling("cancellation"),
            version: deal.version,
            shard: LaneShard::of(Lane::Master, &deal.reference),
            waits_for: Some(deal.reference.clone()),
            command: Command::CancelOrder(CancelOrder {
                company: order.company.clone(),
                order: deal.reference.clone(),
            }),
        }]),
        Contracted::Confirmed => Verdict::Except(no_longer_won(deal)),
        Contracted::No | Contracted::Draft(_) | Contracted::Cancelled if is_unmapped => {
            Verdict::Except(unmapped_stage(deal))
        }
        Contracted::No | Contracted::Draft(_) | Contracted::Cancelled => Verdict::Nothing {
            why: "deal is not won",
        },
    }
}

/// A deal that is won again after its order was cancelled.
pub fn won_again(deal: &Deal) -> Objection {
    Objection {
        code: "won_again",
        class: ExceptionClass::BusinessRule,
        sentence: format!(
            "Deal {} is won again, and its order is cancelled in Odoo",
            deal.reference.id()
        ),
        items: vec!["a cancelled order is not made a contract again by itself".to_owned()],
        fix: "Copy the deal in the CRM and win the copy: it becomes an order of its own."
            .to_owned(),
        owner: "sales",
    }
}

fn unmapped_stage(deal: &Deal) -> Objection {
    Objection {
        code: "unmapped_status",
        class: ExceptionClass::DataQuality,
        sentence: format!("Deal {} has an unmapped stage", deal.reference.id()),
        items: vec![format!("stage: {:?}", deal.stage)],
        fix: "Say in the book under crm whether it is one of won_stages, lost_stages or open_stages, \
              then save the deal once more in the CRM."
            .to_owned(),
        owner: "steward",
    }
}

fn no_longer_won(deal: &Deal) -> Objection {
    Objection {
        code: "deal_no_longer_won",
        class: ExceptionClass::BusinessRule,
        sentence: format!(
            "Deal {} is no longer won, and its order is confirmed in Odoo",
            deal.reference.id()
        ),
        items: vec![format!("stage: {}", deal.stage)],
        fix: "Decide in Odoo what becomes of the order and of the work that is done, or put the deal back in the CRM."
            .to_owned(),
        owner: "finance",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::tests::demo;
    use crate::judge::deal_tests::{complete, order_of};

    #[test]
    fn a_lost_draft_is_cancelled_and_a_confirmed_order_is_for_people() {
        let mut book = demo();
        book.crm.first_mut().lost_stages = vec!["closedlost".to_owned()];
        let order = order_of(&complete());
        let judged = |book: &Book, stage: &str, contracted| {
            let deal = Deal {
                stage: stage.to_owned(),
                ..complete()
            };
            match judge_not_won(&deal, book, contracted) {
                Verdict::Go(plan) => plan[0].command.name(),
                Verdict::Except(objection) => objection.code,
                Verdict::Nothing { .. } => "nothing",
                Verdict::Hold { reason } | Verdict::Reject { reason } => panic!("{reason}"),
            }
        };
        let draft = Contracted::Draft(&order);
        let any = judged(&book, "renegotiation", Contracted::No);
        assert_eq!(any, "nothing", "a book without open stages knows them all");
        book.crm.first_mut().open_stages = vec!["contractsent".to_owned()];
        for (stage, contracted, expected) in [
            ("renegotiation", Contracted::No, "unmapped_status"),
            ("renegotiation", Contracted::Confirmed, "deal_no_longer_won"),
            ("closedlost", draft, "cancel_order"),
            ("closedlost", Contracted::Confirmed, "deal_no_longer_won"),
            ("closedlost", Contracted::No, "nothing"),
            ("closedlost", Contracted::Cancelled, "nothing"),
            ("contractsent", draft, "nothing"),
            ("contractsent", Contracted::Confirmed, "deal_no_longer_won"),
        ] {
            assert_eq!(
                judged(&book, stage, contracted),
                expected,
                "{stage} {contracted:?}"
            );
        }
    }
}
