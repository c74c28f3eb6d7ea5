//! A question about an assignment that nobody could bill closes itself when its order line is there.

use aws::StoreError;
use domain::Exception;
use domain::command::Command;
use domain::judge::{UNBILLABLE, unbillable};
use tracing::info;

use crate::Sweep;

impl Sweep {
    /// Looks again at every such question among those that delivery is asked.
    pub(crate) async fn close_what_is_billable_now(
        &self,
        asked: &[Exception],
    ) -> Result<(), StoreError> {
        for open in asked.iter().filter(|open| open.code == UNBILLABLE) {
            let kept = self.ledger.posted(&open.reference).await?;
            let Some(Command::KeepAssignment(assignment)) = kept.and_then(|kept| kept.command)
            else {
                continue;
            };
            let Some((deal, order)) = self.ledger.contract_of(&assignment.project).await? else {
                continue;
            };
            if unbillable(&open.reference, &assignment, &order, &deal).is_none() {
                info!(reference = %open.reference, "assignment can be billed now");
                self.exceptions
                    .resolve_up_to(&open.reference, open.version)
                    .await?;
            }
        }
        Ok(())
    }
}
