//! Takes up the files that others drop, and cuts them into deliveries.

// The SDK's futures nest deeper than the default allows.
#![recursion_limit = "256"]

use aws::Environment;
use collect::Collect;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    aws::init_telemetry();
    let collect = &Collect::connect(&Environment::read()).await?;
    run(service_fn(async |call: LambdaEvent<_>| {
        Ok::<_, Error>(collect.handle(call.payload).await)
    }))
    .await
}
