//! The least that a function with intake's two calls of AWS can be: it reads the secret, sends what
//! came, and answers. It proves nothing.

// The SDK's futures nest deeper than the default allows.
#![recursion_limit = "256"]

use aws::Environment;
use aws_config::BehaviorVersion;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let queue = Environment::read().required("DELIVERIES_QUEUE_URL")?;
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let secrets = aws_sdk_secretsmanager::Client::new(&config);
    let queues = aws_sdk_sqs::Client::new(&config);
    let (queue, secrets, queues) = (&queue, &secrets, &queues);
    run(service_fn(async |call: LambdaEvent<Value>| {
        let secret = secrets.get_secret_value().secret_id("tenon/bench/hubspot");
        secret.send().await?;
        let body = call.payload["body"].as_str().unwrap_or_default();
        let message = queues.send_message().queue_url(queue).message_body(body);
        message.send().await?;
        Ok::<_, Error>(json!({"statusCode": 200, "body": ""}))
    }))
    .await
}
