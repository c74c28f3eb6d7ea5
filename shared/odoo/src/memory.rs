//! What a worker remembers of one Odoo from batch to batch.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::batch_size::BatchSize;
use crate::{Context, Odoo, OdooError};

/// What is worth remembering as long as the process lives. Losing it costs calls, nothing else.
#[derive(Debug)]
pub struct Memory {
    /// How many rows the next call may carry.
    pub size: BatchSize,
    /// Database ids by external id: Odoo never gives an id to another record.
    ids: Mutex<BTreeMap<String, i64>>,
    /// The columns of analytic accounts on timesheet lines: an account's plan hardly ever changes.
    columns: Mutex<BTreeMap<i64, String>>,
}

/// External ids of one kind of record, and where to look for all of them.
pub(crate) struct Wanted<'a> {
    /// The kind.
    pub(crate) model: &'static str,
    /// What finds them, with little else.
    pub(crate) domain: Value,
    /// The external ids.
    pub(crate) names: BTreeSet<&'a str>,
}

/// Up to so many are asked for one after the other.
const FEW: usize = 2;

/// How many records are looked at for their names. In a firm with more than this some are asked for
/// one after the other.
const MOST: usize = 5_000;

/// What became of each external id that was asked for.
pub(crate) type Resolved<'a> = BTreeMap<&'a str, Result<i64, OdooError>>;

impl Memory {
    /// Of an Odoo whose answers may take `limit`.
    pub fn new(limit: Duration) -> Self {
        Self {
            size: BatchSize::new(limit),
            ids: Mutex::default(),
            columns: Mutex::default(),
        }
    }

    /// The database ids of external ids. Those of a kind that are not known yet take two calls
    /// together, or one each where they are few or were not found by the two. When Odoo does not
    /// answer, the rest is not asked for.
    pub(crate) async fn resolve<'a>(
        &self,
        odoo: &Odoo,
        context: &Context,
        wanted: Vec<Wanted<'a>>,
    ) -> Resolved<'a> {
        let mut resolved = Resolved::new();
        let mut broken: Option<OdooError> = None;
        for kind in wanted {
            let known = self.ids().clone();
            let unknown = |name: &&&str| !known.contains_key(**name);
            if broken.is_none() && kind.names.iter().filter(unknown).count() > FEW {
                let learned = self.learn(odoo, context, &kind).await;
                // Who may not search may still ask for one after the other.
                broken = learned.err().filter(|error| !error.is_about_the_record());
            }
            for external_id in kind.names {
                let known = self.ids().get(external_id).copied();
                let outcome = match (known, &broken) {
                    (Some(id), _) => Ok(id),
                    (None, Some(error)) => Err(error.clone()),
                    (None, None) => odoo.resolve(context, external_id).await,
                };
                match &outcome {
                    Ok(id) => {
                        self.ids().insert(external_id.to_owned(), *id);
                    }
                    Err(error) if error.is_about_the_record() => {}
                    Err(error) => broken = Some(error.clone()),
                }
                resolved.insert(external_id, outcome);
            }
        }
        resolved
    }

    /// Finds the records of a kind, and remembers every name of each.
    async fn learn(
        &self,
        odoo: &Odoo,
        context: &Context,
        kind: &Wanted<'_>,
    ) -> Result<(), OdooError> {
        #[derive(Deserialize)]
        struct Found {
            id: i64,
        }
        // An archived one still has its name.
        let context = context.clone().with("active_test", json!(false));
        let arguments =
            json!({"domain": kind.domain, "fields": ["id"], "limit": MOST, "load": null});
        let found: Vec<Found> = odoo
            .call(kind.model, "search_read", &context, arguments)
            .await?;
        let ids: Vec<i64> = found.into_iter().map(|found| found.id).collect();
        let names = odoo.names_of(&context, kind.model, &ids).await?;
        self.ids().extend(names);
        Ok(())
    }

    /// After a refusal: what we remember may be what was wrong.
    pub(crate) fn forget_ids(&self) {
        self.ids().clear();
        let columns = self.columns.lock();
        columns.unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The columns of the analytic accounts that are known.
    pub(crate) fn columns(&self) -> BTreeMap<i64, String> {
        let columns = self.columns.lock();
        columns.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers the column of an analytic account.
    pub(crate) fn learn_column(&self, account: i64, column: &str) {
        let columns = self.columns.lock();
        let mut columns = columns.unwrap_or_else(PoisonError::into_inner);
        columns.insert(account, column.to_owned());
    }

    fn ids(&self) -> MutexGuard<'_, BTreeMap<String, i64>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
