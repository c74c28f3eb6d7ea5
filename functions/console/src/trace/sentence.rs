//! One sentence that answers the question: is it there, and if not, why not?

use domain::command::{Command, LogTime};
use domain::record::Posted;
use domain::{Record, Reference, State};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::known::Known;
use super::lineage::{Entry, Invoice, Lineage, linked_deal};
use super::words::{lower, payment, state, turn, what};

/// What is needed to speak.
pub struct Speaker<'a> {
    /// The sources that are PSAs.
    pub psa: &'a [&'a str],
    /// Now.
    pub now: Timestamp,
}

impl Speaker<'_> {
    /// The sentence about a fact in its chain.
    pub fn sentence(&self, lineage: &Lineage, asked: &Reference) -> String {
        let name = what(asked, self.psa);
        let Some(known) = lineage.find(asked).filter(|known| known.is_known()) else {
            return format!("{name} is not known: no delivery named it.");
        };
        let Some(newest) = known.newest() else {
            let open = known.exceptions.first();
            let why = open.map(|open| format!(": {}", open.items.join("; ")));
            return format!("{name} was not taken{}.", why.unwrap_or_default());
        };
        let said = match (known.posted(), newest.state) {
            (Some(posted), State::Held) => {
                let owner = known.owner().unwrap_or("a person");
                let there = self.there(lineage, known, posted);
                format!("{there}; it changed in its source afterwards, and {owner} must decide")
            }
            (Some(posted), State::Waiting) => {
                let there = self.there(lineage, known, posted);
                format!("{there}; a newer version of it is under way")
            }
            (Some(posted), _) => self.there(lineage, known, posted),
            (None, _) => self.not_there(lineage, known, newest),
        };
        format!("{name} {said}.")
    }

    /// Something of it is in Odoo.
    fn there(&self, lineage: &Lineage, known: &Known, record: &Record) -> String {
        let place = record.posted.as_ref();
        match known.reference.entity() {
            "time_entry" => self.time_there(lineage, known, place),
            "deal" => self.deal_there(lineage, place),
            "project" if self.psa.contains(&known.reference.system()) => {
                let deal = linked_deal(known).map(|deal| what(&deal, self.psa));
                let deal = deal.map_or_else(|| "its contract".to_owned(), |deal| lower(&deal));
                format!("is linked to {deal}{}", in_brackets(place, None))
            }
            "invoice" | "invoice_links" | "invoice_posting" | "invoice_status" => {
                let of_it = |invoice: &&Invoice| {
                    let steps = invoice.steps();
                    steps.iter().any(|step| step.reference == known.reference)
                };
                let invoice = lineage.invoices.iter().find(of_it);
                invoice.map_or_else(
                    || state(known, self.psa, self.now),
                    |invoice| self.invoice_stands(invoice),
                )
            }
            _ => format!(
                "is {}{}",
                state(known, self.psa, self.now),
                in_brackets(place, None)
            ),
        }
    }

    fn time_there(&self, lineage: &Lineage, known: &Known, place: Option<&Posted>) -> String {
        let order = order_name(lineage).map(|name| format!("order {name}"));
        let there = format!("is in Odoo{}", in_brackets(place, order.as_deref()));
        let entry = lineage
            .psa
            .iter()
            .flat_map(|project| &project.entries)
            .find(|entry| entry.known.reference == known.reference);
        match entry {
            Some(entry) => format!("{there}, {}", self.billed(lineage, entry)),
            None => there,
        }
    }

    /// Whether an entry is invoiced, and if not, why not.
    fn billed(&self, lineage: &Lineage, entry: &Entry) -> String {
        let Some(unit) = &entry.unit else {
            return "not invoiced: what it bills is not noted yet".to_owned();
        };
        if unit.quantity.is_zero() {
            let why = entry.known.posted().and_then(unbilled_because);
            return format!(
                "not invoiced: {}",
                why.unwrap_or_else(|| "none of its hours is billable".to_owned())
            );
        }
        let on: Decimal = entry.allocations.iter().map(|a| a.quantity).sum();
        if on.is_zero() {
            return match entry.allocations.is_empty() {
                true => "not invoiced: no billing run has taken it yet".to_owned(),
                false => "not invoiced any more: it was credited".to_owned(),
            };
        }
        let invoices = lineage.invoices.iter().filter(|invoice| {
            let on_it = |a: &domain::billing::Allocation| a.invoice == invoice.draft.reference;
            entry.allocations.iter().any(on_it)
        });
        let said: Vec<String> = invoices
            .map(|invoice| match invoice.number() {
                Some(number) => format!("billed on {number}{}", paid(invoice)),
                None => format!(
                    "taken into {}, which {}",
                    lower(&what(&invoice.draft.reference, self.psa)),
                    self.invoice_stands(invoice)
                ),
            })
            .collect();
        said.join("; ")
    }

    fn deal_there(&self, lineage: &Lineage, place: Option<&Posted>) -> String {
        let name = place.and_then(|place| place.name.as_deref());
        let named = name.map(|name| format!(" as {name}")).unwrap_or_default();
        let confirmed = |known: &Known| known.posted().is_some();
        let signed = match lineage.signature.as_ref().is_some_and(confirmed) {
            true => "confirmed",
            false => "a draft until it is signed",
        };
        let invoices: Vec<String> = lineage
            .invoices
            .iter()
            .map(|invoice| match invoice.number() {
                Some(number) => format!("{number}{}", paid(invoice)),
                None => format!(
                    "{}, which {}",
                    lower(&what(&invoice.draft.reference, self.psa)),
                    self.invoice_stands(invoice)
                ),
            })
            .collect();
        let invoices = match invoices.is_empty() {
            true => "no invoice yet".to_owned(),
            false => format!("invoiced: {}", invoices.join("; ")),
        };
        let place = in_brackets(place.map(without_name).as_ref(), None);
        format!("is in Odoo{named}{place}, {signed}, {invoices}")
    }

    /// How far an invoice is: the first step that is not done says it.
    fn invoice_stands(&self, invoice: &Invoice) -> String {
        if let Some(posted) = invoice.posting.posted() {
            let place = in_brackets(posted.posted.as_ref(), None);
            return format!("is posted in Odoo{place}{}", paid(invoice));
        }
        for step in [&invoice.draft, &invoice.links, &invoice.posting] {
            let Some(newest) = step.newest().filter(|newest| !newest.state.is_in_odoo()) else {
                continue;
            };
            return match &newest.reason {
                Some(reason) if newest.state == State::Held => {
                    let reason = without_name_of(reason, step, self.psa);
                    format!("is {}: {reason}", state(step, self.psa, self.now))
                }
                _ => format!("is not posted yet: {}", state(step, self.psa, self.now)),
            };
        }
        "is frozen and not drafted yet".to_owned()
    }

    /// Nothing of it is in Odoo.
    fn not_there(&self, lineage: &Lineage, known: &Known, newest: &Record) -> String {
        let reason = newest
            .reason
            .as_deref()
            .map(|reason| without_name_of(reason, known, self.psa));
        let because = reason
            .map(|reason| format!(": {reason}"))
            .unwrap_or_default();
        match newest.state {
            State::Waiting => match newest.waits_for {
                // Nothing is known of a flow's turn but that it comes.
                Some(_) if newest.is_held_back() => state(known, self.psa, self.now),
                Some(_) => self.chain_of_waits(&lineage.waits),
                None => is(&turn(&known.turn(self.now))),
            },
            State::Held => match known.owner() {
                Some(owner) => format!("is held for {owner}{because}"),
                None => format!("is held{because}"),
            },
            State::Rejected => format!("will not be posted{because}"),
            State::Claimed
            | State::Uncertain
            | State::Superseded
            | State::Posted
            | State::Unchanged => format!("is {}", newest.state.name()),
        }
    }

    fn chain_of_waits(&self, waits: &[Known]) -> String {
        let mut said = String::new();
        for (position, awaited) in waits.iter().enumerate() {
            let name = lower(&what(&awaited.reference, self.psa));
            said.push_str(if position == 0 { "" } else { ", which " });
            said.push_str(&format!("waits for {name}"));
        }
        let Some(last) = waits.last() else {
            return "waits".to_owned();
        };
        let end = match (last.newest(), last.exceptions.first()) {
            (_, Some(open)) => format!(", which waits for {}: {}", open.owner, open.sentence),
            (None, None) => ", which no delivery has named yet".to_owned(),
            (Some(newest), None) => match (newest.state, &newest.reason) {
                (State::Waiting, _) => {
                    format!(", which {}", is(&turn(&last.turn(self.now))))
                }
                (_, Some(reason)) => {
                    format!(", which is {}: {reason}", state(last, self.psa, self.now))
                }
                (_, None) => format!(", which is {}", state(last, self.psa, self.now)),
            },
        };
        said.push_str(&end);
        said
    }
}

