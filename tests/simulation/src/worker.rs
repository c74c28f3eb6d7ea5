//! One instance of a function: its own clock, and its own end.

use std::fmt;
use std::sync::Arc;

use aws::{Clock, Connection, Tokens};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::sdk_config::StalledStreamProtectionConfig;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use crate::door::Door;
use crate::world::World;

/// One instance of a function.
pub struct Worker {
    /// For example `post 2`.
    pub name: String,
    /// The world it lives in.
    pub world: Arc<World>,
    /// How far its clock is ahead of the true time.
    skew: SignedDuration,
    killed: Notify,
}

impl Worker {
    /// An instance whose clock is ahead of the true time by `skew`.
    pub fn new(world: &Arc<World>, name: String, skew: SignedDuration) -> Arc<Self> {
        Arc::new(Self {
            name,
            world: Arc::clone(world),
            skew,
            killed: Notify::new(),
        })
    }

    /// Its connection to AWS, which is this world.
    pub fn connection(self: &Arc<Self>) -> Connection {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-central-1"))
            .http_client(Door(Arc::clone(self)))
            .endpoint_url("http://simulation")
            .sleep_impl(TokioSleep::new())
            .time_source(TrueTime(Arc::clone(&self.world)))
            .timeout_config(Connection::timeouts())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        let (clock, tokens) = (Arc::clone(self), Arc::clone(self));
        Connection::over(config, clock, tokens).on_time()
    }

    /// Ends this instance: whoever runs it drops what it was doing.
    pub async fn die(&self) -> ! {
        self.killed.notify_one();
        std::future::pending().await
    }

    /// Comes back when this instance has to end.
    pub async fn killed(&self) {
        self.killed.notified().await;
    }
}

impl Clock for Worker {
    fn now(&self) -> Timestamp {
        self.world.now() + self.skew
    }
}

impl Tokens for Worker {
    fn fresh(&self) -> String {
        self.world.things().dice.token()
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// AWS refuses requests that are signed at the wrong time; no machine there has such a clock.
#[derive(Debug)]
struct TrueTime(Arc<World>);

impl TimeSource for TrueTime {
    fn now(&self) -> std::time::SystemTime {
        self.0.now().into()
    }
}
