//! A deal beside what is known of its contract.

use aws::StoreError;
use domain::command::Command;
use domain::event::Deal;
use domain::judge::{
    Contracted, Planned, Verdict, judge_deal, judge_not_won, keep_project_maker,
    says_who_makes_projects, won_again,
};

use crate::{Case, Validate};

impl Validate {
    /// Judges a deal. Only one that is not won, or that was lost before, needs to be looked up; and
    /// whether its order is confirmed, where the book says who makes projects.
    pub(crate) async fn judge_deal(
        &self,
        case: &Case<'_>,
        deal: &Deal,
    ) -> Result<Verdict, StoreError> {
        match judge_deal(deal, case.book) {
            Verdict::Nothing { .. } => self.judge_not_won(case, deal).await,
            Verdict::Go(plan) => match self.is_cancelled(deal).await? {
                true => Ok(Verdict::Except(won_again(deal))),
                false => Ok(Verdict::Go(
                    self.made_by_who_made_it(case, deal, plan).await?,
                )),
            },
            other @ (Verdict::Hold { .. } | Verdict::Reject { .. } | Verdict::Except(_)) => {
                Ok(other)
            }
        }
    }

    /// The same plan, with whoever made the project of an order that is confirmed. Looked up only where the
    /// book says anything about that.
    async fn made_by_who_made_it(
        &self,
        case: &Case<'_>,
        deal: &Deal,
        mut plan: Vec<Planned>,
    ) -> Result<Vec<Planned>, StoreError> {
        if says_who_makes_projects(case.book) {
            let signature = deal.reference.sibling("signature");
            let signature = self.ledger.posted(&signature).await?;
            if let Some(Command::ConfirmOrder(confirmed)) = signature.and_then(|one| one.command) {
                keep_project_maker(&mut plan, &confirmed);
            }
        }
        Ok(plan)
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
