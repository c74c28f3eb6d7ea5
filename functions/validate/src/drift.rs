//! A source that sends other fields than it is described with.
//!
//! What was missing is one question, however many messages lack it. The messages are kept: they are
//! taken when we read them as they are now, and then the question closes by itself.

use domain::delivery::Delivery;
use domain::judge::Objection;
use domain::{ExceptionClass, Reference, Version};
use sources::Unreadable;
use tracing::{info, warn};

use crate::error::ValidateError;
use crate::read::UnreadableDelivery;
use crate::{Case, Nth, Validate};

/// The header of a delivery that was kept: the field that it lacked.
const LACKED: &str = "tenon-lacked";

/// The field that is not as described; none for what no source sends by mistake.
pub(crate) fn field(why: &Unreadable) -> Option<&str> {
    if let Unreadable::Missing { field } | Unreadable::Wrong { field, .. } = why {
        return Some(field);
    }
    None
}

impl Validate {
    /// A delivery of which nothing can be taken.
    pub(crate) async fn unreadable(
        &self,
        case: &Case<'_>,
        why: &UnreadableDelivery,
    ) -> Result<(), ValidateError> {
        if let UnreadableDelivery::Unreadable(why) = why
            && field(why).is_some()
        {
            let nth = Nth { number: 1, of: 1 };
            return self.drifted(case, why, nth).await;
        }
        self.unreadable_delivery(case, why).await
    }

    /// Keeps a delivery that is not as its source is described, and asks why.
    pub(crate) async fn drifted(
        &self,
        case: &Case<'_>,
        why: &Unreadable,
        nth: Nth,
    ) -> Result<(), ValidateError> {
        let Some(field) = field(why) else {
            return self.unreadable_event(case, why, nth).await;
        };
        let delivery = case.delivery;
        let (source, account) = (&delivery.source, &delivery.account);
        warn!(
            source,
            account, field, "a source sends other fields than it did"
        );
        let mut kept = delivery.clone();
        kept.headers.insert(LACKED.to_owned(), field.to_owned());
        self.drift.send(&kept).await?;
        let objection = Objection {
            code: "schema_drift",
            class: ExceptionClass::DataQuality,
            sentence: format!("{source} sends other fields than it did"),
            items: vec![why.to_string(), format!("seen in delivery {}, {nth}", delivery.id)],
            fix: "Compare a message with the vendor's documentation and mend the reading of this source, or \
                  correct the record. Then send the kept messages back: tenon dead-letters redrive drift"
                .to_owned(),
            owner: "operations",
        };
        let version = Version::at(delivery.received_at);
        let reference = lacking(delivery, field);
        Ok(self.raise(case, &reference, version, objection).await?)
    }

    /// A delivery that was kept can be read now.
    pub(crate) async fn drift_ended(&self, delivery: &Delivery) -> Result<(), ValidateError> {
        let Some(field) = delivery.headers.get(LACKED) else {
            return Ok(());
        };
        info!(source = %delivery.source, field, "a message that was kept can be read now");
        Ok(self.exceptions.resolve(&lacking(delivery, field)).await?)
    }
}

/// What the question is about.
fn lacking(delivery: &Delivery, field: &str) -> Reference {
    Reference::new(&delivery.source, &delivery.account, "field", field)
}
