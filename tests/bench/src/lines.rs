//! What was measured, as a table for people.

use std::fmt::Write as _;
use std::time::Duration;

use rust_decimal::Decimal;

use crate::figures::{Calls, Figures, Units, median};

impl Figures {
    /// A table in Markdown: what was measured, how much it was, and what it has to be.
    pub fn table(&self) -> String {
        let mut table = String::from("| measure | measured | to reach |\n|---|---|---|\n");
        for (measure, measured, goal) in self.lines() {
            // Writing to a String cannot fail.
            writeln!(table, "| {measure} | {measured} | {goal} |").ok();
        }
        table
    }

    fn lines(&self) -> Vec<Line> {
        [self.times(), self.counts(), self.repeats(), self.beside()].concat()
    }

    fn times(&self) -> Vec<Line> {
        let seconds = |times: &[Duration]| {
            let each: Vec<String> = times.iter().map(|time| shown(Some(*time))).collect();
            each.join(", ")
        };
        let (ours, theirs) = (seconds(&self.walls), seconds(&self.reference_walls));
        let what = format!(
            "{} entries from the ledger into Odoo, against `load` of the same rows inside Odoo",
            self.rows
        );
        vec![
            line(&what, format!("{ours} s against {theirs} s"), ""),
            line(
                "… by the reference (medians)",
                number(self.to_reference),
                "≤ 1.15",
            ),
            line(
                "… share of the time in which Odoo has work",
                number(self.busy),
                "≥ 0.87",
            ),
        ]
    }

    fn counts(&self) -> Vec<Line> {
        let closest = shown(self.paced_closest);
        let paced = format!("{closest} s, {}", self.paced_in_flight);
        let bad_row = self.bad_row_extra.to_string();
        vec![
            line(
                "calls per 1,000 rows, first posting",
                calls(&self.posting),
                "2",
            ),
            line(
                "calls per 1,000 rows that may have been sent, and were",
                calls(&self.uncertain),
                "+1",
            ),
            line("calls with one bad row: more than without", bad_row, "≤ 12"),
            line(
                "one call per second, by Σ max(1 s, call) over the loads alone",
                number(self.paced_to_least),
                "≤ 1.1",
            ),
            line(
                "… shortest time between two starts, most in flight",
                paced,
                "≥ 1 s, 1",
            ),
        ]
    }

    fn repeats(&self) -> Vec<Line> {
        let lost = "entries already there, ledger lost, nothing known, by the first posting";
        let sought = "entries already there, looked for first, by the first posting";
        vec![
            line(sought, number(self.uncertain_to_first), "≤ 0.05"),
            line(
                "… share of the time in which Odoo has work",
                number(self.uncertain_busy),
                "",
            ),
            line(lost, number(self.lost_ledger_to_first), ""),
            line(
                "backlog after an outage, by the first posting",
                number(self.backlog_to_first),
                "≤ 1.2",
            ),
            line(&self.month(), shown(self.month_end) + " s", ""),
            line(
                "… calls, and the shortest time between two starts",
                format!(
                    "{}; {} s",
                    calls(&self.month_end_calls),
                    shown(self.month_end_closest)
                ),
                "≥ 0.2 s",
            ),
        ]
    }

    fn month(&self) -> String {
        format!(
            "{} entries at once, at most 5 calls per second: each is one line, none is left",
            self.month_end_rows
        )
    }

    fn beside(&self) -> Vec<Line> {
        let emulated = format!(
            "{} s, Odoo has work {} of it",
            shown(self.emulated),
            number(self.emulated_busy)
        );
        let odoorpc = "OdooRPC, 500 rows per `create`, without external ids";
        let mut lines = vec![line(
            "the first posting with its tables in the emulator",
            emulated,
            "",
        )];
        if let (Some(each), Some(batches)) = (self.odoorpc_one_by_one, self.odoorpc_batches) {
            lines.push(line(
                "OdooRPC, one `create` per row",
                per_row(Some(each)),
                "",
            ));
            lines.push(line(odoorpc, per_row(Some(batches)), ""));
        }
        lines.extend(self.scripts_and_units());
        lines
    }

    fn scripts_and_units(&self) -> Vec<Line> {
        let rows = u32::try_from(self.rows).unwrap_or(u32::MAX);
        let ours = (self.walls.first()).map(|_| median(self.walls.iter().copied()) / rows);
        let engine = format!("{} write units", self.units_drain.write_units);
        let requests = self.bells.requests_per_record.to_string();
        vec![
            line(
                "a script, one `create` per row",
                per_row(self.script_one_by_one),
                "",
            ),
            line(
                "a script, 500 rows per `create`, without external ids",
                per_row(self.script_batches),
                "",
            ),
            line("our function", per_row(ours), ""),
            line(
                "DynamoDB per record, into the ledger",
                units(&self.units_accept),
                "",
            ),
            line("DynamoDB per record, posting", units(&self.units_drain), ""),
            line("… of which the engine writes", engine, "≤ 2"),
            line(
                "SQS requests per record, posting",
                requests,
                "≤ 1 + 5/batch",
            ),
        ]
    }
}

/// What is measured, the figure, and what is to be reached.
type Line = (String, String, &'static str);

fn line(what: &str, figure: String, to_reach: &'static str) -> Line {
    (what.to_owned(), figure, to_reach)
}

fn calls(calls: &Calls) -> String {
    let each = calls.by_method.iter();
    let each: Vec<String> = each
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    format!("{} ({})", calls.per_thousand, each.join(", "))
}

fn units(units: &Units) -> String {
    format!(
        "{} write units, {} read units, {} requests",
        units.write_units, units.read_units, units.requests
    )
}

fn number(number: Option<Decimal>) -> String {
    number.map_or_else(String::new, |n| n.to_string())
}

fn per_row(time: Option<Duration>) -> String {
    let micros = time.map_or(Decimal::ZERO, |time| Decimal::from(time.as_micros()));
    format!(
        "{} ms per row",
        (micros / Decimal::ONE_THOUSAND).round_dp(2)
    )
}

/// In seconds.
fn shown(time: Option<Duration>) -> String {
    let millis = time.map_or(Decimal::ZERO, |time| Decimal::from(time.as_millis()));
    (millis / Decimal::ONE_THOUSAND).round_dp(2).to_string()
}
