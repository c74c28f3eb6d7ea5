//! An event in our own words: `event` (or `type`) says which, `id` and `changed_at` name the record and its
//! state, and the rest are its fields by the names that they have with us.

use domain::event::{
    Assignment, BillingOption, Coded, Event, Expense, Person, Personal, PsaProject, Standing,
    Ticket, TimeEntry, TimeOff, Withdrawn,
};
use domain::{Reference, Version};

use crate::json::{Object, Unreadable};
use crate::reading::{Message, OneReading, Reading, removed, time};
use crate::work::{self, UNDECIDED};

/// Reads one event, whose record is known under this system.
pub(super) fn event(system: &'static str, message: &Message<'_>, event: &Object<'_>) -> OneReading {
    let kind = match event.optional_text("event")? {
        Some(kind) => kind,
        None => event.text("type")?,
    };
    let record = Record {
        system,
        account: message.account,
        event,
        version: Version::at(event.instant("changed_at")?),
    };
    // `time_entry.changed` is a time entry: what is true now is what counts.
    match kind.split('.').next().unwrap_or_default() {
        "time_entry" => record.time_entry(),
        "assignment" => record.assignment(),
        "expense" => record.expense(),
        "project" => record.project(),
        "person" => record.person(),
        "time_off" => record.time_off(),
        "ticket" => record.ticket(),
        "removed" => Ok(removed(record.of_entity()?, record.version)),
        "withdrawn" => record.withdrawn(),
        _ => Ok(Reading::NotForUs("a kind of event that is not read")),
    }
}

struct Record<'a> {
    system: &'static str,
    account: &'a str,
    event: &'a Object<'a>,
    version: Version,
}

impl Record<'_> {
    /// The record itself. `id` may name the event instead, where the record has a field of its own.
    fn named(&self, entity: &str) -> Result<Reference, Unreadable> {
        let id = match self.event.optional_id(&format!("{entity}_id"))? {
            Some(id) => id,
            None => self.event.id("id")?,
        };
        Ok(Reference::new(self.system, self.account, entity, id))
    }

    /// The record of an event that could be about any kind: `entity` says which.
    fn of_entity(&self) -> Result<Reference, Unreadable> {
        self.named(&self.event.text("entity")?)
    }

    fn project_of(&self) -> Result<Option<Reference>, Unreadable> {
        let id = self.event.optional_id("project")?;
        Ok(id.map(|id| Reference::new(self.system, self.account, "project", id)))
    }

    fn customer(&self) -> Result<Option<Reference>, Unreadable> {
        let id = self.event.optional_id("customer")?;
        Ok(id.map(|id| Reference::new(self.system, self.account, "company", id)))
    }

    fn billing(&self) -> Result<BillingOption, Unreadable> {
        Ok(match self.event.optional_text("billing")?.as_deref() {
            Some("billable") => BillingOption::Billable,
            Some("no_charge") => BillingOption::NoCharge,
            Some("do_not_bill") => BillingOption::DoNotBill,
            Some(_) | None => BillingOption::Unknown,
        })
    }

    fn notes(&self) -> Result<Personal, Unreadable> {
        Ok(Personal(
            self.event.optional_text("notes")?.unwrap_or_default(),
        ))
    }

    fn time_entry(&self) -> OneReading {
        let event = self.event;
        let (member, date) = (event.id("member")?, event.day("date")?);
        let worked = event.decimal("worked")?;
        let reference = self.named("time_entry")?;
        Ok(time(TimeEntry {
            project: self.project_of()?,
            customer: self.customer()?,
            work_role: event.optional_text("work_role")?,
            billable: event.optional_decimal("billable")?.unwrap_or(worked),
            covered: event.optional_decimal("covered")?.unwrap_or_default(),
            agreement: event.optional_text("agreement")?,
            billing: self.billing()?,
            status: event.text("status")?,
            notes: self.notes()?,
            coded: Coded {
                tax_percent: event.optional_decimal("tax_percent")?,
                cost_center: event.optional_text("cost_center")?,
            },
            ..work::entry(reference, self.version, member, date, worked)
        }))
    }

    fn assignment(&self) -> OneReading {
        let event = self.event;
        Ok(Reading::Event(Event::Assignment(Box::new(Assignment {
            reference: self.named("assignment")?,
            version: self.version,
            project: self.project_of()?,
            task: event.optional_id("task")?,
            member: event.optional_id("member")?.map(Personal),
            work_role: event.optional_text("work_role")?,
            from: event.optional_date("from")?,
            to: event.optional_date("to")?,
            hours: event.optional_decimal("hours")?,
            cost_rate: event.optional_decimal("cost_rate")?,
            bill_rate: event.optional_decimal("bill_rate")?,
            is_tentative: event.optional_text("status")?.as_deref() == Some("tentative"),
        }))))
    }

    fn expense(&self) -> OneReading {
        let event = self.event;
        Ok(Reading::Event(Event::Expense(Box::new(Expense {
            reference: self.named("expense")?,
            version: self.version,
            project: self.project_of()?,
            member: event.optional_id("member")?.map(Personal),
            date: event.day("date")?,
            amount: event.decimal("amount")?,
            currency: event.optional_text("currency")?,
            category: event.optional_text("category")?,
            billing: self.billing()?,
            approval: UNDECIDED,
            status: self.event.text("status")?,
            notes: self.notes()?,
        }))))
    }

    fn project(&self) -> OneReading {
        Ok(Reading::Event(Event::Project(Box::new(PsaProject {
            reference: self.named("project")?,
            version: self.version,
            name: self.event.text("name")?,
            deal_id: self.event.optional_id("deal_id")?,
            customer: self.customer()?,
            standing: Standing {
                status: self.event.optional_text("status")?,
                closed_on: self.event.optional_date("closed_on")?,
                code: self.event.optional_id("code")?,
            },
        }))))
    }

    fn person(&self) -> OneReading {
        Ok(Reading::Event(Event::Person(Person {
            reference: self.named("person")?,
            version: self.version,
            status: self.event.optional_text("status")?,
        })))
    }

    fn time_off(&self) -> OneReading {
        Ok(Reading::Event(Event::TimeOff(TimeOff {
            reference: self.named("time_off")?,
            version: self.version,
            person: Reference::new(
                self.system,
                self.account,
                "person",
                self.event.id("person")?,
            ),
            from: self.event.day("from")?,
            to: self.event.day("to")?,
            approval: UNDECIDED,
            status: self.event.text("status")?,
        })))
    }

    fn ticket(&self) -> OneReading {
        Ok(Reading::Event(Event::Ticket(Ticket {
            reference: self.named("ticket")?,
            version: self.version,
            status: self.event.text("status")?,
        })))
    }

    fn withdrawn(&self) -> OneReading {
        Ok(Reading::Event(Event::Withdrawn(Withdrawn {
            reference: self.of_entity()?,
            version: self.version,
            status: self.event.text("status")?,
        })))
    }
}
