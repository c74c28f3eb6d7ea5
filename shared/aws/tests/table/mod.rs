//! A control table of a test's own, in an embedded DynamoDB.

use std::collections::HashMap;
use std::sync::Arc;

use aws::{Clock, Connection, RandomTokens};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    ScalarAttributeType,
};

/// The table.
pub struct Table(SdkConfig);

impl Table {
    /// Its name.
    pub const NAME: &str = "control";

    /// A database with nothing but the table.
    pub async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let database = dynoxide::Database::memory().unwrap();
        let server =
            dynoxide::server::serve_with_shutdown(listener, database, std::future::pending());
        tokio::spawn(server);
        let credentials = Credentials::new("test", "test", None, None, "a test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(url)
            .build();
        let table = Self(config);
        table.create().await;
        table
    }

    /// A worker's connection, with a clock of its own.
    pub fn connection(&self, clock: Arc<dyn Clock>) -> Connection {
        Connection::over(self.0.clone(), clock, Arc::new(RandomTokens))
    }

    /// An item as it is.
    pub async fn item(&self, pk: &str, sk: &str) -> HashMap<String, AttributeValue> {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let read = self.client().get_item().table_name(Self::NAME);
        let read = read.key("pk", text(pk)).key("sk", text(sk));
        read.send().await.unwrap().item.unwrap()
    }

    fn client(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.0)
    }

    async fn create(&self) {
        let mut create = self
            .client()
            .create_table()
            .table_name(Self::NAME)
            .billing_mode(BillingMode::PayPerRequest);
        for (name, kind) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
            let attribute = AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S);
            let key = KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(kind);
            create = create
                .attribute_definitions(attribute.build().unwrap())
                .key_schema(key.build().unwrap());
        }
        create.send().await.unwrap();
    }
}
