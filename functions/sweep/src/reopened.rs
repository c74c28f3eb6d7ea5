//! Work that came after its project was closed goes on by itself when the project is open again.

use aws::StoreError;
use domain::Exception;
use domain::command::Command;
use domain::judge::{PROJECT_CLOSED, after_closing};
use tracing::info;

use crate::Sweep;

impl Sweep {
    /// Looks again at every such question among those that are open.
    pub(crate) async fn take_what_is_in_time_now(
        &self,
        open: &[Exception],
    ) -> Result<(), StoreError> {
        for late in open.iter().filter(|open| open.code == PROJECT_CLOSED) {
            let entry = &late.reference;
            let newest = self.ledger.versions(entry).await?.into_iter().next();
            let Some(record) = newest else { continue };
            let Some(Command::LogTime(time)) = &record.command else {
                continue;
            };
            let last_day = self.ledger.last_day_of(&time.project).await?;
            let is_late = last_day
                .is_some_and(|last| after_closing(entry, &time.project, last, time.date).is_some());
            if is_late || !self.ledger.retry(&record, self.clock.now()).await? {
                continue;
            }
            info!(reference = %entry, "its project is open again");
            self.exceptions.resolve_up_to(entry, late.version).await?;
            self.bells.ring(record.shard).await?;
        }
        Ok(())
    }
}
