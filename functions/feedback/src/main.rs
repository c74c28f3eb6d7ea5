//! Tells the source systems what became of their records.

// The SDK's futures nest deeper than the default allows.
#![recursion_limit = "256"]

use aws::Environment;
use feedback::Feedback;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    aws::init_telemetry();
    let feedback = &Feedback::connect(&Environment::read()).await?;
    run(service_fn(async |call: LambdaEvent<_>| {
        Ok::<_, Error>(feedback.handle(call.payload).await)
    }))
    .await
}
