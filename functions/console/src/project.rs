//! A contract's project for people: which PSA projects stand for it, where they stand, and what of its
//! work is not billed yet.

use std::collections::BTreeSet;

use domain::command::{Command, CreateOrder, FollowProject, LogTime};
use domain::judge::{Unbilled, unbilled};
use domain::{Record, Reference, State};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::Console;
use crate::error::ConsoleError;
use crate::trace::identify::Identified;

impl Console {
    /// The project that an id leads to: a PSA project's, a deal's, an order's number, an Odoo id.
    pub(crate) async fn project(&self, asked: &str) -> Result<Value, ConsoleError> {
        let deal = self.contract_asked(asked).await?;
        let order = self.ledger.posted(&deal).await?;
        let (name, order) = match order.map(|record| (record.command, record.posted)) {
            Some((Some(Command::CreateOrder(order)), posted)) => {
                (posted.and_then(|posted| posted.name), order)
            }
            _ => return Err(nothing(asked)),
        };
        let project = self.ledger.posted(&deal.sibling("project")).await?;
        let in_odoo = project.and_then(|record| record.posted);
        let linked = self.ledger.linked_projects(&deal).await?;
        let mut projects = Vec::with_capacity(linked.len());
        for reference in &linked {
            let followed = self.ledger.followed(reference).await?;
            projects.push(psa_project(reference, followed.as_ref()));
        }
        let mut answer = json!({
            "deal": deal,
            "order": name,
            "odoo": in_odoo.map(|posted| json!({"id": posted.id, "name": posted.name})),
            "projects": projects,
        });
        let open = [
            self.open_work(&deal, &order).await?,
            self.not_in_odoo(&linked).await?,
        ];
        if let Some(fields) = answer.as_object_mut() {
            for (key, value) in open.into_iter().flatten() {
                fields.insert(key.to_owned(), value);
            }
        }
        Ok(answer)
    }

    async fn contract_asked(&self, asked: &str) -> Result<Reference, ConsoleError> {
        let book = self.books.active(self.clock.now()).await?;
        let found = match self.identify(asked, &book).await? {
            Identified::One(one) => vec![one],
            Identified::Several(all) | Identified::Brought(all) => all,
            Identified::Nothing => Vec::new(),
        };
        let mut deals = BTreeSet::new();
        for reference in found {
            match reference.entity() {
                "deal" => {
                    deals.insert(reference);
                }
                "project" => deals.extend(self.deal_of_project(&reference).await?),
                _ => {}
            }
        }
        match (deals.pop_first(), deals.is_empty()) {
            (Some(deal), true) => Ok(deal),
            _ => Err(nothing(asked)),
        }
    }

    async fn deal_of_project(
        &self,
        project: &Reference,
    ) -> Result<Option<Reference>, ConsoleError> {
        let posted = self.ledger.posted(project).await?;
        Ok(match posted.and_then(|record| record.command) {
            Some(Command::LinkProject(link)) => Some(link.deal),
            Some(Command::CreateProject(_)) => Some(project.sibling("deal")),
            _ => None,
        })
    }

    /// Approved work and instalments that are on no invoice.
    async fn open_work(
        &self,
        deal: &Reference,
        order: &CreateOrder,
    ) -> Result<Vec<(&'static str, Value)>, ConsoleError> {
        let book = self.billing.order(deal).await?;
        let left = unbilled(&order.lines, &book.units, &book.allocations);
        let sum: Decimal = left.iter().map(|one| one.amount).sum();
        let shown: Vec<Value> = left.iter().map(shown_unit).collect();
        Ok(vec![
            ("unbilled", json!(shown)),
            (
                "unbilled_sum",
                json!({"amount": sum.to_string(), "currency": order.currency}),
            ),
        ])
    }

    /// Approved work of these PSA projects that waits or is held.
    async fn not_in_odoo(
        &self,
        projects: &[Reference],
    ) -> Result<Vec<(&'static str, Value)>, ConsoleError> {
        let mut all = Vec::new();
        for (key, state) in [("waiting", State::Waiting), ("held", State::Held)] {
            let records = self.ledger.attention(state).await?;
            let of_them = records.iter().filter_map(|record| {
                let time = time_of(record).filter(|time| projects.contains(&time.project))?;
                Some(shown_time(record, time))
            });
            all.push((key, Value::Array(of_them.collect())));
        }
        Ok(all)
    }
}

fn nothing(asked: &str) -> ConsoleError {
    ConsoleError::NoProject {
        asked: asked.to_owned(),
    }
}

fn psa_project(reference: &Reference, followed: Option<&FollowProject>) -> Value {
    let state = followed.and_then(|followed| followed.state);
    json!({
        "reference": reference,
        "state": state.map_or("not followed", |state| state.name()),
        "last_day": followed.and_then(FollowProject::last_day),
        "code": followed.and_then(|followed| followed.code.as_ref()),
    })
}

fn shown_unit(one: &Unbilled<'_>) -> Value {
    json!({
        "reference": one.unit.reference,
        "kind": one.unit.kind,
        "day": one.unit.day,
        "hours": one.quantity.to_string(),
        "amount": one.amount.to_string(),
    })
}

const fn time_of(record: &Record) -> Option<&LogTime> {
    match &record.command {
        Some(Command::LogTime(time)) => Some(time),
        _ => None,
    }
}

fn shown_time(record: &Record, time: &LogTime) -> Value {
    json!({
        "reference": record.reference,
        "day": time.date,
        "hours": time.billable.to_string(),
        "reason": record.reason,
    })
}
