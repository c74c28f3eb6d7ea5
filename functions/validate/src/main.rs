//! Reads deliveries, fetches what they only name, judges, and writes the work list.

// The SDK's futures nest deeper than the default allows.
#![recursion_limit = "256"]

use aws::Environment;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use validate::{Config, Validate};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    aws::init_telemetry();
    let validate = &Validate::connect(Config::read(&Environment::read())?).await?;
    run(service_fn(async |call: LambdaEvent<_>| {
        Ok::<_, Error>(validate.handle(call.payload).await)
    }))
    .await
}
