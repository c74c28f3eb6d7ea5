//! A book is tried on what was taken lately, beside the one that is valid: what would have gone
//! another way, and what that is in money. Nothing is written.

mod judged;
mod value;

use std::collections::HashSet;
use std::sync::Arc;

use aws::{BookRefusal, RecordedPlace};
use domain::book::Book;
use domain::event::Event;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Console;
use crate::error::ConsoleError;
use judged::{Judged, Pair};
use value::Contracts;

/// How much is tried in one request: the gateway waits for half a minute.
const MOST_RECORDED: usize = 400;
/// How many answers of the table are read in one request.
const MOST_PAGES: usize = 170;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trial {
    /// The book that is tried.
    content: String,
    /// What it is compared with; the book that is valid now when none is named.
    #[serde(default)]
    against: Option<String>,
    /// How many days back.
    days: u32,
    /// Where an earlier answer said that it goes on.
    #[serde(default)]
    place: Option<RecordedPlace>,
}

/// A fact that the two books judge differently.
#[derive(Serialize)]
struct Difference {
    reference: String,
    version: u64,
    before: Judged,
    after: Judged,
    /// What is billable by it, without tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    billable: Option<Billable>,
}

#[derive(Serialize)]
struct Billable {
    currency: String,
    before: Decimal,
    after: Decimal,
}

impl Console {
    /// Tries a book on a stretch of what was recorded.
    pub(crate) async fn test_book(&self, body: &str) -> Result<Value, ConsoleError> {
        let trial: Trial = serde_json::from_str(body)?;
        let recordings = self.recordings.as_ref();
        let recordings = recordings.ok_or(ConsoleError::NothingRecorded)?;
        let now = self.clock.now();
        let books = Pair {
            before: self.compared_with(trial.against.as_deref(), now).await?,
            after: Book::parse(&trial.content)?,
        };
        let days = SignedDuration::from_hours(24 * i64::from(trial.days));
        let began = || RecordedPlace {
            hour: now - days,
            after: None,
        };
        let mut place = Some(trial.place.unwrap_or_else(began));
        let (mut facts, mut differences, mut pages) = (HashSet::new(), Vec::new(), 0);
        let mut contracts = Contracts::default();
        while let Some(from) = place.take_if(|_| facts.len() < MOST_RECORDED && pages < MOST_PAGES)
        {
            let page = recordings.read(&from, now).await?;
            for recorded in &page.recorded {
                let mut pairs = judged::both(&books, recorded);
                // What is told twice is one fact.
                let fact = |event: &Event| (event.reference().clone(), event.version());
                pairs.retain(|(event, _)| facts.insert(fact(event)));
                for (event, pair) in &pairs {
                    differences.extend(self.difference(&mut contracts, event, pair).await?);
                }
            }
            (place, pages) = (page.next, pages + 1);
        }
        Ok(json!({
            "book": books.after.version, "against": books.before.version,
            "facts": facts.len(), "differences": differences, "next": place,
        }))
    }

    async fn compared_with(
        &self,
        version: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<Book>, ConsoleError> {
        let Some(version) = version else {
            return Ok(self.books.active(now).await?);
        };
        let text = self.books.text(version).await?;
        let text = text.ok_or_else(|| BookRefusal::Unknown(version.to_owned()))?;
        Ok(Arc::new(Book::parse(&text)?))
    }

    /// None when both books say the same.
    async fn difference(
        &self,
        contracts: &mut Contracts,
        event: &Event,
        pair: &judged::Verdicts,
    ) -> Result<Option<Difference>, ConsoleError> {
        if pair.before == pair.after {
            return Ok(None);
        }
        let before = self.value(contracts, &pair.before).await?;
        let after = self.value(contracts, &pair.after).await?;
        let currency = before.as_ref().or(after.as_ref());
        let amount =
            |value: &Option<value::Money>| value.as_ref().map_or(Decimal::ZERO, |v| v.amount);
        Ok(Some(Difference {
            reference: event.reference().to_string(),
            version: event.version().0,
            billable: currency.map(|money| Billable {
                currency: money.currency.clone(),
                before: amount(&before),
                after: amount(&after),
            }),
            before: judged::told(&pair.before),
            after: judged::told(&pair.after),
        }))
    }
}
