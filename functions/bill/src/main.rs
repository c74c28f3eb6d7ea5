//! Keeps what can be billed, and freezes billing runs.

// The SDK's futures nest deeper than the default allows.
#![recursion_limit = "256"]

use aws::Environment;
use bill::Bill;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    aws::init_telemetry();
    let bill = &Bill::connect(&Environment::read()).await?;
    run(service_fn(async |call: LambdaEvent<_>| {
        bill.handle(call.payload).await
    }))
    .await
}
