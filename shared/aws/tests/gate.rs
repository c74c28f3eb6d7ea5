//! The gate before Odoo over a real table: workers that know nothing of each other but its item.

// A test stops at the first surprise.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod table;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws::{Clock, OdooGate, SystemClock};
use domain::gate::{Budget, Class, Closed, Gatekeeper, NotNow, Went};
use jiff::{SignedDuration, Timestamp};
use table::Table;

/// The machine's clock, and how wrong it is.
struct WrongBy(SignedDuration);

impl Clock for WrongBy {
    fn now(&self) -> Timestamp {
        SystemClock.now() + self.0
    }
}

/// A worker's gate: its own memory, its own clock.
fn gate(table: &Table, budget: Budget) -> Arc<OdooGate> {
    gate_of(table, budget, Arc::new(SystemClock))
}

fn gate_of(table: &Table, budget: Budget, clock: Arc<dyn Clock>) -> Arc<OdooGate> {
    OdooGate::new(&table.connection(clock), Table::NAME, "firm", budget)
}

/// One call every 200 ms instead of every second, so that the test takes seconds.
fn compressed() -> Budget {
    Budget::new(5, 1, 60).unwrap()
}

/// Makes calls until `ends`, and answers when each began.
async fn work(
    door: Arc<dyn Gatekeeper>,
    inside: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    ends: Instant,
) -> Vec<Instant> {
    let mut began = Vec::new();
    while Instant::now() < ends {
        let Ok(pass) = door.enter().await else {
            continue;
        };
        began.push(Instant::now());
        let now_inside = inside.fetch_add(1, Ordering::SeqCst) + 1;
        most.fetch_max(now_inside, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
        inside.fetch_sub(1, Ordering::SeqCst);
        door.leave(pass, Went::Answered).await;
    }
    began
}

/// Lets workers of these classes call for a while; answers when each class's calls began, and how
/// many were inside at once.
async fn together(classes: &[Class], seconds: u64) -> (Vec<(Class, Vec<Instant>)>, usize) {
    let table = Table::open().await;
    let (inside, most) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let ends = Instant::now() + Duration::from_secs(seconds);
    let workers = classes.iter().map(|class| {
        let door = gate(&table, compressed()).of(*class);
        tokio::spawn(work(door, inside.clone(), most.clone(), ends))
    });
    let workers: Vec<_> = workers.collect();
    let mut began = Vec::new();
    for (worker, class) in workers.into_iter().zip(classes) {
        began.push((*class, worker.await.unwrap()));
    }
    (began, most.load(Ordering::SeqCst))
}

#[tokio::test]
async fn eight_workers_at_once_never_exceed_the_rate_and_never_call_together() {
    let (began, most) = together(&[Class::Work; 8], 6).await;
    let mut began: Vec<Instant> = began.into_iter().flat_map(|(_, began)| began).collect();
    began.sort();
    assert_eq!(most, 1);
    assert!(
        began.len() >= 10,
        "the budget is used: {} of 30",
        began.len()
    );
    // A process may begin late, hence the next one looks early by as much.
    let late = Duration::from_millis(300);
    for (first, start) in began.iter().enumerate() {
        for (after, other) in began.iter().enumerate().skip(first + 1) {
            let calls = u32::try_from(after - first).unwrap();
            let took = other.duration_since(*start) + late;
            assert!(
                took >= Duration::from_millis(200) * calls,
                "{calls} calls in {took:?}"
            );
        }
    }
}

#[tokio::test]
async fn under_load_the_smallest_class_gets_its_share_and_the_largest_most() {
    use Class::{Billing, Reconcile, Work};
    let classes = [Billing, Billing, Work, Work, Work, Work, Reconcile];
    let (began, _) = together(&classes, 13).await;
    let of = |class| -> usize {
        let own = began.iter().filter(|(own, _)| *own == class);
        own.map(|(_, began)| began.len()).sum()
    };
    let (billing, work, reconcile) = (of(Billing), of(Work), of(Reconcile));
    // 30, 25 and 10 of 65, whatever the number of workers: a sixth and a half, give or take.
    let all = billing + work + reconcile;
    let share = (all..=all * 4).contains(&(reconcile * 13));
    assert!(share, "{billing} {work} {reconcile}");
    assert!(
        work > reconcile && billing > reconcile,
        "{billing} {work} {reconcile}"
    );
    assert!(
        billing * 4 > work * 3,
        "four workers get no more than two: {billing} {work}"
    );
}

#[tokio::test]
async fn the_slot_of_a_killed_worker_comes_back() {
    let table = Table::open().await;
    let budget = Budget {
        longest_call: SignedDuration::from_millis(700),
        ..compressed()
    };
    let (killed, other) = (gate(&table, budget), gate(&table, budget));
    let pass = killed.of(Class::Billing).enter().await.unwrap();
    drop((pass, killed));
    let began = Instant::now();
    assert!(other.of(Class::Work).enter().await.is_ok());
    assert!(
        began.elapsed() >= Duration::from_millis(500),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn who_gets_no_turn_within_two_seconds_is_told_when_to_come_back() {
    let table = Table::open().await;
    let _pass = gate(&table, compressed())
        .of(Class::Billing)
        .enter()
        .await
        .unwrap();
    let began = Instant::now();
    let refused = gate(&table, compressed()).of(Class::Work).enter().await;
    let waited = began.elapsed();
    assert!(
        (Duration::from_secs(2)..Duration::from_secs(10)).contains(&waited),
        "{waited:?}"
    );
    let Err(NotNow::NoTurn { until }) = refused else {
        panic!("{refused:?}");
    };
    assert!(until > SystemClock.now());
}

#[tokio::test]
async fn a_window_that_odoo_asked_for_holds_for_every_worker_and_ends_with_one_probe() {
    let table = Table::open().await;
    let budget = Budget::new(1000, 9, 60).unwrap();
    let asked = gate(&table, budget).of(Class::Work);
    let pass = asked.enter().await.unwrap();
    asked
        .leave(pass, Went::AskedToWait(Duration::from_secs(1)))
        .await;
    let closed = SystemClock.now();
    let (one, other) = (
        gate(&table, budget).of(Class::Work),
        gate(&table, budget).of(Class::Billing),
    );
    for worker in [&one, &other] {
        let refused = worker.enter().await;
        let Err(NotNow::Closed {
            until,
            why: Closed::AsAsked,
        }) = refused
        else {
            panic!("{refused:?}");
        };
        assert!(until <= closed + SignedDuration::from_secs(1));
    }
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let probe = one.enter().await.unwrap();
    let meanwhile = tokio::spawn(async move { other.enter().await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!meanwhile.is_finished(), "one probe, nobody else");
    one.leave(probe, Went::Answered).await;
    assert!(meanwhile.await.unwrap().is_ok(), "its answer opens for all");
}

#[tokio::test]
async fn workers_whose_clocks_are_minutes_off_neither_stop_the_others_nor_starve() {
    let table = Table::open().await;
    let wrong = |seconds| {
        let clock = Arc::new(WrongBy(SignedDuration::from_secs(seconds)));
        gate_of(&table, compressed(), clock).of(Class::Work)
    };
    let doors = [wrong(120), wrong(0), wrong(-120)];
    let began = Instant::now();
    for round in 0..5 {
        for (number, door) in doors.iter().enumerate() {
            let pass = door.enter().await;
            assert!(pass.is_ok(), "round {round}, clock {number}: {pass:?}");
            door.leave(pass.unwrap(), Went::Answered).await;
        }
    }
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_call_costs_two_writes_and_a_small_item() {
    let table = Table::open().await;
    let door = gate(&table, Budget::new(1000, 9, 60).unwrap()).of(Class::Work);
    for _ in 0..10 {
        let pass = door.enter().await.unwrap();
        door.leave(pass, Went::Answered).await;
    }
    let item = table.item("gate#firm", "state").await;
    assert_eq!(item["revision"].as_n().unwrap(), "20");
    let size = item["doc"].as_s().unwrap().len();
    assert!(size < 1000, "one write unit: {size} bytes");
}

#[tokio::test]
async fn without_the_table_nobody_calls() {
    let table = Table::open().await;
    let gate = OdooGate::new(
        &table.connection(Arc::new(SystemClock)),
        "no-such-table",
        "firm",
        compressed(),
    );
    let refused = gate.of(Class::Work).enter().await;
    assert!(
        matches!(refused, Err(NotNow::Unknown { .. })),
        "{refused:?}"
    );
}
