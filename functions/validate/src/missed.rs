//! Events that a source lost on the way to us: its lists are read from the start, by `pull`.

use std::collections::BTreeSet;

use aws::{Account, StoreError};
use domain::judge::Objection;
use domain::{ExceptionClass, Reference, Version};
use sources::Source;
use tracing::warn;

use crate::{Case, Validate, read};

/// What nobody reads from the start by itself.
const ASK: &str =
    "Nobody asks this account for its lists. Have everything that it changed lately sent again.";

impl Validate {
    /// Looks whether a number is missing before that of a message. It is told once: the next message
    /// has nothing missing before it, nor has the same one when it comes again.
    pub(crate) async fn look_for_a_gap(&self, case: &Case<'_>) -> Result<(), StoreError> {
        let Some((source, sequence)) = read::sequence(case) else {
            return Ok(());
        };
        let account = account_of(case);
        let (scope, number) = (sequence.scope.as_str(), sequence.number);
        let last = self.losses.last(&account, scope).await?;
        if last.is_some_and(|last| number <= last) {
            return Ok(());
        }
        let lists = lists(case, source);
        let before = last.unwrap_or_default();
        let what = format!("number {number} came after number {before} of {scope}");
        let is_gap = last.is_some_and(|last| number - last > 1);
        if is_gap && lists.is_empty() {
            // Before the number is noted: whoever dies in between is asked to look again.
            self.ask_about_the_missed(case, source, &what).await?;
        }
        let now = self.clock.now();
        let arrived = self
            .losses
            .arrived(&account, (scope, number), &what, &lists, now);
        if arrived.await? {
            warn_of(case, &what);
        }
        Ok(())
    }

    /// The source says itself that it lost events.
    pub(crate) async fn missed(&self, case: &Case<'_>, what: &str) -> Result<(), StoreError> {
        let Some(source) = sources::source(&case.delivery.source) else {
            return Ok(());
        };
        let lists = lists(case, source);
        warn_of(case, what);
        if lists.is_empty() {
            return self.ask_about_the_missed(case, source, what).await;
        }
        let now = self.clock.now();
        self.losses.lost(&account_of(case), what, &lists, now).await
    }

    async fn ask_about_the_missed(
        &self,
        case: &Case<'_>,
        source: &Source,
        what: &str,
    ) -> Result<(), StoreError> {
        let delivery = case.delivery;
        let reference = Reference::new(&delivery.source, &delivery.account, "events", "missed");
        let objection = Objection {
            code: "events_missed",
            class: ExceptionClass::DataQuality,
            sentence: format!(
                "Events of {} were lost on their way to us",
                source.facts.title
            ),
            items: vec![what.to_owned()],
            fix: ASK.to_owned(),
            owner: "operations",
        };
        let version = Version::at(delivery.received_at);
        self.raise(case, &reference, version, objection).await
    }
}

fn warn_of(case: &Case<'_>, what: &str) {
    warn!(account = %case.delivery.account, what, "events of a source were lost on their way to us");
}

fn account_of(case: &Case<'_>) -> Account {
    Account {
        source: case.delivery.source.clone(),
        account: case.delivery.account.clone(),
    }
}

/// The lists that `pull` reads of this account: those of a CRM or PSA that the book names.
fn lists(case: &Case<'_>, source: &Source) -> BTreeSet<String> {
    let (book, delivery) = (case.book, case.delivery);
    let (name, account) = (&delivery.source, &delivery.account);
    let pull = source.facts.pull.as_ref();
    let pull = pull.filter(|_| book.names(name, account));
    let all = pull.into_iter().flat_map(|pull| pull.all());
    let read = all.filter(|pull| source.facts.can_be_pulled(pull).is_ok());
    read.filter_map(|pull| Some(pull.list.as_ref()?.entity.clone()))
        .collect()
}
