//! Drains the work list into Odoo.

// The SDK's futures nest deeper than the default allows.
#![recursion_limit = "256"]

use aws::Environment;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use post::{Config, Post};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    aws::init_telemetry();
    let post = &Post::connect(Config::read(&Environment::read())?).await?;
    run(service_fn(async |call: LambdaEvent<_>| {
        let deadline = call.context.deadline;
        Ok::<_, Error>(post.handle(call.payload, deadline).await)
    }))
    .await
}
