//! Releases what waited, and rings again when a bell was lost.

// The SDK's futures nest deeper than the default allows.
#![recursion_limit = "256"]

use aws::Environment;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use sweep::Sweep;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    aws::init_telemetry();
    let sweep = &Sweep::connect(&Environment::read()).await?;
    run(service_fn(async |call: LambdaEvent<_>| {
        sweep.handle(call.payload).await
    }))
    .await
}
