//! The function `collect` over an emulated bucket and queue: what is left when it is stopped half-way,
//! and when the file is.

use std::sync::Arc;

use aws::{Books, Clock as _, Connection, Environment, RandomTokens, SystemClock};
use aws_lambda_events::sqs::SqsEvent;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cli::aws_api::SQS;
use collect::Collect;
use domain::delivery::Delivery;
use serde_json::{Value, json};
use tests::books::in_force;
use tests::emulator::Emulator;
use tests::large_stack::on_a_large_stack;

const BOOK: &str = domain::book::DEMO;
const BUCKET: &str = "files";
/// As a request names the file `a b+c.csv`.
const KEY: &str = "in/generic/north/a%20b%2Bc.csv";

struct World {
    emulator: Emulator,
    control: String,
    exceptions: String,
    deliveries: String,
}

impl World {
    async fn start() -> Self {
        let emulator = Emulator::start();
        let (_, exceptions) = emulator.tables().await;
        let world = Self {
            control: emulator.table("control").await,
            deliveries: emulator.queue("deliveries", &json!({})).await,
            exceptions,
            emulator,
        };
        let books = Books::new(&world.connection(), &world.control);
        let psa = "source = \"generic\"\naccount = \"north\"";
        let book = BOOK.replace("source = \"connectwise\"\naccount = \"Cobalt\"", psa);
        in_force(&books, &book, SystemClock.now()).await;
        let parameter = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let parameters = [
            parameter("StackName", "bucket"),
            parameter("TemplateBody", &bucket().to_string()),
        ];
        let aws = world.emulator.aws();
        let made = aws.query("cloudformation", "2010-05-15", "CreateStack", &parameters);
        made.await.expect("a bucket");
        world
    }

    fn connection(&self) -> Connection {
        let (clock, tokens) = (Arc::new(SystemClock), Arc::new(RandomTokens));
        Connection::to_emulator(self.emulator.url(), clock, tokens)
    }

    fn collect(&self) -> Collect {
        let environment = Environment::of([
            ("FILES_BUCKET", BUCKET),
            ("CONTROL_TABLE", &self.control),
            ("EXCEPTIONS_TABLE", &self.exceptions),
            ("DELIVERIES_QUEUE_URL", &self.deliveries),
        ]);
        Collect::over(&environment, &self.connection()).expect("settings")
    }

    /// Drops a file; what the bucket says of it.
    async fn drop_file(&self, content: String) -> SqsEvent {
        let aws = self.emulator.aws();
        let put = aws.put_object(BUCKET, KEY, content.into_bytes()).await;
        put.expect("a file");
        let ask = json!({"QueueUrl": format!("{}/000000000000/told", self.emulator.url())});
        loop {
            let answer = aws
                .json(SQS, "ReceiveMessage", &ask)
                .await
                .expect("messages");
            let body = answer["Messages"][0]["Body"].as_str().expect("it tells");
            // At first it only says that it is connected.
            if body.contains("s3:TestEvent") {
                continue;
            }
            let event = json!({"Records": [{"messageId": "1", "body": body}]});
            return serde_json::from_value(event).expect("an event");
        }
    }

    /// What came into the queue of deliveries since the last look, by id.
    async fn delivered(&self) -> Vec<Delivery> {
        let aws = self.emulator.aws();
        let ask = json!({"QueueUrl": self.deliveries, "MaxNumberOfMessages": 10});
        let mut delivered = Vec::new();
        loop {
            let answer = aws
                .json(SQS, "ReceiveMessage", &ask)
                .await
                .expect("messages");
            let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                delivered.sort_by(|one: &Delivery, other| one.id.cmp(&other.id));
                return delivered;
            }
            let body = |message: &Value| serde_json::from_str(message["Body"].as_str()?).ok();
            delivered.extend(messages.iter().filter_map(body));
        }
    }
}

