//! Writes down what became of every record, in chains that only grow, and seals them every day.
//!
//! It reads the ledger's stream beside `relay` and decides nothing. One invocation is one block, so
//! that a record's share of it is small; a batch that comes again is the same block.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::{BadEnvironment, Chain, Clock, Connection, Environment, Files, StoreError};
use aws_lambda_events::dynamodb::{Event, EventRecord};
use domain::Fingerprint;
use domain::audit::{Entry, PEOPLE, RECORDS, Seal, chains};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

/// The function, with everything it needs.
pub struct Audit {
    table: aws::Audit,
    seals: Files,
    clock: Arc<dyn Clock>,
}

/// What triggers this function.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Trigger {
    /// Changes of the ledger.
    Changes(Event),
    /// The hour.
    Hour(Hour),
}

/// The schedule's input.
#[derive(Deserialize)]
pub struct Hour {
    /// Always true; its presence tells the trigger.
    #[expect(dead_code, reason = "the field's presence is what matters")]
    seal: bool,
}

/// The answer.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Of a batch of changes: all are written, or the invocation failed and they come again.
    Written {
        /// How many records changed.
        records: usize,
    },
    /// Of the hour: the seal of the day before, which stays the one that was made first.
    Sealed {
        /// How many chains it names.
        chains: usize,
    },
}

/// Why something is not written.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// A table or bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Our own words cannot be written; never seen.
    #[error("a seal cannot be written")]
    Unwritable(#[from] serde_json::Error),
}

impl Audit {
    /// Connects to AWS.
    pub async fn connect(environment: &Environment) -> Result<Self, BadEnvironment> {
        Self::over(environment, &Connection::open().await)
    }

    /// The function over a connection that is there already.
    pub fn over(
        environment: &Environment,
        connection: &Connection,
    ) -> Result<Self, BadEnvironment> {
        Ok(Self {
            table: aws::Audit::new(connection, environment.required("AUDIT_TABLE")?),
            seals: Files::new(connection, environment.required("SEALS_BUCKET")?),
            clock: connection.clock(),
        })
    }

    /// Handles a trigger.
    pub async fn handle(&self, trigger: Trigger) -> Result<Answer, lambda_runtime::Error> {
        let answer = match trigger {
            Trigger::Changes(event) => self.write(&event).await,
            Trigger::Hour(_) => self.seal().await,
        };
        answer.map_err(|error| {
            warn!(error = %Chain(&error), "the audit is behind");
            error.into()
        })
    }

    /// Writes a batch of changes as one block.
    async fn write(&self, event: &Event) -> Result<Answer, AuditError> {
        let entries: Vec<Entry> = event.records.iter().filter_map(entry).collect();
        let first = event.records.first();
        let name = first.and_then(|record| record.change.sequence_number.clone());
        let name = name.unwrap_or_default();
        if !entries.is_empty() {
            let chain = chain_of(&name);
            self.table
                .append(chain, &name, &entries, self.clock.now())
                .await?;
            info!(chain, records = entries.len(), "audit written");
        }
        Ok(Answer::Written {
            records: entries.len(),
        })
    }

    /// Seals the day before today, in UTC.
    async fn seal(&self) -> Result<Answer, AuditError> {
        let today = self.clock.now().to_zoned(TimeZone::UTC).date();
        let day = today.yesterday().unwrap_or(today);
        let mut heads = BTreeMap::new();
        for chain in chains() {
            heads.insert(chain.to_owned(), self.table.head(chain).await?);
        }
        let seal = Seal::of(day, heads);
        let file = format!("{day}.json");
        self.seals
            .keep(&file, &serde_json::to_string(&seal)?)
            .await?;
        info!(%day, root = seal.root.as_str(), "audit sealed");
        Ok(Answer::Sealed {
            chains: seal.chains.len(),
        })
    }
}

/// Which chain a batch belongs to: always the same one, so that it is found when it comes again.
fn chain_of(name: &str) -> &'static str {
    let sum = name.bytes().map(usize::from).sum::<usize>();
    RECORDS.get(sum % RECORDS.len()).copied().unwrap_or(PEOPLE)
}

/// What a change of the ledger says of a record; none where it is not about one.
fn entry(record: &EventRecord) -> Option<Entry> {
    let image = serde_json::to_value(&record.change.new_image).ok()?;
    let text = |name: &str| image.get(name)?.get("S")?.as_str().map(str::to_owned);
    let at = record
        .change
        .approximate_creation_date_time
        .timestamp_millis();
    Some(Entry::Record {
        at: Timestamp::from_millisecond(at).ok()?,
        reference: text("pk")?.strip_prefix("r#")?.to_owned(),
        version: text("sk")?.strip_prefix("v#")?.to_owned(),
        state: text("state")?,
        command: text("command"),
        correlation: text("correlation").unwrap_or_default(),
        content: Fingerprint::of(&text("doc")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(pk: &str) -> EventRecord {
        let text = format!(
            r#"{{"eventID":"1","eventName":"MODIFY","awsRegion":"eu-central-1","dynamodb":{{"ApproximateCreationDateTime":1700000000,"Keys":{{}},"NewImage":{{"pk":{{"S":"{pk}"}},"sk":{{"S":"v#00000000000000000007"}},"state":{{"S":"held"}},"correlation":{{"S":"c"}},"doc":{{"S":"{{}}"}}}},"SequenceNumber":"111","SizeBytes":1,"StreamViewType":"NEW_IMAGE"}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn only_records_are_written_down_and_only_the_digest_of_what_they_say() {
        let Some(Entry::Record {
            reference,
            content,
            state,
            ..
        }) = entry(&change("r#s__a__e__1"))
        else {
            panic!("a record is written down");
        };
        assert_eq!((reference.as_str(), state.as_str()), ("s__a__e__1", "held"));
        assert_eq!(content, Fingerprint::of("{}"));
        assert_eq!(entry(&change("p#work#0")), None);
    }

    #[test]
    fn a_batch_that_comes_again_belongs_to_the_same_chain() {
        let chains: std::collections::BTreeSet<_> =
            (0..50).map(|n| chain_of(&format!("44215845{n}"))).collect();
        assert_eq!(chains.len(), RECORDS.len());
        assert_eq!(chain_of("4421"), chain_of("4421"));
    }
}
