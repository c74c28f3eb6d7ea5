//! Asks Odoo, the CRM and the PSA on a schedule what changed there.

// The SDK's futures nest deeper than the default allows.
#![recursion_limit = "256"]

use aws::Environment;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use pull::Pull;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    aws::init_telemetry();
    let pull = &Pull::connect(&Environment::read()).await?;
    run(service_fn(async |_: LambdaEvent<serde_json::Value>| {
        Ok::<_, Error>(pull.run().await?)
    }))
    .await
}
