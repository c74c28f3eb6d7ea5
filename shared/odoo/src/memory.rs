//! What a worker remembers of one Odoo from batch to batch.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::batch_size::BatchSize;
use crate::{Context, Odoo, OdooError};

/// What is worth remembering as long as the process lives. Losing it costs calls, nothing else.
#[derive(Debug)]
pub struct Memory {
    /// How many rows the next call may carry.
    pub size: BatchSize,
    /// Database ids by external id: Odoo never gives an id to another record.
    ids: Mutex<BTreeMap<String, i64>>,
}

/// What became of each external id that was asked for.
pub(crate) type Resolved<'a> = BTreeMap<&'a str, Result<i64, OdooError>>;

impl Memory {
    /// Of an Odoo whose answers may take `limit`.
    pub fn new(limit: Duration) -> Self {
        Self {
            size: BatchSize::new(limit),
            ids: Mutex::default(),
        }
    }

    /// The database ids of external ids: one call for each that is not known yet. When Odoo does
    /// not answer, the rest is not asked for.
    pub(crate) async fn resolve<'a>(
        &self,
        odoo: &Odoo,
        context: &Context,
        wanted: BTreeSet<&'a str>,
    ) -> Resolved<'a> {
        let mut resolved = Resolved::new();
        let mut broken: Option<OdooError> = None;
        for external_id in wanted {
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
        resolved
    }

    /// After a refusal: what we remember may be what was wrong.
    pub(crate) fn forget_ids(&self) {
        self.ids().clear();
    }

    fn ids(&self) -> MutexGuard<'_, BTreeMap<String, i64>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
