//! What waits for Odoo for hours becomes one question for operations, and closes by itself. Over
//! an embedded table, with a clock that is moved.

use std::sync::Arc;

use aws::{Clock, Connection, Environment, Exceptions, FixedClock, Ledger, RandomTokens, Take};
use cli::aws_api::Aws;
use domain::record::Posted;
use domain::{Exception, ExceptionClass, Fingerprint, Lane, LaneShard, Record, Reference};
use domain::{State, Version};
use jiff::{SignedDuration, Timestamp};
use sweep::{Sweep, Trigger};
use tests::emulator::create_tables;

const SHARD: LaneShard = LaneShard {
    lane: Lane::Work,
    shard: 2,
};

fn began() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a valid instant")
}

/// An embedded DynamoDB with an empty ledger; answers its address.
async fn tables() -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("a bound port");
    let database = dynoxide::Database::memory().expect("a database in memory");
    let server = dynoxide::server::serve_with_shutdown(listener, database, std::future::pending());
    tokio::spawn(server);
    let url = format!("http://{address}");
    create_tables(&Aws::root(&url), "ledger", "exceptions").await;
    url
}

/// The minute's sweep, and what operations must look at afterwards.
struct Minute {
    sweep: Sweep,
    ledger: Ledger,
    exceptions: Exceptions,
    clock: Arc<FixedClock>,
}

impl Minute {
    fn over(connection: &Connection, clock: Arc<FixedClock>) -> Self {
        // Nothing is rung or linked: the partition rests, and the record stays where it is.
        let environment = Environment::of([
            ("LEDGER_TABLE", "ledger"),
            ("EXCEPTIONS_TABLE", "exceptions"),
            ("CROSSWALK_TABLE", "none"),
            ("CONTROL_TABLE", "none"),
            ("MASTER_QUEUE_URL", "none"),
            ("WORK_QUEUE_URL", "none"),
            ("BILLING_QUEUE_URL", "none"),
        ]);
        Self {
            sweep: Sweep::over(&environment, connection).expect("all settings"),
            ledger: Ledger::new(connection, "ledger"),
            exceptions: Exceptions::new(connection, "exceptions"),
            clock,
        }
    }

    async fn after(&self, length: SignedDuration) -> Vec<Exception> {
        self.clock.advance(length);
        self.odoo_is_left_alone_again().await;
        let minute: Trigger = serde_json::from_str(r#"{"sweep":true}"#).expect("the schedule's");
        self.sweep.handle(minute).await.expect("it sweeps");
        let open = self.exceptions.open(&["operations"]).await;
        open.expect("the table answers")
    }

    /// What `post` does as long as Odoo does not answer.
    async fn odoo_is_left_alone_again(&self) {
        let now = self.clock.now();
        let minutes = SignedDuration::from_mins(10);
        let taken = self.ledger.take(SHARD, "owner", now, minutes).await;
        let Ok(Take::Taken(lease)) = taken else {
            panic!("{taken:?}");
        };
        let rests = self.ledger.rest(&lease, now + minutes).await;
        rests.expect("the lease is ours");
    }
}

#[tokio::test]
async fn what_waits_for_odoo_for_hours_is_one_question_for_operations_and_closes_by_itself() {
    let clock = Arc::new(FixedClock::at(began()));
    let connection =
        Connection::to_emulator(&tables().await, clock.clone(), Arc::new(RandomTokens));
    let ledger = Ledger::new(&connection, "ledger");
    let reference = Reference::new("psa", "a", "time_entry", "1");
    let fingerprint = Fingerprint::of("1");
    let record = Record {
        correlation: "its delivery".to_owned(),
        ..Record::new(reference, Version(1), fingerprint, SHARD, began())
    };
    ledger.accept(&record).await.expect("the record is new");
    let minute = Minute::over(&connection, clock);
    let hours = SignedDuration::from_hours;
    assert_eq!(minute.after(hours(3)).await, [], "that happens");
    let open = minute.after(hours(2)).await;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].class, ExceptionClass::Transient);
    assert!(
        open[0]
            .sentence
            .starts_with("Records of work#2 wait for Odoo since ")
    );
    assert_eq!(
        minute.after(hours(1)).await,
        open,
        "the same wait is one question"
    );

    let posted = Record {
        state: State::Posted,
        posted: Some(Posted {
            model: "account.analytic.line".to_owned(),
            id: 7,
            others: Vec::new(),
            name: None,
            customer: domain::customer::Noted::default(),
        }),
        ..record
    };
    ledger.settle(&[posted]).await.expect("it is in Odoo");
    assert_eq!(minute.after(hours(1)).await, [], "nobody need do anything");
}
