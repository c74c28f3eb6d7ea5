//! The questions that a delivery raises for people.

use aws::StoreError;
use domain::delivery::Delivery;
use domain::judge::Objection;
use domain::{ExceptionClass, Record, Reference, Version};
use tracing::info;

use crate::error::ValidateError;
use crate::read::UnreadableDelivery;
use crate::rows::Rows;
use crate::{Case, Nth, Validate};

const CORRECT: &str = "Correct the record in its source so that it is sent again.";

impl Validate {
    /// Raises an exception.
    pub(crate) async fn raise(
        &self,
        case: &Case<'_>,
        reference: &Reference,
        version: Version,
        mut objection: Objection,
    ) -> Result<(), StoreError> {
        let place = case.place.as_ref();
        objection
            .items
            .extend(place.map(|place| place.words.clone()));
        info!(%reference, code = objection.code, owner = objection.owner, "exception raised");
        let exception = objection.raise(
            reference.clone(),
            version,
            self.clock.now(),
            case.delivery.id.clone(),
        );
        self.exceptions.raise(&exception).await
    }

    /// A delivery that cannot be taken apart is kept as a question for operations.
    pub(crate) async fn unreadable_delivery(
        &self,
        case: &Case<'_>,
        why: &UnreadableDelivery,
    ) -> Result<(), ValidateError> {
        self.question(case, "delivery_unreadable", why.to_string(), CORRECT)
            .await
    }

    /// One event of a delivery cannot be read; the others were.
    pub(crate) async fn unreadable_event(
        &self,
        case: &Case<'_>,
        why: &sources::Unreadable,
        nth: Nth,
    ) -> Result<(), ValidateError> {
        let item = format!("{nth}: {why}");
        self.question(case, "event_unreadable", item, CORRECT).await
    }

    /// A failure that only a person can end.
    pub(crate) async fn park(
        &self,
        case: &Case<'_>,
        failure: &ValidateError,
    ) -> Result<(), ValidateError> {
        let why = aws::Chain(failure).to_string();
        self.question(case, "event_not_taken", why, CORRECT).await
    }

    async fn question(
        &self,
        case: &Case<'_>,
        code: &'static str,
        item: String,
        fix: &'static str,
    ) -> Result<(), ValidateError> {
        let delivery = case.delivery;
        let (reference, all) = match &case.place {
            Some(place) => (place.reference.clone(), None),
            None => (of_delivery(delivery), Rows::of(delivery)),
        };
        let items = [Some(item), all.map(|rows| rows.all())];
        let version = Version::at(delivery.received_at);
        let objection = Objection {
            code,
            class: ExceptionClass::DataQuality,
            sentence: format!("A message of {} could not be taken", delivery.source),
            items: items.into_iter().flatten().collect(),
            fix: fix.to_owned(),
            owner: "operations",
        };
        Ok(self.raise(case, &reference, version, objection).await?)
    }
}

fn of_delivery(delivery: &Delivery) -> Reference {
    Reference::new(
        &delivery.source,
        &delivery.account,
        "delivery",
        &delivery.id,
    )
}

/// The same version came with other content.
pub fn conflict(offered: &Record, existing: &Record) -> Objection {
    Objection {
        code: "version_conflict",
        class: ExceptionClass::DataQuality,
        sentence: format!(
            "{} came twice with the same version and different content",
            offered.reference
        ),
        items: vec![format!(
            "kept: {}, which is {}",
            existing.version.0,
            existing.state.name()
        )],
        fix: "Save the record once more in its source, so that it gets a new version.".to_owned(),
        owner: "steward",
    }
}
