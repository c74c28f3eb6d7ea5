//! From the start of the process to the answer to its first webhook.

use std::path::Path;
use std::time::{Duration, Instant};

use cli::aws_api::{Aws, SQS};
use cli::cache::Cache;
use cli::progress::Progress;
use cli::stack::{Installed, MiniStack, RunFolder};
use serde_json::json;

use crate::webhooks::Programs;
use crate::webhooks::lambda::Lambda;
use crate::webhooks::webhook::{SECRET, SECRET_NAME, Webhook};

/// Times of the function and of the reference, round by round.
#[derive(Debug, Default)]
pub struct Starts {
    /// The function that ships.
    pub ours: Vec<Duration>,
    /// The same calls of AWS and nothing else.
    pub least: Vec<Duration>,
}

/// With an AWS in this process that answers at once.
pub async fn at_once(programs: &Programs, rounds: usize) -> Starts {
    alternately(programs, rounds, None).await
}

/// With the emulator, whose own answers take several times as long.
pub async fn emulated(programs: &Programs, rounds: usize) -> Starts {
    let cache = Cache::locate().expect("a cache");
    let installed = Installed::ensure(&cache, &Progress::new()).expect("the emulator");
    let run = RunFolder::create(&cache).expect("a run folder");
    let ministack = MiniStack::start(&installed.ministack, &run.path("ministack"));
    let ministack = ministack.expect("the emulator starts");
    let aws = Aws::root(ministack.url());
    let secret = aws.put_secret(SECRET_NAME, SECRET).await;
    secret.expect("the secret is kept");
    let queue = json!({"QueueName": "deliveries"});
    let queue = aws.json(SQS, "CreateQueue", &queue).await.expect("a queue");
    let queue_url = queue["QueueUrl"].as_str().expect("its address");
    alternately(programs, rounds, Some((ministack.url(), queue_url))).await
}

/// Who goes first changes from round to round: the second finds a warmer machine. The round before
/// the first brings both programs into the machine's memory and is left out.
async fn alternately(programs: &Programs, rounds: usize, account: Option<(&str, &str)>) -> Starts {
    let mut starts = Starts::default();
    for round in 0..=rounds {
        let (mut ours, mut least) = (Duration::ZERO, Duration::ZERO);
        if round % 2 == 0 {
            least = first_answer(&programs.least, account).await;
        }
        ours += first_answer(&programs.intake, account).await;
        if round % 2 == 1 {
            least = first_answer(&programs.least, account).await;
        }
        if round > 0 {
            starts.ours.push(ours);
            starts.least.push(least);
        }
    }
    starts
}

async fn first_answer(program: &Path, account: Option<(&str, &str)>) -> Duration {
    let mut lambda = Lambda::start().await;
    lambda.call(&Webhook::new(0));
    let own = lambda.aws_url();
    let own_queue = format!("{own}/1/deliveries");
    let (aws_url, queue_url) = account.unwrap_or((&own, &own_queue));
    let begin = Instant::now();
    let _instance = lambda.run(program, aws_url, queue_url);
    let (at, status) = lambda.answer().await;
    assert_eq!(status, 200, "{} takes it", program.display());
    at - begin
}
