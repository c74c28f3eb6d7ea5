//! Turns changes of the ledger into messages: what was posted releases what waits for it, can be
//! billed, or is told to a source.
//!
//! Thin on purpose: it reads no table and decides nothing, so that the stream's bounded retries
//! are only spent on a queue that does not answer.

use aws::{
    BadEnvironment, Chain, Connection, Environment, FeedbackDue, Queue, Released, StoreError,
    UnitDue, keys,
};
use aws_lambda_events::dynamodb::{Event, EventRecord};
use serde::Serialize;
use tracing::{error, info};

/// The commands whose posting makes something billable.
const BILLABLE: [&str; 3] = ["confirm_order", "create_order", "log_time"];

/// The commands that nothing ever waits for.
const AWAITED_BY_NOBODY: [&str; 3] = ["log_time", "follow_project", CREATES_IN_PSA];

/// The command whose posting only says that a PSA is to be asked for something.
const CREATES_IN_PSA: &str = "create_psa_project";

/// The function, with everything it needs.
pub struct Relay {
    units: Queue,
    releases: Queue,
    feedback: Queue,
}

/// The stream's partial answer: retry from the first failure on.
#[derive(Debug, Default, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct StreamResponse {
    batch_item_failures: Vec<Failure>,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

/// What a posted record means for others.
#[derive(Debug, Default, PartialEq, Eq)]
struct Consequences {
    releases: bool,
    billable: bool,
    feedback: bool,
}

impl Relay {
    /// Connects to AWS.
    pub async fn connect(environment: &Environment) -> Result<Self, BadEnvironment> {
        Self::over(environment, &Connection::open().await)
    }

    /// The function over a connection that is there already.
    pub fn over(
        environment: &Environment,
        connection: &Connection,
    ) -> Result<Self, BadEnvironment> {
        let queue = |name| {
            environment
                .required(name)
                .map(|url| Queue::new(connection, url))
        };
        Ok(Self {
            units: queue("UNITS_QUEUE_URL")?,
            releases: queue("RELEASES_QUEUE_URL")?,
            feedback: queue("FEEDBACK_QUEUE_URL")?,
        })
    }

    /// Forwards a batch of changes, in order.
    pub async fn forward(&self, event: &Event) -> StreamResponse {
        for record in &event.records {
            if let Err(failure) = self.forward_one(record).await {
                error!(error = %Chain(&failure), "change not forwarded");
                let item_identifier = record.change.sequence_number.clone().unwrap_or_default();
                return StreamResponse {
                    batch_item_failures: vec![Failure { item_identifier }],
                };
            }
        }
        StreamResponse::default()
    }

    async fn forward_one(&self, record: &EventRecord) -> Result<(), StoreError> {
        let Some((pointer, consequences)) = posted(record) else {
            return Ok(());
        };
        let Some((reference, version)) = keys::read_pointer(&pointer) else {
            return Ok(());
        };
        if consequences.releases {
            self.releases
                .send(&Released::new(reference.clone(), version))
                .await?;
        }
        if consequences.billable {
            self.units
                .send(&UnitDue::new(reference.clone(), version))
                .await?;
        }
        if consequences.feedback {
            self.feedback
                .send(&FeedbackDue::new(reference.clone()))
                .await?;
        }
        info!(%reference, releases = consequences.releases, billable = consequences.billable, feedback = consequences.feedback, "posting relayed");
        Ok(())
    }
}

/// The pointer to a record that was posted, and what follows from it. The stream's filter lets
/// only posted ones through; an emulator or a new filter may not.
fn posted(record: &EventRecord) -> Option<(String, Consequences)> {
    let image = serde_json::to_value(&record.change.new_image).ok()?;
    let text = |name: &str| image.get(name)?.get("S")?.as_str().map(str::to_owned);
    if text("state")? != "posted" {
        return None;
    }
    let reference = text("pk")?.strip_prefix("r#")?.to_owned();
    let version = text("sk")?.strip_prefix("v#")?.to_owned();
    let command = text("command");
    let is_one_of = |names: &[&str]| command.as_deref().is_some_and(|name| names.contains(&name));
    let consequences = Consequences {
        releases: command.is_some() && !is_one_of(&AWAITED_BY_NOBODY),
        billable: is_one_of(&BILLABLE),
        feedback: text("feedback").is_some() || is_one_of(&[CREATES_IN_PSA]),
    };
    Some((format!("{reference}#{version}"), consequences))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(image: &str) -> EventRecord {
        let text = format!(
            r#"{{"eventID":"1","eventName":"MODIFY","awsRegion":"eu-central-1","dynamodb":{{"ApproximateCreationDateTime":1700000000,"Keys":{{}},"NewImage":{image},"SequenceNumber":"111","SizeBytes":1,"StreamViewType":"NEW_IMAGE"}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn only_what_was_posted_has_consequences() {
        let image = |state: &str, command: &str| {
            change(&format!(
                r#"{{"pk":{{"S":"r#s__a__e__1"}},"sk":{{"S":"v#00000000000000000007"}},"state":{{"S":"{state}"}},"command":{{"S":"{command}"}}}}"#
            ))
        };
        let of = |state, command| posted(&image(state, command)).map(|(_, what)| what);
        assert_eq!(of("waiting", "log_time"), None);
        let time = of("posted", "log_time").unwrap();
        assert_eq!(
            (time.releases, time.billable, time.feedback),
            (false, true, false)
        );
        let order = of("posted", "create_order").unwrap();
        assert_eq!((order.releases, order.billable), (true, true));
        let project = of("posted", "create_project").unwrap();
        assert_eq!((project.releases, project.billable), (true, false));
        let in_psa = of("posted", "create_psa_project").unwrap();
        assert_eq!(
            (in_psa.releases, in_psa.billable, in_psa.feedback),
            (false, false, true)
        );
        let pointer = posted(&image("posted", "log_time")).unwrap().0;
        assert!(keys::read_pointer(&pointer).is_some(), "{pointer}");
    }
}
