//! The memory of one instance that takes webhook after webhook.

use std::fs;
use std::time::{Duration, Instant};

use crate::webhooks::Programs;
use crate::webhooks::lambda::Lambda;
use crate::webhooks::webhook::Webhook;

/// What a long run took.
#[derive(Debug, Default)]
pub struct Memory {
    /// How many webhooks were taken, all with status 200.
    pub kept: usize,
    /// Resident memory after the first tenth of them, in KiB.
    pub after_a_tenth: u64,
    /// The same after all of them.
    pub after_all: u64,
    /// How long they took.
    pub took: Duration,
}

/// The function that ships, called again and again as fast as it answers.
pub async fn measure(programs: &Programs, webhooks: usize) -> Memory {
    let mut lambda = Lambda::start().await;
    let aws_url = lambda.aws_url();
    let instance = lambda.run(
        &programs.intake,
        &aws_url,
        &format!("{aws_url}/1/deliveries"),
    );
    let mut memory = Memory::default();
    let begin = Instant::now();
    for number in 1..=webhooks {
        lambda.call(&Webhook::new(number));
        let (_, status) = lambda.answer().await;
        assert_eq!(status, 200, "webhook {number} is kept");
        memory.kept = number;
        if number == webhooks.div_ceil(10) {
            memory.after_a_tenth = resident(instance.process());
        }
    }
    memory.took = begin.elapsed();
    memory.after_all = resident(instance.process());
    memory
}

/// The memory that a process has, in KiB.
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let words = line.expect("its memory").split_whitespace();
    let number = words.take(1).find_map(|number| number.parse().ok());
    number.expect("a number")
}
