//! The rules. Only this module makes commands.
//!
//! Every function here is pure: a fact, the book, and what else is known go in; a verdict comes
//! out. All objections to a fact are reported together, so that nobody has to fix one to learn of
//! the next.

mod account;
mod amendment;
mod assignment;
mod cap;
mod changed;
mod contract_added;
mod customer;
mod deal;
mod deal_agreed;
#[cfg(test)]
mod deal_customer_tests;
mod deal_earned;
mod deal_lines;
mod deal_lost;
mod deal_plan;
mod deal_psa;
mod deal_rates;
mod deal_taxes;
#[cfg(test)]
pub(crate) mod deal_tests;
mod invoice;
mod link;
mod missing;
mod order;
mod project;
mod project_maker;
mod project_state;
mod tax;
mod time;
mod units;
mod unposted;

pub use amendment::{Amendment, LineChange, LineInOdoo, OrderInOdoo, amend};
pub use assignment::{UNBILLABLE, judge_assignment, unbillable};
pub use cap::{Delivered, over_cap};
pub use changed::{CHANGED_AFTER_POSTING, changed_after_billing, changed_after_posting};
pub use contract_added::{
    Added, CUSTOMER_WORK, Missing, ONLY_CONTRACT, OfCustomer, add_contract, link_of_customers_work,
    several_contracts,
};
pub use customer::{Candidate, Found, Sought, Suspect, duplicate_suspect, judge_candidates};
pub use deal::judge_deal;
pub use deal_lost::{Contracted, judge_not_won, won_again};
pub use deal_plan::confirm_contract;
pub use invoice::{Unbilled, plan_invoice, steps_of, unbilled};
pub use link::confirm_link;
pub use order::{Standing, predecessor, standing};
pub use project::judge_project;
pub use project_maker::{keep_project_maker, says_who_makes_projects};
pub use project_state::{PROJECT_CLOSED, after_closing, judge_project_state, state_of};
pub use tax::{tax_mismatch, taxed_otherwise};
pub use time::judge_time;
pub use units::units_of;
pub use unposted::{judge_unposted, judge_withdrawn};

use crate::command::Command;
use crate::record::History;
use jiff::Timestamp;

use crate::{Exception, ExceptionClass, LaneShard, Record, Reference, Version};

/// What the rules say about a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Go ahead, in this order.
    Go(Vec<Planned>),
    /// A rule holds it for now; it changes when the fact changes.
    Hold {
        /// One sentence for people.
        reason: String,
    },
    /// It will not be posted.
    Reject {
        /// One sentence for people.
        reason: String,
    },
    /// A person must decide.
    Except(Objection),
    /// Not something we act on.
    Nothing {
        /// Why, as a constant, so that it can be counted.
        why: &'static str,
    },
}

/// Something to post under a reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The name it is posted under.
    pub reference: Reference,
    /// The version of the fact it comes from.
    pub version: Version,
    /// The pending partition it belongs to.
    pub shard: LaneShard,
    /// The reference that must be posted first.
    pub waits_for: Option<Reference>,
    /// What to do in Odoo.
    pub command: Command,
}

impl Planned {
    /// The record that it becomes. `correlation` and `received_at` are those of the delivery, run or
    /// decision that brought it; `book` is the version that judged it, `now`.
    pub fn record(
        self,
        correlation: &str,
        book: &str,
        received_at: Timestamp,
        now: Timestamp,
    ) -> Result<Record, serde_json::Error> {
        let fingerprint = self.command.fingerprint()?;
        let awaited = self.waits_for.as_ref();
        Ok(Record {
            reason: awaited.map(|awaited| format!("waits for {awaited}")),
            command: Some(self.command),
            waits_for: self.waits_for,
            correlation: correlation.to_owned(),
            book: book.to_owned(),
            history: History::new(received_at, now),
            ..Record::new(self.reference, self.version, fingerprint, self.shard, now)
        })
    }
}

/// Why a person must decide. It becomes an [`crate::Exception`] with time and correlation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// A stable code.
    pub code: &'static str,
    /// What kind of trouble.
    pub class: ExceptionClass,
    /// One sentence in business words, without personal data.
    pub sentence: String,
    /// Every single thing that is wrong.
    pub items: Vec<String>,
    /// What the owner can do.
    pub fix: String,
    /// The role that must act.
    pub owner: &'static str,
}

impl Objection {
    /// The exception that it becomes.
    pub fn raise(
        self,
        reference: Reference,
        version: Version,
        raised_at: Timestamp,
        correlation: String,
    ) -> Exception {
        Exception {
            reference,
            version,
            code: self.code.to_owned(),
            class: self.class,
            sentence: self.sentence,
            items: self.items,
            fix: self.fix,
            owner: self.owner.to_owned(),
            raised_at,
            correlation,
        }
    }
}
