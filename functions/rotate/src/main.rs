//! Fetches signing keys that a source has replaced.

// The SDK's futures nest deeper than the default allows.
#![recursion_limit = "256"]

use aws::Environment;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rotate::Rotate;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    aws::init_telemetry();
    let rotate = &Rotate::connect(&Environment::read()).await?;
    run(service_fn(async |call: LambdaEvent<_>| {
        Ok::<_, Error>(rotate.handle(call.payload).await)
    }))
    .await
}
