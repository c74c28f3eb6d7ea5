//! One connection to AWS, shared by all clients of a function, with the time and the tokens that go
//! with it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::retry::RetryPartition;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};

use crate::checked_clock::{CheckedClock, TellTime};
use crate::{Clock, RandomTokens, SystemClock, Tokens};

/// A small item or message takes milliseconds; the SDK itself would wait for ever.
const ATTEMPT: Duration = Duration::from_secs(5);
/// With all of the SDK's own attempts. It has to leave the function time to give its lease back.
const OPERATION: Duration = Duration::from_secs(15);

/// Credentials, region and one HTTPS client. The clients made from it share its connections.
#[derive(Clone)]
pub struct Connection {
    config: SdkConfig,
    machine: Arc<dyn Clock>,
    /// The machine's clock as AWS corrects it, where it may.
    checked: Option<Arc<CheckedClock>>,
    tokens: Arc<dyn Tokens>,
    /// The SDK gives up retrying when too much fails. By itself it counts per process; counted per
    /// connection, no test world feels the failures of another.
    retries: RetryPartition,
    clients: Arc<Clients>,
    has_metrics: bool,
}

impl Connection {
    /// Reads region and credentials from the function's environment.
    pub async fn open() -> Self {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .timeout_config(Self::timeouts())
            .load()
            .await;
        Self {
            has_metrics: true,
            ..Self::over(config, Arc::new(SystemClock), Arc::new(RandomTokens)).on_time()
        }
    }

    /// A connection to an emulator at this address, which takes any credentials.
    pub fn to_emulator(address: &str, clock: Arc<dyn Clock>, tokens: Arc<dyn Tokens>) -> Self {
        let credentials = Credentials::new("test", "test", None, None, "emulator");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(address)
            .build();
        Self::over(config, clock, tokens)
    }

    /// How long a call of AWS may take.
    pub fn timeouts() -> TimeoutConfig {
        TimeoutConfig::builder()
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(OPERATION)
            .build()
    }

    /// A connection whose SDK answers, whose time and whose tokens come from elsewhere: how a test
    /// gives a function a world of its own. Without credentials its calls are not signed.
    pub fn over(config: SdkConfig, clock: Arc<dyn Clock>, tokens: Arc<dyn Tokens>) -> Self {
        Self {
            config,
            machine: clock,
            checked: None,
            tokens,
            retries: RetryPartition::custom("connection").build(),
            clients: Arc::default(),
            has_metrics: false,
        }
    }

    /// Whether standard output leads to CloudWatch, which reads metrics there.
    pub(crate) fn has_metrics(&self) -> bool {
        self.has_metrics
    }

    /// The same connection, whose time is that of AWS where the machine's is far from it.
    #[must_use]
    pub fn on_time(self) -> Self {
        let checked = Arc::new(CheckedClock::new(self.machine.clone()));
        Self {
            checked: Some(checked),
            clients: Arc::default(),
            ..self
        }
    }

    /// What time it is.
    pub fn clock(&self) -> Arc<dyn Clock> {
        match &self.checked {
            Some(checked) => checked.clone(),
            None => self.machine.clone(),
        }
    }

    /// What time it is on this machine, wrong or not: Lambda tells by it when a function ends.
    pub fn machine_clock(&self) -> Arc<dyn Clock> {
        self.machine.clone()
    }

    /// The clock that AWS corrects.
    pub(crate) fn checked_clock(&self) -> Option<Arc<CheckedClock>> {
        self.checked.clone()
    }

    /// Only a world that is made up takes calls that nobody signed: an eighth of their work.
    fn is_unsigned(&self) -> bool {
        self.config.credentials_provider().is_none()
    }

    fn teller(&self) -> Option<TellTime> {
        self.checked.clone().map(TellTime)
    }

    /// Where unique names come from.
    pub fn tokens(&self) -> Arc<dyn Tokens> {
        self.tokens.clone()
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let make = || {
            let config = aws_sdk_dynamodb::config::Builder::from(&self.config);
            let mut config = config.retry_partition(self.retries.clone());
            if let Some(teller) = self.teller() {
                config = config.interceptor(teller);
            }
            if self.is_unsigned() {
                config = config.allow_no_auth();
            }
            aws_sdk_dynamodb::Client::from_conf(config.build())
        };
        self.clients.dynamodb.get_or_init(make).clone()
    }

    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        let make = || {
            let config = aws_sdk_sqs::config::Builder::from(&self.config);
            let mut config = config.retry_partition(self.retries.clone());
            if let Some(teller) = self.teller() {
                config = config.interceptor(teller);
            }
            if self.is_unsigned() {
                config = config.allow_no_auth();
            }
            aws_sdk_sqs::Client::from_conf(config.build())
        };
        self.clients.sqs.get_or_init(make).clone()
    }

    /// Not kept with the others: one function reads files, and what it takes is linked into no other.
    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config);
        let mut config = config.retry_partition(self.retries.clone());
        if let Some(teller) = self.teller() {
            config = config.interceptor(teller);
        }
        if self.is_unsigned() {
            config = config.allow_no_auth();
        }
        aws_sdk_s3::Client::from_conf(config.build())
    }

    pub(crate) fn secrets_manager(&self) -> aws_sdk_secretsmanager::Client {
        let make = || {
            let config = aws_sdk_secretsmanager::config::Builder::from(&self.config);
            let mut config = config.retry_partition(self.retries.clone());
            if let Some(teller) = self.teller() {
                config = config.interceptor(teller);
            }
            if self.is_unsigned() {
                config = config.allow_no_auth();
            }
            aws_sdk_secretsmanager::Client::from_conf(config.build())
        };
        self.clients.secrets_manager.get_or_init(make).clone()
    }
}

/// One client of each service: making one takes longer than a call.
#[derive(Default)]
struct Clients {
    dynamodb: OnceLock<aws_sdk_dynamodb::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
    secrets_manager: OnceLock<aws_sdk_secretsmanager::Client>,
}
