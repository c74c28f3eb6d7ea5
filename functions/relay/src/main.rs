//! Turns changes of the ledger into messages.

// The SDK's futures nest deeper than the default allows.
#![recursion_limit = "256"]

use aws::Environment;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use relay::Relay;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    aws::init_telemetry();
    let relay = &Relay::connect(&Environment::read()).await?;
    run(service_fn(async |call: LambdaEvent<_>| {
        Ok::<_, Error>(relay.forward(&call.payload).await)
    }))
    .await
}
