//! The only door for people.

// The SDK's futures nest deeper than the default allows.
#![recursion_limit = "256"]

use aws::Environment;
use console::Console;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    aws::init_telemetry();
    let console = &Console::connect(&Environment::read()).await?;
    run(service_fn(async |call: LambdaEvent<_>| {
        Ok::<_, Error>(console.answer(&call.payload).await)
    }))
    .await
}
