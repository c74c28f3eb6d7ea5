//! Our own function draining approved entries into Odoo, measured.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws::{Bell, Clock as _, Ledger, SystemClock};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use cli::stack::{DATABASE, seed};
use domain::gate::Budget;
use domain::limits::Limits;
use domain::record::{Attempt, Posted};
use domain::{Lane, Record, State};
use futures::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use post::{Config, Post};

use crate::cloud::{Asked, Cloud};
use crate::firm::{Contract, Firm};
use crate::stopwatch::{Call, Stopwatch};

/// As on AWS.
const LIMITS: Limits = Limits {
    odoo_read_seconds: 60,
    odoo_limit_seconds: 120,
    margin_seconds: 30,
    post_timeout_seconds: 90,
    lease_seconds: 240,
    visibility_seconds: 540,
};
/// An Odoo of one's own; what pacing costs is measured apart.
const CALLS_PER_SECOND: u32 = 1_000;
/// So many bells without an end mean that something is wrong.
const MOST_BELLS: usize = 500;

/// The function with a ledger of its own.
pub struct Poster<'a> {
    contract: &'a Contract,
    cloud: Cloud,
    ledger: Ledger,
    post: Post,
    /// Its way to Odoo.
    pub wire: Arc<Stopwatch>,
}

/// What a drain took.
pub struct Drained {
    /// From the first bell to the end.
    pub wall: Duration,
    /// Odoo's answers.
    pub calls: Vec<Call>,
    /// What was asked of AWS.
    pub asked: Asked,
}

impl Drained {
    /// The time in which Odoo had work.
    pub fn busy(&self) -> Duration {
        self.calls.iter().map(|call| call.took).sum()
    }
}

impl<'a> Poster<'a> {
    /// With an empty ledger that knows the contract.
    pub async fn new(firm: &Firm, contract: &'a Contract) -> Self {
        Self::capped(firm, contract, CALLS_PER_SECOND).await
    }

    /// The same, with so many calls per second at most, one at a time.
    pub async fn capped(firm: &Firm, contract: &'a Contract, per_second: u32) -> Self {
        Self::over(firm, contract, Cloud::new(seed::WORK.key), per_second).await
    }

    /// The same with its tables in an emulator.
    pub async fn emulated(firm: &Firm, contract: &'a Contract) -> Self {
        let cloud = Cloud::emulated(&firm.installed, seed::WORK.key).await;
        Self::over(firm, contract, cloud, CALLS_PER_SECOND).await
    }

    async fn over(firm: &Firm, contract: &'a Contract, cloud: Cloud, per_second: u32) -> Self {
        let connection = cloud.connection();
        let wire = Arc::new(Stopwatch::new(firm.world.url()));
        let budget = Budget::new(per_second, 1, LIMITS.odoo_read_seconds);
        let config = Config {
            environment: "bench".to_owned(),
            ledger: "ledger".to_owned(),
            exceptions: "exceptions".to_owned(),
            control: "control".to_owned(),
            odoo_url: firm.world.url().to_owned(),
            odoo_database: DATABASE.to_owned(),
            odoo_version: 19,
            odoo_budget: budget.expect("a budget"),
            limits: LIMITS,
            bells: Lane::ALL
                .map(|lane| (lane, "https://queue/bells".to_owned()))
                .to_vec(),
        };
        let poster = Self {
            contract,
            ledger: Ledger::new(&connection, "ledger"),
            post: Post::over(config, &connection, wire.clone()),
            cloud,
            wire,
        };
        for (record, posted) in contract.posted() {
            poster.settle(record, posted).await;
        }
        poster
    }

    async fn settle(&self, record: Record, posted: Posted) {
        self.ledger.accept(&record).await.expect("accepted");
        let done = Record {
            state: State::Posted,
            posted: Some(posted),
            ..record
        };
        self.ledger.settle(&[done]).await.expect("settled");
    }

    /// Takes records into the ledger: what that asked of AWS.
    pub async fn accept(&self, records: Vec<Record>) -> Asked {
        self.cloud.taken();
        let accept = |record: Record| async move {
            self.ledger.accept(&record).await.expect("accepted");
        };
        let all = futures::stream::iter(records)
            .map(accept)
            .buffer_unordered(16);
        all.collect::<()>().await;
        self.cloud.taken()
    }

    /// Approved entries, new to the ledger.
    pub fn approved(&self, rows: usize) -> Vec<Record> {
        (0..rows)
            .map(|number| self.contract.approved(number))
            .collect()
    }

    /// The same, each tried before without an answer that was kept.
    pub fn tried(&self, rows: usize) -> Vec<Record> {
        let tried = |mut record: Record| {
            record.history.remember(Attempt {
                at: Timestamp::UNIX_EPOCH,
                until: None,
                times: 1,
                answer: "Odoo did not answer".to_owned(),
            });
            record
        };
        self.approved(rows).into_iter().map(tried).collect()
    }

    /// Rings, and rings again as the function asks for it, until nothing is pending.
    pub async fn drain(&self) -> Drained {
        self.cloud.taken();
        self.wire.taken();
        let started = Instant::now();
        for _ in 0..MOST_BELLS {
            self.ring().await;
            if self.is_drained().await {
                let wall = started.elapsed();
                return Drained {
                    wall,
                    calls: self.wire.taken(),
                    asked: self.cloud.taken(),
                };
            }
            self.wait_for_the_bell().await;
        }
        panic!("{} is not drained", self.contract.shard());
    }

    /// Odoo is away for so many bells; the last of them ends without an answer.
    pub async fn outage(&self, bells: usize) {
        self.wire.set_down(true);
        for _ in 0..bells {
            self.ring().await;
            self.wait_for_the_bell().await;
        }
        self.wire.set_down(false);
    }

    async fn ring(&self) {
        let mut message = SqsMessage::default();
        message.message_id = Some("1".to_owned());
        message.body =
            Some(serde_json::to_string(&Bell::new(self.contract.shard())).expect("JSON"));
        let mut event = SqsEvent::default();
        event.records.push(message);
        let timeout = SignedDuration::from_secs(LIMITS.post_timeout_seconds.into());
        let ends = (SystemClock.now() + timeout).as_millisecond();
        let ends = u64::try_from(ends).expect("after 1970");
        let response = self.post.handle(event, ends).await;
        assert_eq!(
            response.batch_item_failures.len(),
            0,
            "a bell is never sent back"
        );
    }

    async fn wait_for_the_bell(&self) {
        let delay = self.cloud.next_bell().unwrap_or(1);
        tokio::time::sleep(Duration::from_secs(delay)).await;
    }

    async fn is_drained(&self) -> bool {
        let pending = self.ledger.pending(self.contract.shard(), None, 1).await;
        pending.expect("the ledger").is_empty()
    }

    /// How many entries the ledger knows as posted.
    pub async fn posted(&self, rows: usize) -> usize {
        let mut posted = 0;
        for number in 0..rows {
            let (reference, _) = self.contract.entry(number);
            let versions = self.ledger.versions(&reference).await.expect("the ledger");
            posted += usize::from(versions.iter().any(|version| version.state.is_in_odoo()));
        }
        posted
    }
}
