//! What things and states are called in front of people.

use domain::command::Command;
use domain::{Hold, Record, Reference, State};
use jiff::Timestamp;

use super::known::{Known, Turn};

/// A fact by the name that people know it under. A PSA has projects of its own: what is called
/// only `project` is the contract's project in Odoo.
pub fn what(reference: &Reference, psa: &[&str]) -> String {
    if let Some((hold, flow)) = Hold::read(reference) {
        return match hold {
            Hold::Schedule => format!("The next turn of the flow {flow}"),
            Hold::Off | Hold::Shadow | Hold::Draft => format!("The flow {flow} ({})", hold.name()),
        };
    }
    let id = reference.id();
    match reference.entity() {
        "invoice_shadow" => format!("Invoice {id} in shadow"),
        "deal" => format!("Deal {id}"),
        "company" => format!("Customer {id}"),
        "signature" => format!("Signature of deal {id}"),
        "project" if psa.contains(&reference.system()) => format!("PSA project {id}"),
        "project" => format!("Project of deal {id}"),
        "project_state" => format!("State of PSA project {id}"),
        "customer_work" => format!("PSA work without a project {id}"),
        "time_entry" => format!("Time entry {id}"),
        "assignment" => format!("Assignment {id}"),
        "invoice" => format!("Invoice {id}"),
        "invoice_links" => format!("Time of invoice {id}"),
        "invoice_posting" => format!("Posting of invoice {id}"),
        "invoice_status" => format!("Payment of invoice {id}"),
        "delivery" => format!("Delivery {id}"),
        entity => format!("{entity} {id}"),
    }
}

/// Where a fact stands, in a few words.
pub fn state(known: &Known, psa: &[&str], now: Timestamp) -> String {
    let Some(newest) = known.newest() else {
        return match known.exceptions.is_empty() {
            true => "not known".to_owned(),
            false => "not taken".to_owned(),
        };
    };
    match newest.state {
        State::Posted | State::Unchanged => done(newest),
        State::Waiting => match &newest.waits_for {
            Some(awaited) => format!("waits for {}", lower(&what(awaited, psa))),
            None => turn(&known.turn(now)),
        },
        State::Held if known.posted().is_some() => "in Odoo; a later change is held".to_owned(),
        State::Held if newest.is_held_back() => {
            let reason = newest.reason.as_deref();
            format!("held: {}", reason.unwrap_or("by its flow"))
        }
        State::Held => match known.owner() {
            Some(owner) => format!("held for {owner}"),
            None => "held".to_owned(),
        },
        State::Rejected => "will not be posted".to_owned(),
        State::Claimed | State::Uncertain | State::Superseded => newest.state.name().to_owned(),
    }
}

/// What a posted record is now, by what was done.
fn done(record: &Record) -> String {
    let word = match (&record.command, &record.observed) {
        (None, Some(seen)) => return payment(&seen.payment_state),
        (Some(Command::ConfirmOrder(_)), _) => "confirmed in Odoo",
        (Some(Command::CancelOrder(_)), _) => "cancelled in Odoo",
        (Some(Command::LinkProject(_)), _) => "linked to its contract",
        (Some(Command::FollowProject(_)), _) => "followed in Odoo",
        (Some(Command::CreatePsaProject(_)), _) => "handed to its PSA",
        (Some(Command::DraftInvoice(_)), _) => "drafted and compared",
        (Some(Command::LinkInvoicedTime(_)), _) => "linked to it",
        (Some(Command::PostInvoice(_)), _) => "posted in Odoo",
        (Some(Command::KeepAssignment(_)), _) => "kept here",
        (
            Some(
                Command::CreateCustomer(_)
                | Command::CreateOrder(_)
                | Command::CreateProject(_)
                | Command::LogTime(_),
            )
            | None,
            _,
        ) => "in Odoo",
    };
    word.to_owned()
}

/// Odoo's word for a payment, in ours.
pub fn payment(state: &str) -> String {
    match state {
        "paid" => "paid".to_owned(),
        "in_payment" => "paid, not reconciled yet".to_owned(),
        "partial" => "partly paid".to_owned(),
        "not_paid" => "not paid".to_owned(),
        "reversed" => "reversed by a credit note".to_owned(),
        other => other.to_owned(),
    }
}

/// Whose turn it is, for something that only waits for Odoo.
pub fn turn(turn: &Turn) -> String {
    match turn {
        Turn::Next { partition } => format!("pending in {partition}"),
        Turn::Sending => "being sent to Odoo now".to_owned(),
        Turn::Resting { until, answer } => {
            let answer = answer.as_ref().map(|answer| format!(" ({answer})"));
            format!(
                "waits for Odoo, which is left alone until {}{}",
                at(*until),
                answer.unwrap_or_default()
            )
        }
        Turn::Uncertain { sent_at } => format!(
            "uncertain: sent at {}, and no answer was kept",
            at(*sent_at)
        ),
    }
}

/// A time as people read it.
pub fn at(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// The same words inside a sentence.
pub fn lower(words: &str) -> String {
    match words.strip_prefix("PSA") {
        Some(_) => words.to_owned(),
        None => {
            let mut characters = words.chars();
            let first = characters.next().map(|first| first.to_ascii_lowercase());
            first.into_iter().chain(characters).collect()
        }
    }
}
