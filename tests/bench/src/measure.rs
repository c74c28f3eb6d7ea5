//! The measurements, one after the other on the same Odoo.

use std::time::Duration;

use domain::command::Command;
use serde_json::json;

use crate::drain::{Drained, Poster};
use crate::figures::{Bells, Figures, Units, median, of_calls, ratio};
use crate::firm::{Contract, Firm, employee};
use crate::pacing::pace;
use crate::reference::{self, Ids, Script};

/// How many bells ring in vain while Odoo is away.
const BELLS_OF_OUTAGE: usize = 3;
/// How many rows one bad row is put among.
const AMONG: usize = 1_000;
/// How many times the rows of a measurement come at once at the end of a month.
const MONTH_END: usize = 5;
/// What a firm may allow at most then.
const MONTH_END_CALLS_PER_SECOND: u32 = 5;

/// All of them, with so many rows in each and so many rounds of the two that are compared.
pub async fn all(rows: usize, rounds: usize, say: impl Fn(&str)) -> Figures {
    say("starting PostgreSQL and Odoo");
    let firm = Firm::start();
    let mut figures = Figures {
        rows,
        rounds,
        ..Figures::default()
    };
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    let mut last = None;
    for round in 1..=rounds {
        say(&format!(
            "round {round}: {rows} entries by our function, and by load inside Odoo"
        ));
        let contract = Contract::make(&firm, &format!("load{round}")).await;
        let ids = Ids::of(&firm, &contract).await;
        let mine = Contract::make(&firm, &format!("ours{round}")).await;
        // Who goes first alternates: the second finds a warmer machine.
        if round % 2 == 0 {
            theirs.push(reference::load_in_odoo(&firm, &contract, &ids, rows));
        }
        ours.push(first(&firm, &mine, rows, &mut figures).await);
        if round % 2 == 1 {
            theirs.push(reference::load_in_odoo(&firm, &contract, &ids, rows));
        }
        last = Some(mine);
    }
    let mine = last.expect("at least one round");
    figures.first(&ours, &theirs);
    let wall = median(ours.iter().map(|drained| drained.wall));
    say("the same entries again");
    again(&firm, &mine, wall, &mut figures).await;
    say("a backlog after an outage");
    let backlog = backlog(&firm, rows).await;
    figures.backlog = Some(backlog);
    figures.backlog_to_first = ratio(backlog, wall);
    say("the first posting with its tables in the AWS emulator");
    emulated(&firm, rows, &mut figures).await;
    say("the end of a month: five times as many at once");
    month_end(&firm, rows * MONTH_END, &mut figures).await;
    say("scripts");
    scripts(&firm, &mut figures, &say).await;
    say("one bad row");
    bad_row(&firm, rows.min(AMONG), &mut figures).await;
    figures
}

/// Entries that nobody has sent before.
async fn first(firm: &Firm, contract: &Contract, rows: usize, figures: &mut Figures) -> Drained {
    let poster = Poster::new(firm, contract).await;
    let accepted = poster.accept(poster.approved(rows)).await;
    let drained = poster.drain().await;
    assert_eq!(poster.posted(rows).await, rows, "all are posted");
    figures.units_accept = Units::of(&accepted, rows);
    figures.units_drain = Units::of(&drained.asked, rows);
    figures.bells = Bells::of(&drained.asked, rows);
    drained
}

/// Entries that Odoo has: uncertain ones, and after the ledger was lost.
async fn again(firm: &Firm, contract: &Contract, wall: Duration, figures: &mut Figures) {
    let rows = figures.rows;
    let poster = Poster::new(firm, contract).await;
    poster.accept(poster.tried(rows)).await;
    let looked = poster.drain().await;
    assert_eq!(poster.posted(rows).await, rows, "all are found");
    assert!(
        looked.calls.iter().all(|call| call.method != "load"),
        "nothing is sent again"
    );
    figures.uncertain = of_calls(&looked.calls, rows);
    figures.uncertain_wall = Some(looked.wall);
    figures.uncertain_busy = ratio(looked.busy(), looked.wall);
    figures.uncertain_to_first = ratio(looked.wall, wall);

    let poster = Poster::new(firm, contract).await;
    poster.accept(poster.approved(rows)).await;
    let lost = poster.drain().await;
    assert_eq!(poster.posted(rows).await, rows, "all are found");
    figures.lost_ledger = of_calls(&lost.calls, rows);
    figures.lost_ledger_to_first = ratio(lost.wall, wall);
}

/// How long it takes from Odoo's return until everything is posted.
async fn backlog(firm: &Firm, rows: usize) -> Duration {
    let contract = Contract::make(firm, "outage").await;
    let poster = Poster::new(firm, &contract).await;
    poster.accept(poster.approved(rows)).await;
    poster.outage(BELLS_OF_OUTAGE).await;
    let drained = poster.drain().await;
    assert_eq!(poster.posted(rows).await, rows, "all are posted");
    drained.wall
}

/// The first posting once more, with a table that is another process.
async fn emulated(firm: &Firm, rows: usize, figures: &mut Figures) {
    let contract = Contract::make(firm, "emulated").await;
    let poster = Poster::emulated(firm, &contract).await;
    poster.accept(poster.approved(rows)).await;
    let drained = poster.drain().await;
    assert_eq!(poster.posted(rows).await, rows, "all are posted");
    figures.emulated = Some(drained.wall);
    figures.emulated_busy = ratio(drained.busy(), drained.wall);
}

