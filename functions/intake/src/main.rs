//! Takes a source's webhook, proves who sent it, and keeps it: one durable write, then the answer.

// The SDK's futures nest deeper than the default allows.
#![recursion_limit = "256"]

use aws::Environment;
use intake::{Config, Intake};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    aws::init_telemetry();
    let intake = &Intake::connect(Config::read(&Environment::read())?).await;
    run(service_fn(async |call: LambdaEvent<_>| {
        Ok::<_, Error>(intake.answer(&call.payload).await)
    }))
    .await
}
