//! What a verdict is in money: hours at the price of their contract, a deal at what is sold.

use std::collections::HashMap;

use aws::StoreError;
use domain::Reference;
use domain::command::{Command, CreateOrder, LogTime};
use domain::judge::Verdict;
use rust_decimal::Decimal;

use crate::Console;

/// An amount without tax.
pub struct Money {
    /// In `currency`.
    pub amount: Decimal,
    /// ISO 4217 code.
    pub currency: String,
}

/// The orders of PSA projects, each looked up once in a request; none where a project has none yet.
#[derive(Default)]
pub struct Contracts(HashMap<Reference, Option<CreateOrder>>);

impl Console {
    /// None where nothing is billable by it, or its price is not known yet.
    pub(super) async fn value(
        &self,
        contracts: &mut Contracts,
        verdict: &Option<Verdict>,
    ) -> Result<Option<Money>, StoreError> {
        let Some(Verdict::Go(plan)) = verdict else {
            return Ok(None);
        };
        for planned in plan {
            if let Command::CreateOrder(order) = &planned.command {
                return Ok(Some(Money {
                    amount: order.expected_untaxed,
                    currency: order.currency.clone(),
                }));
            }
            if let Command::LogTime(time) = &planned.command {
                return self.hours_value(contracts, time).await;
            }
        }
        Ok(None)
    }

    async fn hours_value(
        &self,
        contracts: &mut Contracts,
        time: &LogTime,
    ) -> Result<Option<Money>, StoreError> {
        if !contracts.0.contains_key(&time.project) {
            let order = self.order_of(&time.project).await?;
            contracts.0.insert(time.project.clone(), order);
        }
        let order = contracts.0.get(&time.project).and_then(Option::as_ref);
        let line = |order: &CreateOrder| {
            let line = order.line_for(time)?;
            let share = (Decimal::ONE_HUNDRED - line.discount_percent) / Decimal::ONE_HUNDRED;
            Some(Money {
                amount: (time.billable / line.hours_per_unit() * line.unit_price * share)
                    .round_dp(2),
                currency: order.currency.clone(),
            })
        };
        Ok(order.and_then(line))
    }

    async fn order_of(&self, project: &Reference) -> Result<Option<CreateOrder>, StoreError> {
        let link = self.ledger.posted(project).await?;
        let Some(Command::LinkProject(link)) = link.and_then(|record| record.command) else {
            return Ok(None);
        };
        let order = self.ledger.posted(&link.deal).await?;
        match order.and_then(|record| record.command) {
            Some(Command::CreateOrder(order)) => Ok(Some(order)),
            _ => Ok(None),
        }
    }
}
