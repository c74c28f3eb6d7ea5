//! Whether the time until a refusal tells how much of a signature was right.
//!
//! As in "Dude, is my code constant time?" (<https://eprint.iacr.org/2016/1123>): two kinds of wrong
//! signatures in random order, the longest times left out, Welch's t between the two kinds.

use std::hint::black_box;
use std::time::Instant;

use jiff::Timestamp;
use rust_decimal::Decimal;
use sources::{Headers, Request, Source, SourceSecret, verify};

use crate::webhooks::webhook::{PORTAL, SECRET, Webhook, url};

/// A twentieth of the samples says which times are too long to count: something else ran meanwhile.
const CALIBRATION: usize = 20;
/// So many hundredths of the samples count.
const COUNTED: usize = 90;

/// Signatures that are wrong in their first byte against those that are wrong in their last.
#[derive(Debug, Default)]
pub struct Timing {
    /// How many were timed.
    pub samples: usize,
    /// The mean time, wrong in the first byte, in nanoseconds.
    pub first_ns: Decimal,
    /// The same, wrong in the last byte.
    pub last_ns: Decimal,
    /// The size of Welch's t.
    pub t: Decimal,
}

/// Times of one kind, in nanoseconds.
#[derive(Debug, Default, Clone, Copy)]
struct Sums {
    count: u64,
    sum: u64,
    squares: u128,
}

impl Sums {
    fn add(&mut self, nanoseconds: u64) {
        self.count += 1;
        self.sum += nanoseconds;
        self.squares += u128::from(nanoseconds) * u128::from(nanoseconds);
    }

    fn mean(&self) -> Decimal {
        Decimal::from(self.sum) / Decimal::from(self.count.max(1))
    }

    /// The variance of the mean.
    fn variance_of_mean(&self) -> Decimal {
        let (count, mean) = (Decimal::from(self.count.max(1)), self.mean());
        (Decimal::from(self.squares) / count - mean * mean) / count
    }
}

/// Takes so many samples.
pub fn measure(samples: usize) -> Timing {
    let webhook = Webhook::new(0);
    let source = sources::source("hubspot").expect("it is described");
    let secret = SourceSecret::parse(source, SECRET).expect("its secret");
    let now =
        Timestamp::from_millisecond(webhook.sent_ms.parse().expect("a time")).expect("a time");
    let wrong = [0, webhook.signature.len() - 2];
    let mut dice = fastrand::Rng::with_seed(7);
    let mut sample = || {
        let kind = usize::from(dice.bool());
        // Made anew each time: two copies that stay where they are differ by their places in memory.
        let headers = headers(&webhook, wrong[kind]);
        (kind, time(source, &secret, &webhook, &headers, now))
    };
    let calibration = (samples / CALIBRATION).max(20);
    let mut times: Vec<u64> = (0..calibration).map(|_| sample().1).collect();
    times.sort_unstable();
    let longest = times[times.len() * COUNTED / 100];
    let mut sums = [Sums::default(); 2];
    for _ in 0..samples {
        let (kind, time) = sample();
        if time <= longest {
            sums[kind].add(time);
        }
    }
    let [first, last] = sums;
    Timing {
        samples,
        first_ns: first.mean().round_dp(1),
        last_ns: last.mean().round_dp(1),
        t: welch(&first, &last),
    }
}

/// The headers of the webhook, its signature wrong at one place.
fn headers(webhook: &Webhook, place: usize) -> Headers {
    let mut bytes = webhook.signature.clone().into_bytes();
    // Another digit of base64 whose last two bits are the same: the signature's last digit has none.
    bytes[place] = match bytes[place] {
        b'A' => b'E',
        b'E' => b'A',
        digit if digit.is_ascii_alphabetic() => b'A',
        _ => b'E',
    };
    let signature = String::from_utf8(bytes).expect("base64 is text");
    [
        ("x-hubspot-signature-v3", signature.as_str()),
        ("x-hubspot-request-timestamp", webhook.sent_ms.as_str()),
    ]
    .into_iter()
    .collect()
}

fn time(
    source: &Source,
    secret: &SourceSecret,
    webhook: &Webhook,
    headers: &Headers,
    now: Timestamp,
) -> u64 {
    let url = url();
    let request = Request {
        account: PORTAL,
        method: "POST",
        public_url: &url,
        headers,
        // What is signed is long and the same for both: a short body shows a difference better.
        body: webhook.body.get(..64).unwrap_or_default().as_bytes(),
        now,
    };
    let begin = Instant::now();
    let refused = verify(source, black_box(&request), secret).is_err();
    let took = begin.elapsed();
    assert!(refused, "a wrong signature is refused");
    u64::try_from(took.as_nanos()).unwrap_or(u64::MAX)
}

/// The size of Welch's t: how far the means are apart, in units of what chance allows.
fn welch(one: &Sums, other: &Sums) -> Decimal {
    let apart = one.mean() - other.mean();
    let square = (apart * apart).checked_div(one.variance_of_mean() + other.variance_of_mean());
    let millionths = square.unwrap_or_default() * Decimal::from(1_000_000);
    let root = u64::try_from(millionths.round().max(Decimal::ZERO))
        .unwrap_or(u64::MAX)
        .isqrt();
    Decimal::from(root) / Decimal::ONE_THOUSAND
}
