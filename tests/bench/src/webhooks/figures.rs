//! What was measured, as a table for people and as JSON for programs.

use std::fmt::Write as _;
use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::figures::{median, ratio};
use crate::webhooks::cpu::Round;
use crate::webhooks::memory::Memory;
use crate::webhooks::start::Starts;
use crate::webhooks::timing::Timing;
use crate::webhooks::webhook::BYTES;

/// Everything that was measured.
#[derive(Debug, Default)]
pub struct Figures {
    /// Webhooks of the long run.
    pub webhooks: usize,
    /// How often what is compared was measured, one after the other.
    pub rounds: usize,
    /// From the start to the first answer, with an AWS that answers at once.
    pub start: Starts,
    /// The same with the emulator.
    pub start_emulated: Starts,
    /// The long run.
    pub memory: Memory,
    /// How long wrong signatures take.
    pub timing: Timing,
    handler: Duration,
    sdk: Duration,
    own: Duration,
    reference: Duration,
    carried: Duration,
}

impl Figures {
    /// Takes the medians of the processor times.
    pub fn cpu(&mut self, rounds: &[Round]) {
        let of = |time: fn(&Round) -> Duration| median(rounds.iter().map(time));
        self.handler = of(|round| round.handler);
        self.sdk = of(|round| round.sdk);
        self.own = of(Round::own);
        self.reference = of(|round| round.reference);
        self.carried = of(|round| round.carried);
    }

    /// For programs. Times are in microseconds, memory is in KiB.
    pub fn json(&self) -> Value {
        let micros = |time: &Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let all = |times: &[Duration]| times.iter().map(micros).collect::<Vec<_>>();
        let starts = |starts: &Starts| json!({"ours": all(&starts.ours), "least": all(&starts.least), "ratio": starts.ratio()});
        json!({
            "webhooks": self.webhooks, "rounds": self.rounds, "bytes": BYTES,
            "processor": {
                "handler_ns": nanos(self.handler), "sdk_ns": nanos(self.sdk), "own_ns": nanos(self.own),
                "reference_ns": nanos(self.reference), "ratio": ratio(self.own, self.reference),
                "carried_ns": nanos(self.carried),
            },
            "start": starts(&self.start),
            "start_emulated": starts(&self.start_emulated),
            "memory": {
                "kept": self.memory.kept, "after_a_tenth": self.memory.after_a_tenth,
                "after_all": self.memory.after_all, "growth_percent": self.memory.growth(),
                "took": micros(&self.memory.took),
            },
            "timing": {
                "samples": self.timing.samples, "first_ns": self.timing.first_ns,
                "last_ns": self.timing.last_ns, "t": self.timing.t,
            },
        })
    }

    /// A table in Markdown: what was measured, how much it was, and what it has to be.
    pub fn table(&self) -> String {
        let mut table = String::from("| measure | measured | to reach |\n|---|---|---|\n");
        let lines = [
            self.of_processor(),
            self.of_starts(),
            self.of_the_long_run(),
        ];
        for (measure, measured, goal) in lines.concat() {
            // Writing to a String cannot fail.
            writeln!(table, "| {measure} | {measured} | {goal} |").ok();
        }
        table
    }

    fn of_processor(&self) -> Vec<Line> {
        let ratio = shown(ratio(self.own, self.reference));
        vec![
            line(
                "processor time per webhook of 4 KB: the handler without the SDK's call, against HMAC and typed parsing alone",
                format!("{} against {} µs", micros(self.own), micros(self.reference)),
                "",
            ),
            line("… by the reference (medians)", ratio, "≤ 1.3"),
            line(
                "… the body alone, out of the gateway's base64 and into the queue's message",
                format!("{} µs", micros(self.carried)),
                "",
            ),
            line(
                "… the handler with the SDK's call; the SDK's call alone",
                format!("{}; {} µs", micros(self.handler), micros(self.sdk)),
                "",
            ),
        ]
    }

    fn of_starts(&self) -> Vec<Line> {
        let times = |starts: &Starts| {
            let (ours, least) = starts.medians();
            format!("{} against {} ms", millis(ours), millis(least))
        };
        vec![
            line(
                "from the start of the process to the first 200, against the same two calls of AWS and nothing else",
                times(&self.start),
                "",
            ),
            line(
                "… by the reference (medians)",
                shown(self.start.ratio()),
                "≤ 1.3",
            ),
            line("… with the AWS emulator", times(&self.start_emulated), ""),
            line(
                "… by the reference",
                shown(self.start_emulated.ratio()),
                "≤ 1.3",
            ),
        ]
    }

    fn of_the_long_run(&self) -> Vec<Line> {
        let (memory, timing) = (&self.memory, &self.timing);
        let tenth = self.webhooks.div_ceil(10);
        vec![
            line(
                &format!("memory after {tenth} and after {} webhooks", memory.kept),
                format!("{} and {} KiB", memory.after_a_tenth, memory.after_all),
                "",
            ),
            line("… growth", format!("{} %", shown(memory.growth())), "± 5 %"),
            line(
                "… webhooks per second, one after the other",
                shown(self.per_second()),
                "",
            ),
            line(
                &format!(
                    "a signature wrong in its first byte against one wrong in its last, {} samples",
                    timing.samples
                ),
                format!(
                    "{} against {} ns, t = {}",
                    timing.first_ns, timing.last_ns, timing.t
                ),
                "t < 4.5",
            ),
        ]
    }

    fn per_second(&self) -> Option<Decimal> {
        let millis = Decimal::from(self.memory.took.as_millis());
        let rate = Decimal::from(self.memory.kept * 1000).checked_div(millis)?;
        Some(rate.round())
    }
}

impl Starts {
    fn medians(&self) -> (Duration, Duration) {
        let of = |times: &[Duration]| median(times.iter().copied());
        (of(&self.ours), of(&self.least))
    }

    fn ratio(&self) -> Option<Decimal> {
        let (ours, least) = self.medians();
        ratio(ours, least)
    }
}

impl Memory {
    /// By how many hundredths it grew.
    fn growth(&self) -> Option<Decimal> {
        let (before, after) = (
            Decimal::from(self.after_a_tenth),
            Decimal::from(self.after_all),
        );
        let growth = ((after - before) * Decimal::ONE_HUNDRED).checked_div(before)?;
        Some(growth.round_dp(2))
    }
}

/// What is measured, the figure, and what is to be reached.
type Line = (String, String, &'static str);

fn line(what: &str, figure: String, to_reach: &'static str) -> Line {
    (what.to_owned(), figure, to_reach)
}

fn shown(number: Option<Decimal>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn micros(time: Duration) -> Decimal {
    (Decimal::from(time.as_nanos()) / Decimal::ONE_THOUSAND).round_dp(1)
}

fn millis(time: Duration) -> Decimal {
    (Decimal::from(time.as_micros()) / Decimal::ONE_THOUSAND).round_dp(1)
}
