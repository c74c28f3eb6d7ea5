//! One connection to AWS, shared by all clients of a function.

use aws_config::{BehaviorVersion, SdkConfig};

/// Credentials, region and one HTTPS client. The clients made from it share its connections.
#[derive(Debug, Clone)]
pub struct Connection(SdkConfig);

impl Connection {
    /// Reads region and credentials from the function's environment.
    pub async fn open() -> Self {
        Self(aws_config::load_defaults(BehaviorVersion::latest()).await)
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.0)
    }

    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.0)
    }

    pub(crate) fn secrets_manager(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&self.0)
    }
}
