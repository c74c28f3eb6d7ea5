//! A vendor renames a field: its messages are kept, one question names the field, nothing wrong is
//! posted, and when the field is read again everything is taken.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::{
    Books, Clock as _, Connection, DeadLetters, Exceptions, Ledger, RandomTokens, SystemClock,
};
use aws_lambda_events::sqs::SqsEvent;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cli::aws_api::SQS;
use domain::delivery::{DELIVERY_VERSION, Delivery};
use domain::{Lane, Reference};
use serde_json::{Value, json};
use source_api::SourceApi;
use tests::books::in_force;
use tests::emulator::Emulator;
use tests::large_stack::on_a_large_stack;
use validate::{Config, Validate};

/// The firm's PSA sends time with its approval under this name.
const FIELD: &str = "status";
const RENAMED: &str = "approvalState";

/// The function, with tables and queues of its own.
struct World {
    emulator: Emulator,
    connection: Connection,
    validate: Validate,
    ledger: Ledger,
    exceptions: Exceptions,
    drift: String,
    deliveries: String,
}

impl World {
    async fn start() -> Self {
        let emulator = Emulator::start();
        let (ledger, exceptions) = emulator.tables().await;
        let control = emulator.table("control").await;
        let drift = emulator.queue("drift", &json!({})).await;
        let deliveries = emulator.queue("deliveries", &json!({})).await;
        let connection = Connection::to_emulator(
            emulator.url(),
            Arc::new(SystemClock),
            Arc::new(RandomTokens),
        );
        let books = Books::new(&connection, &control);
        in_force(&books, domain::book::DEMO, SystemClock.now()).await;
        let config = Config {
            ledger: ledger.clone(),
            billing: emulator.table("billing").await,
            sources: source_account::Settings {
                environment: "test".to_owned(),
                control,
                exceptions: exceptions.clone(),
                // No source is asked here.
                addresses: BTreeMap::new(),
            },
            deliveries: deliveries.clone(),
            drift: drift.clone(),
            bells: Lane::ALL.map(|lane| (lane, deliveries.clone())).to_vec(),
            recorded: None,
        };
        Self {
            validate: Validate::over(config, &connection, SourceApi::new().expect("a client")),
            ledger: Ledger::new(&connection, ledger),
            exceptions: Exceptions::new(&connection, exceptions),
            drift,
            deliveries,
            connection,
            emulator,
        }
    }

    async fn take(&self, delivery: &Delivery) {
        let body = serde_json::to_string(delivery).expect("JSON");
        let event = json!({"Records": [{"messageId": "1", "body": body}]});
        let event: SqsEvent = serde_json::from_value(event).expect("an event");
        let failed = self.validate.handle(event).await.batch_item_failures;
        assert_eq!(failed.len(), 0, "nothing goes back to its queue");
    }

    async fn versions(&self, id: u32) -> usize {
        let entry = Reference::new("connectwise", "Cobalt", "time_entry", id.to_string());
        self.ledger
            .versions(&entry)
            .await
            .expect("the ledger")
            .len()
    }

    /// What is in the queue of deliveries.
    async fn delivered(&self) -> Vec<Delivery> {
        let aws = self.emulator.aws();
        let mut delivered = Vec::new();
        loop {
            let ask = json!({"QueueUrl": self.deliveries, "MaxNumberOfMessages": 10});
            let answer = aws.json(SQS, "ReceiveMessage", &ask).await;
            let answer = answer.expect("messages");
            let Some(messages) = answer["Messages"].as_array().filter(|all| !all.is_empty()) else {
                return delivered;
            };
            let bodies = messages
                .iter()
                .filter_map(|message| message["Body"].as_str());
            // Bells ring in the same queue here.
            delivered.extend(bodies.filter_map(|body| serde_json::from_str(body).ok()));
        }
    }
}

/// An entry as the PSA sends it, with its approval under this name.
fn sent(id: u32, field: &str) -> Delivery {
    let body = tests::file("events/connectwise-time-entry.json");
    let mut body: Value = serde_json::from_str(&body).expect("JSON");
    let record = body["Entity"].as_str().expect("a record as text");
    let record = record.replace("90311", &id.to_string());
    let record = record.replace("\"status\"", &format!("\"{field}\""));
    body["Entity"] = Value::from(record);
    body["ID"] = Value::from(id);
    Delivery {
        v: DELIVERY_VERSION,
        id: format!("delivery-{id}"),
        source: "connectwise".to_owned(),
        account: "Cobalt".to_owned(),
        received_at: SystemClock.now(),
        headers: BTreeMap::new(),
        body: BASE64_STANDARD.encode(body.to_string()),
    }
}

#[test]
fn a_renamed_field_is_one_question_and_its_messages_are_kept_until_it_is_read() {
    on_a_large_stack(async || {
        let world = World::start().await;
        for id in [1, 2, 3] {
            world.take(&sent(id, RENAMED)).await;
        }
        world.take(&sent(4, FIELD)).await;
        for id in [1, 2, 3] {
            assert_eq!(world.versions(id).await, 0, "entry {id}");
        }
        assert_eq!(world.versions(4).await, 1, "what is as described goes on");
        let open = world.exceptions.open(&["operations"]).await.unwrap();
        let [question] = open.as_slice() else {
            panic!("one question for three messages: {open:?}");
        };
        assert_eq!(question.code, "schema_drift");
        let items = question.items.join(" ");
        assert!(items.contains("the field status is missing"), "{items}");
        assert!(question.fix.contains("tenon dead-letters redrive drift"));

        let deliveries = Some(world.deliveries.clone());
        let kept = DeadLetters::new(&world.connection, "drift", &world.drift, deliveries);
        assert_eq!(kept.look(10).await.unwrap().len(), 3);
        assert_eq!(kept.send_back(10).await.unwrap(), 3);
        let mut back = world.delivered().await;
        assert_eq!(back.len(), 3);
        // Mended: what is sent under the new name is read as what it was. Here the message is.
        for delivery in &mut back {
            let id = delivery.id.trim_start_matches("delivery-").parse().unwrap();
            delivery.body = sent(id, FIELD).body;
            world.take(delivery).await;
            assert_eq!(world.versions(id).await, 1);
        }
        let open = world.exceptions.open(&["operations"]).await.unwrap();
        assert_eq!(open, [], "the question is closed");
    });
}
