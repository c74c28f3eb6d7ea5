//! What was measured, as JSON for programs.

use std::collections::BTreeMap;
use std::time::Duration;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::cloud::Asked;
use crate::stopwatch::Call;

/// Everything that was measured. Times are in milliseconds.
#[derive(Debug, Default, Serialize)]
pub struct Figures {
    /// Entries of each measurement, each one line in Odoo.
    pub rows: usize,
    /// How often the first posting and the reference were measured, one after the other.
    pub rounds: usize,
    /// The first posting by our function.
    #[serde(serialize_with = "all_milliseconds")]
    pub walls: Vec<Duration>,
    /// The same rows by `load` inside Odoo.
    #[serde(serialize_with = "all_milliseconds")]
    pub reference_walls: Vec<Duration>,
    /// The medians of both: ours by the reference's.
    pub to_reference: Option<Decimal>,
    /// The share of the first posting in which Odoo had work.
    pub busy: Option<Decimal>,
    /// Calls of the first posting.
    pub posting: Calls,
    /// Calls for entries that may have been sent, and were.
    pub uncertain: Calls,
    /// How long that took.
    #[serde(serialize_with = "milliseconds")]
    pub uncertain_wall: Option<Duration>,
    /// The share of that in which Odoo had work.
    pub uncertain_busy: Option<Decimal>,
    /// The same time by that of the first posting.
    pub uncertain_to_first: Option<Decimal>,
    /// Calls after the ledger was lost.
    pub lost_ledger: Calls,
    /// How long that took, by the first posting.
    pub lost_ledger_to_first: Option<Decimal>,
    /// Calls with one bad row among up to 1,000.
    pub bad_row: Calls,
    /// How many of them would not have been made without it.
    pub bad_row_extra: usize,
    /// At one call per second: the time by that of the loads alone.
    pub paced_to_least: Option<Decimal>,
    /// The shortest time between two starts then.
    #[serde(serialize_with = "milliseconds")]
    pub paced_closest: Option<Duration>,
    /// The most calls at the same time then.
    pub paced_in_flight: usize,
    /// From the return of an Odoo that was away until everything is posted.
    #[serde(serialize_with = "milliseconds")]
    pub backlog: Option<Duration>,
    /// The same by the first posting.
    pub backlog_to_first: Option<Decimal>,
    /// The first posting with its tables in the emulator.
    #[serde(serialize_with = "milliseconds")]
    pub emulated: Option<Duration>,
    /// The share of that in which Odoo had work.
    pub emulated_busy: Option<Decimal>,
    /// Entries that come at once at the end of a month.
    pub month_end_rows: usize,
    /// How long they took at five calls per second.
    #[serde(serialize_with = "milliseconds")]
    pub month_end: Option<Duration>,
    /// The shortest time between two calls then.
    #[serde(serialize_with = "milliseconds")]
    pub month_end_closest: Option<Duration>,
    /// The calls then.
    pub month_end_calls: Calls,
    /// A script with one `create` per row: the time per row.
    #[serde(serialize_with = "microseconds")]
    pub script_one_by_one: Option<Duration>,
    /// A script with 500 rows in one `create`: the time per row.
    #[serde(serialize_with = "microseconds")]
    pub script_batches: Option<Duration>,
    /// The same by OdooRPC, where it can be installed.
    #[serde(serialize_with = "microseconds")]
    pub odoorpc_one_by_one: Option<Duration>,
    /// The same by OdooRPC, where it can be installed.
    #[serde(serialize_with = "microseconds")]
    pub odoorpc_batches: Option<Duration>,
    /// DynamoDB when entries are taken into the ledger.
    pub units_accept: Units,
    /// DynamoDB when they are posted.
    pub units_drain: Units,
    /// SQS when they are posted.
    pub bells: Bells,
}

/// Calls of Odoo.
#[derive(Debug, Default, Serialize)]
pub struct Calls {
    /// By method.
    pub by_method: BTreeMap<String, usize>,
    /// All of them per 1,000 rows.
    pub per_thousand: Decimal,
}

/// Counts calls.
pub fn of_calls(calls: &[Call], rows: usize) -> Calls {
    let mut by_method = BTreeMap::new();
    for call in calls {
        *by_method.entry(call.method.clone()).or_default() += 1;
    }
    Calls {
        by_method,
        per_thousand: (Decimal::from(calls.len() * 1000) / Decimal::from(rows)).round_dp(2),
    }
}

/// DynamoDB, per record.
#[derive(Debug, Default, Serialize)]
pub struct Units {
    /// Write units, with those of the indexes.
    pub write_units: Decimal,
    /// Read units.
    pub read_units: Decimal,
    /// Requests.
    pub requests: Decimal,
}

impl Units {
    /// Of what was asked for so many records.
    pub fn of(asked: &Asked, rows: usize) -> Self {
        let each = |units: Decimal| (units / Decimal::from(rows)).round_dp(3);
        Self {
            write_units: each(asked.write_units),
            read_units: each(asked.read_units),
            requests: each(requests(asked, "DynamoDB")),
        }
    }
}

/// SQS: messages that our function sends. Each of them is received and deleted once.
#[derive(Debug, Default, Serialize)]
pub struct Bells {
    /// Sent while everything was posted.
    pub sent: Decimal,
    /// Requests per record: to send, receive and delete them.
    pub requests_per_record: Decimal,
}

impl Bells {
    /// Of what was asked for so many records. The first bell was rung by somebody else.
    pub fn of(asked: &Asked, rows: usize) -> Self {
        let sent = requests(asked, "AmazonSQS");
        let all = (sent + Decimal::ONE) * Decimal::from(3);
        Self {
            sent,
            requests_per_record: (all / Decimal::from(rows)).round_dp(4),
        }
    }
}

fn requests(asked: &Asked, service: &str) -> Decimal {
    let of_service = |(name, _): &(&String, &u64)| name.split('.').next() == Some(service);
    let requests = asked.requests.iter().filter(of_service);
    requests.map(|(_, count)| Decimal::from(*count)).sum()
}

/// One time by another.
pub fn ratio(one: Duration, other: Duration) -> Option<Decimal> {
    let micros = |time: Duration| Decimal::from(time.as_micros());
    let ratio = micros(one).checked_div(micros(other))?;
    Some(ratio.round_dp(3))
}

/// The middle one.
pub fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn milliseconds<S: serde::Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_millis()).serialize(serializer)
}

fn microseconds<S: serde::Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_micros()).serialize(serializer)
}

fn all_milliseconds<S: serde::Serializer>(
    times: &[Duration],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(times.iter().map(Duration::as_millis))
}
