//! Time that would exceed what its contract may bill by hours is a person's question before it is
//! posted. What is delivered already is asked of Odoo, once per contract and batch, and only for
//! contracts that have a cap.

use std::collections::BTreeMap;

use domain::command::Company;
use domain::judge::{Delivered, over_cap};
use domain::{Record, Reference};
use odoo::time::TimeRow;
use odoo::{Odoo, OdooError, delivered};
use rust_decimal::Decimal;

use crate::error::{Outcome, PostError};
use crate::targets::Targets;

/// What is delivered on the capped contracts of a batch, with what the batch adds.
pub struct Caps<'a> {
    odoo: &'a Odoo,
    targets: &'a Targets,
    delivered: BTreeMap<Reference, Result<Delivered, OdooError>>,
}

impl<'a> Caps<'a> {
    /// Nothing is asked yet.
    pub const fn new(odoo: &'a Odoo, targets: &'a Targets) -> Self {
        Self {
            odoo,
            targets,
            delivered: BTreeMap::new(),
        }
    }

    /// Keeps what fits. `before` are the billable hours that Odoo has of an entry already.
    pub async fn fitting<T>(
        &mut self,
        company: &Company,
        rows: Vec<(Record, T)>,
        row: impl Fn(&T) -> (&TimeRow, Decimal),
        outcomes: &mut Vec<(Record, Outcome)>,
    ) -> Vec<(Record, T)> {
        let mut fitting = Vec::with_capacity(rows.len());
        for (record, one) in rows {
            let (time, before) = row(&one);
            match self.take(company, time, before).await {
                Ok(()) => fitting.push((record, one)),
                Err(error) => outcomes.push((record, Err(error))),
            }
        }
        fitting
    }

    async fn take(
        &mut self,
        company: &Company,
        row: &TimeRow,
        before: Decimal,
    ) -> Result<(), PostError> {
        let Some(target) = self.targets.get(&row.time.project) else {
            return Ok(());
        };
        let more = row.time.billable - before;
        if target.order.cap.is_none() || more <= Decimal::ZERO {
            return Ok(());
        }
        if !self.delivered.contains_key(&target.deal) {
            let asked = delivered::of(self.odoo, company, target.order_id, &target.order).await;
            // A question that was not answered leaves nothing uncertain.
            let asked = asked.map_err(OdooError::of_what_was_not_sent);
            self.delivered.insert(target.deal.clone(), asked);
        }
        let Some(known) = self.delivered.get_mut(&target.deal) else {
            return Ok(());
        };
        let known = known.as_mut().map_err(|error| error.clone())?;
        match over_cap(&target.deal, &target.order, known, &row.line, more) {
            Some(question) => Err(PostError::Asked(Box::new(question))),
            None => {
                known.push((row.line.clone(), more));
                Ok(())
            }
        }
    }
}
