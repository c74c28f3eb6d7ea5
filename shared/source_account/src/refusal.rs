//! An account that does not accept our access: one question for operations, whoever asked.

use aws::{Leave, StoreError};
use domain::judge::Objection;
use domain::{ExceptionClass, Reference, Version};
use tracing::{info, warn};

use crate::{NotAsked, SourceAccount};

impl SourceAccount<'_> {
    /// Access was refused: people are told, once for the account and for as long as it lasts.
    pub(crate) async fn refused(&self, why: String) -> Result<NotAsked, StoreError> {
        let all = self.all;
        warn!(source = %self.account.source, purpose = %self.purpose, why, "source does not accept our access");
        // One that was replaced because it did not work is read at the next try.
        all.secrets.forget(&all.name_of_secret(self.facts)).await;
        let refusal = all.gate.refuse(&self.account, &self.purpose).await?;
        let title = &self.facts.title;
        let objection = Objection {
            code: "access_refused",
            class: ExceptionClass::Transient,
            sentence: format!("{title} does not accept our access"),
            items: vec![format!("{}: {why}", self.purpose)],
            fix: format!(
                "Put a key that may do this into the secret {}; what waits goes on within five minutes.",
                all.name_of_secret(self.facts)
            ),
            owner: "operations",
        };
        let reference = self.reference();
        let correlation = reference.to_string();
        let now = all.clock.now();
        let exception = objection.raise(reference, Version::at(refusal.since), now, correlation);
        all.exceptions.raise(&exception).await?;
        Ok(NotAsked::Later {
            until: refusal.again_at,
        })
    }

    /// Access was given again. The question is closed when it is refused for nothing else.
    pub(crate) async fn accepted(&self, leave: &Leave) -> Result<(), StoreError> {
        let all = self.all;
        if leave.was_refused_alone {
            // Before it is noted: whoever dies in between leaves no question open for ever.
            all.exceptions.resolve(&self.reference()).await?;
        }
        let is_last = all.gate.accept(&self.account, &self.purpose).await?;
        if is_last && !leave.was_refused_alone {
            all.exceptions.resolve(&self.reference()).await?;
        }
        info!(source = %self.account.source, purpose = %self.purpose, "source accepts our access again");
        Ok(())
    }

    /// What the question is about.
    fn reference(&self) -> Reference {
        let Self { account, .. } = self;
        Reference::new(&account.source, &account.account, "access", "api")
    }
}
