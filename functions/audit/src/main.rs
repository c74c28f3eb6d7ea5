//! Writes down what became of every record, and seals it every day.

// The SDK's futures nest deeper than the default allows.
#![recursion_limit = "256"]

use audit::Audit;
use aws::Environment;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    aws::init_telemetry();
    let audit = &Audit::connect(&Environment::read()).await?;
    run(service_fn(async |call: LambdaEvent<_>| {
        audit.handle(call.payload).await
    }))
    .await
}