/// A bucket that keeps versions and tells a queue.
fn bucket() -> Value {
    let statement = json!({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*",
        "Principal": {"Service": "s3.amazonaws.com"}});
    let told = json!({"Event": "s3:ObjectCreated:*", "Queue": {"Fn::GetAtt": ["Told", "Arn"]}});
    json!({"Resources": {
        "Told": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "told"}},
        "May": {"Type": "AWS::SQS::QueuePolicy", "Properties": {
            "Queues": [{"Ref": "Told"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        }},
        "Files": {"Type": "AWS::S3::Bucket", "DependsOn": "May", "Properties": {
            "BucketName": BUCKET, "VersioningConfiguration": {"Status": "Enabled"},
            "NotificationConfiguration": {"QueueConfigurations": [told]},
        }},
    }})
}

/// From the 51st on they are long.
fn tickets(count: usize) -> String {
    let note = |id| {
        if id > 50 {
            "x".repeat(500)
        } else {
            String::new()
        }
    };
    let row = |id| format!("ticket,{id},2026-11-20T10:00:00Z,open,{}\n", note(id));
    let rows: String = (1..=count).map(row).collect();
    format!("event,id,changed_at,status,notes\n{rows}")
}

async fn failures(collect: &Collect, event: &SqsEvent) -> usize {
    collect
        .handle(event.clone())
        .await
        .batch_item_failures
        .len()
}

#[test]
fn a_file_that_was_half_sent_is_sent_again_under_the_same_names() {
    on_a_large_stack(async || {
        let world = World::start().await;
        let event = world.drop_file(tickets(120)).await;
        // The first part is smaller than this, and the second is not.
        let limited = async |bytes: &str| {
            let wanted =
                json!({"QueueUrl": world.deliveries, "Attributes": {"MaximumMessageSize": bytes}});
            let aws = world.emulator.aws();
            let set = aws.json(SQS, "SetQueueAttributes", &wanted);
            set.await.expect("a limit");
        };
        let collect = world.collect();
        limited("16384").await;
        assert_eq!(failures(&collect, &event).await, 1);
        let half = world.delivered().await;
        assert_eq!(half.len(), 1, "it stopped half-way");
        limited("262144").await;
        assert_eq!(failures(&collect, &event).await, 0);
        let first = world.delivered().await;
        assert_eq!(first.len(), 3);
        assert!(first[0] == half[0], "the first part is the same message");
        assert_eq!(failures(&collect, &event).await, 0);
        assert!(
            world.delivered().await == first,
            "and so are all, to the byte"
        );
        for (part, lines) in first.iter().zip(["2,3,", "52,53,", "102,103,"]) {
            assert_eq!(
                (part.source.as_str(), part.account.as_str()),
                ("generic", "north")
            );
            assert_eq!(part.headers["tenon-file"], "a b+c.csv");
            assert!(part.headers["tenon-file-lines"].starts_with(lines));
            let version = &part.headers["tenon-file-version"];
            assert!(part.id.starts_with(&format!("file-{version}-")));
            let body = BASE64_STANDARD.decode(&part.body).expect("base64");
            assert!(body.starts_with(b"event,id,changed_at,status,notes\nticket,"));
        }
    });
}

#[test]
fn of_a_file_that_is_cut_off_nothing_is_sent() {
    on_a_large_stack(async || {
        let world = World::start().await;
        let cut = format!("{}ticket,\"121", tickets(120));
        let event = world.drop_file(cut).await;
        assert_eq!(failures(&world.collect(), &event).await, 0);
        assert!(world.delivered().await.is_empty());
        let open = aws::Exceptions::new(&world.connection(), &world.exceptions);
        let open = open.open(&["operations"]).await.expect("exceptions");
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].code, "file_refused");
        assert!(
            open[0].sentence.contains("in/generic/north/a b+c.csv"),
            "{}",
            open[0].sentence
        );
        assert!(open[0].items[0].contains("line 122"), "{:?}", open[0].items);
    });
}