/// As many as a month ends with, at five calls per second. A bell that would go back to its queue,
/// and so nearer to its dead letters, ends the run.
async fn month_end(firm: &Firm, rows: usize, figures: &mut Figures) {
    let contract = Contract::make(firm, "month_end").await;
    let poster = Poster::capped(firm, &contract, MONTH_END_CALLS_PER_SECOND).await;
    poster.accept(poster.approved(rows)).await;
    let drained = poster.drain().await;
    assert_eq!(poster.posted(rows).await, rows, "all are posted");
    assert_eq!(lines(firm, &contract).await, rows, "each is one line");
    let starts = || drained.calls.iter().map(|call| call.started);
    let apart = starts().skip(1).zip(starts());
    figures.month_end_rows = rows;
    figures.month_end = Some(drained.wall);
    figures.month_end_closest = apart.map(|(later, earlier)| later - earlier).min();
    figures.month_end_calls = of_calls(&drained.calls, rows);
}

/// The lines that Odoo has in the contract's project.
async fn lines(firm: &Firm, contract: &Contract) -> usize {
    let odoo = firm.odoo(cli::stack::seed::ADMIN_KEY);
    let context = odoo::Context::companies(&[1]);
    let of_project = json!({"domain": [["project_id", "=", contract.project_id]]});
    let count = odoo.call(
        "account.analytic.line",
        "search_count",
        &context,
        of_project,
    );
    count.await.expect("a number of lines")
}

/// A twentieth of the rows one by one, a fifth of them in batches.
async fn scripts(firm: &Firm, figures: &mut Figures, say: &impl Fn(&str)) {
    let contract = Contract::make(firm, "scripts").await;
    let ids = Ids::of(firm, &contract).await;
    let (few, some) = ((figures.rows / 20).max(20), (figures.rows / 5).max(100));
    let by = |script: &Script, rows: usize, batch: usize| {
        let took = reference::script(firm, &contract, &ids, script, rows, batch);
        per_row(took, rows)
    };
    let plain = Script::plain(firm);
    figures.script_one_by_one = by(&plain, few, 1);
    figures.script_batches = by(&plain, some, reference::BATCH);
    match Script::odoorpc(firm) {
        Ok(odoorpc) => {
            figures.odoorpc_one_by_one = by(&odoorpc, few, 1);
            figures.odoorpc_batches = by(&odoorpc, some, reference::BATCH);
        }
        Err(why) => say(&format!(
            "OdooRPC is left out, it cannot be installed: {why}"
        )),
    }
}

fn per_row(time: Duration, rows: usize) -> Option<Duration> {
    Some(time / u32::try_from(rows).expect("not so many rows"))
}

/// One person has left the firm: Odoo refuses her entry.
async fn bad_row(firm: &Firm, rows: usize, figures: &mut Figures) {
    let contract = Contract::make(firm, "bad").await;
    let ids = Ids::of(firm, &contract).await;
    let admin = firm.odoo(cli::stack::seed::ADMIN_KEY);
    let context = odoo::Context::companies(&[1]);
    let leave = json!({"ids": [ids.employees[1]], "vals": {"active": false}});
    let left: Result<bool, _> = admin.call("hr.employee", "write", &context, leave).await;
    left.expect("she leaves");
    let poster = Poster::new(firm, &contract).await;
    let mut records = poster.approved(rows);
    for (number, record) in records.iter_mut().enumerate() {
        if let Some(Command::LogTime(time)) = &mut record.command {
            time.employee = employee(usize::from(number == rows / 3)).to_owned();
        }
    }
    poster.accept(records).await;
    let drained = poster.drain().await;
    assert_eq!(
        poster.posted(rows).await,
        rows - 1,
        "all but one are posted"
    );
    let clean = rows.div_ceil(reference::BATCH);
    figures.bad_row_extra = drained.calls.len().saturating_sub(clean + 3);
    figures.bad_row = of_calls(&drained.calls, rows);
}

impl Figures {
    /// What the compared rounds say.
    fn first(&mut self, ours: &[Drained], theirs: &[Duration]) {
        self.walls = ours.iter().map(|drained| drained.wall).collect();
        self.reference_walls = theirs.to_vec();
        let (wall, reference) = (
            median(self.walls.iter().copied()),
            median(theirs.iter().copied()),
        );
        self.to_reference = ratio(wall, reference);
        let busy: Duration = ours.iter().map(Drained::busy).sum();
        self.busy = ratio(busy, self.walls.iter().sum());
        let calls = &ours.last().expect("a round").calls;
        self.posting = of_calls(calls, self.rows);
        let took: Vec<Duration> = calls.iter().map(|call| call.took).collect();
        let paced = pace(&took);
        let second = Duration::from_secs(1);
        let loads = calls.iter().filter(|call| call.method == "load");
        let least: Duration = loads.map(|call| call.took.max(second)).sum();
        self.paced_to_least = ratio(paced.total, least);
        self.paced_closest = paced.closest;
        self.paced_in_flight = paced.in_flight;
    }
}