/// The order's number in Odoo.
pub fn order_name(lineage: &Lineage) -> Option<&str> {
    let record = lineage.deal.as_ref()?.posted()?;
    record.posted.as_ref()?.name.as_deref()
}

/// "is" before words that are no verb.
fn is(words: &str) -> String {
    match words.starts_with("waits") {
        true => words.to_owned(),
        false => format!("is {words}"),
    }
}

/// How far a posted invoice is paid, as the end of a sentence.
pub fn paid(invoice: &Invoice) -> String {
    let seen = invoice
        .status
        .newest()
        .and_then(|record| record.observed.as_ref());
    seen.map(|seen| format!(", {}", payment(&seen.payment_state)))
        .unwrap_or_default()
}

fn unbilled_because(record: &Record) -> Option<String> {
    match &record.command {
        Some(Command::LogTime(LogTime {
            unbilled_because, ..
        })) => unbilled_because.clone(),
        _ => None,
    }
}

fn without_name(place: &Posted) -> Posted {
    Posted {
        name: None,
        ..place.clone()
    }
}

/// ` (sale.order 1)`, with more in the brackets where there is more to say.
fn in_brackets(place: Option<&Posted>, more: Option<&str>) -> String {
    let place = place.filter(|place| !place.is_here());
    let place = place.map(|place| format!("{} {}", place.model, place.id));
    let parts: Vec<&str> = place.as_deref().into_iter().chain(more).collect();
    match parts.is_empty() {
        true => String::new(),
        false => format!(" ({})", parts.join(", ")),
    }
}

/// A reason often begins with what it is about; said after that name it begins with "it".
fn without_name_of(reason: &str, known: &Known, psa: &[&str]) -> String {
    let names = [what(&known.reference, psa), known.reference.to_string()];
    let rest = names.iter().find_map(|name| reason.strip_prefix(name));
    match rest {
        Some(rest) => format!("it{rest}"),
        None => reason.to_owned(),
    }
}
