//! A deal beside what is known of its contract.

use aws::StoreError;
use domain::command::Command;
use domain::event::Deal;
use domain::judge::{Contracted, Verdict, judge_deal, judge_not_won, won_again};

use crate::{Case, Validate};

impl Validate {
    /// Judges a deal. Only one that is not won, or that was lost before, needs to be looked up.
    pub(crate) async fn judge_deal(
        &self,
        case: &Case<'_>,
        deal: &Deal,
    ) -> Result<Verdict, StoreError> {
        match judge_deal(deal, case.book) {
            Verdict::Nothing { .. } => self.judge_not_won(case, deal).await,
            Verdict::Go(plan) => match self.is_cancelled(deal).await? {
                true => Ok(Verdict::Except(won_again(deal))),
                false => Ok(Verdict::Go(plan)),
            },
            other @ (Verdict::Hold { .. } | Verdict::Reject { .. } | Verdict::Except(_)) => {
                Ok(other)
            }
        }
    }

    async fn judge_not_won(&self, case: &Case<'_>, deal: &Deal) -> Result<Verdict, StoreError> {
        let judge = |contracted| judge_not_won(deal, case.book, contracted);
        let order = self.ledger.posted(&deal.reference).await?;
        let Some(Command::CreateOrder(order)) = order.and_then(|record| record.command) else {
            return Ok(judge(Contracted::No));
        };
        if self.is_cancelled(deal).await? {
            return Ok(judge(Contracted::Cancelled));
        }
        let signature = deal.reference.sibling("signature");
        match self.ledger.posted(&signature).await? {
            Some(_) => Ok(judge(Contracted::Confirmed)),
            None => Ok(judge(Contracted::Draft(&order))),
        }
    }

    async fn is_cancelled(&self, deal: &Deal) -> Result<bool, StoreError> {
        let cancellation = deal.reference.sibling("cancellation");
        Ok(self.ledger.posted(&cancellation).await?.is_some())
    }
}
