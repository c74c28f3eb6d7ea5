//! What a book says of something that was recorded.

use std::sync::Arc;

use aws::Recorded;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::book::Book;
use domain::delivery::Delivery;
use domain::event::Event;
use domain::judge::{Verdict, judge_deal, judge_time};
use serde::Serialize;
use sources::{Message, Reading};

use crate::trace::fields::{self, Field};

/// Two books.
pub struct Pair {
    /// The one that is valid.
    pub before: Arc<Book>,
    /// The one that is tried.
    pub after: Book,
}

/// What both books say of one fact.
pub struct Verdicts {
    /// The older one; none when it does not take the fact.
    pub before: Option<Verdict>,
    /// The newer one.
    pub after: Option<Verdict>,
}

/// What a book says of a fact, for people.
#[derive(Serialize)]
pub struct Judged {
    /// `goes to Odoo`, `held`, `rejected`, `asked` or `not taken`.
    outcome: &'static str,
    /// Why it does not go.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    /// What it would write, without anything about a person.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    writes: Vec<Vec<Field>>,
}

/// The facts of something that was recorded that the rules of a book decide about.
pub fn both(books: &Pair, recorded: &Recorded) -> Vec<(Event, Verdicts)> {
    let before = facts(&books.before, recorded);
    let mut after = facts(&books.after, recorded);
    let mut pairs = Vec::new();
    for event in before {
        let same = |other: &Event| is_same(&event, other);
        let newer = after.iter().position(same).map(|at| after.remove(at));
        let verdicts = Verdicts {
            before: judge(&event, &books.before),
            after: newer.and_then(|newer| judge(&newer, &books.after)),
        };
        pairs.push((event, verdicts));
    }
    let only_after = after.into_iter().map(|event| {
        let after = judge(&event, &books.after);
        let verdicts = Verdicts {
            before: None,
            after,
        };
        (event, verdicts)
    });
    pairs.extend(only_after);
    pairs.retain(|(_, verdicts)| verdicts.before.is_some() || verdicts.after.is_some());
    pairs
}

fn is_same(one: &Event, other: &Event) -> bool {
    one.reference() == other.reference() && one.version() == other.version()
}

/// None where no rule of a book decides: what then happens depends on what is in Odoo.
fn judge(event: &Event, book: &Book) -> Option<Verdict> {
    match event {
        Event::Deal(deal) => Some(judge_deal(deal, book)),
        Event::TimeEntry(entry) => Some(judge_time(entry, book)),
        Event::Project(_)
        | Event::Removed(_)
        | Event::Withdrawn(_)
        | Event::Expense(_)
        | Event::Person(_)
        | Event::TimeOff(_)
        | Event::Ticket(_)
        | Event::InvoiceStatus(_) => None,
    }
}

/// The facts of something that was recorded, as a book reads them.
fn facts(book: &Book, recorded: &Recorded) -> Vec<Event> {
    match recorded {
        Recorded::Fetched { event, .. } => vec![(**event).clone()],
        Recorded::Delivery(delivery) => read(book, delivery),
    }
}

/// The events that a delivery itself tells. What cannot be read tells none.
fn read(book: &Book, delivery: &Delivery) -> Vec<Event> {
    let Some(source) = sources::source(&delivery.source) else {
        return Vec::new();
    };
    let Ok(body) = BASE64_STANDARD.decode(&delivery.body) else {
        return Vec::new();
    };
    let message = Message {
        account: &delivery.account,
        received_at: delivery.received_at,
        headers: &delivery.headers,
        body: &body,
    };
    let readings = sources::read(source, book, &message).unwrap_or_default();
    let event = |reading| match reading {
        Reading::Event(event) => Some(event),
        Reading::Fetch(_) | Reading::Missed(_) | Reading::NotForUs(_) | Reading::Unreadable(_) => {
            None
        }
    };
    readings.into_iter().filter_map(event).collect()
}

/// A verdict for people.
pub fn told(verdict: &Option<Verdict>) -> Judged {
    let (outcome, because) = match verdict {
        None => ("not taken", None),
        Some(Verdict::Nothing { why }) => ("not taken", Some((*why).to_owned())),
        Some(Verdict::Go(_)) => ("goes to Odoo", None),
        Some(Verdict::Hold { reason }) => ("held", Some(reason.clone())),
        Some(Verdict::Reject { reason }) => ("rejected", Some(reason.clone())),
        Some(Verdict::Except(objection)) => ("asked", Some(objection.items.join("; "))),
    };
    let writes = match verdict {
        Some(Verdict::Go(plan)) => plan.iter().map(|one| fields::of(&one.command)).collect(),
        _ => Vec::new(),
    };
    Judged {
        outcome,
        because,
        writes,
    }
}
