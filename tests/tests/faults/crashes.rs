//! Odoo and its database die while they work.

use std::time::Duration;

use cli::cache::Cache;
use cli::progress::Progress;
use cli::stack::{DATABASE, Installed, OdooWorld};
use rustix::process::Pid;
use tests::kill;

use crate::poster::{LOAD, Poster};
use crate::support::World;
use tests::large_stack::on_a_large_stack;

/// A batch is so large.
const MANY: usize = 250;

/// Odoo's insertion of the last row takes this long. The crash comes meanwhile, with the rows before
/// it written and nothing committed.
const TRIGGER: &str = "\
CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS \
$$ BEGIN PERFORM pg_sleep(5); RETURN NEW; END $$; \
CREATE TRIGGER pause AFTER INSERT ON account_analytic_line \
FOR EACH ROW WHEN (NEW.ref LIKE '%/249') EXECUTE FUNCTION pause()";
const NO_TRIGGER: &str = "DROP TRIGGER pause ON account_analytic_line; DROP FUNCTION pause()";
const PAUSED: &str = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";

/// Fault 5, fault 22: PostgreSQL's backends die in the middle of a batch, then Odoo itself. Each
/// batch is undone by the database, or was committed, and is in Odoo once in the end.
#[test]
fn a_batch_survives_the_crash_of_postgresql_and_of_odoo() {
    on_a_large_stack(async || {
        let cache = Cache::locate().expect("a cache");
        let installed = Installed::ensure(&cache, &Progress::new()).expect("all parts");
        let mut odoo = OdooWorld::start(&installed).expect("Odoo starts");
        let place = (odoo.url().to_owned(), DATABASE.to_owned());
        let mut poster = Poster::start_at(World::of(place.0, place.1)).await;
        poster.patience = Duration::from_secs(20);
        let run = odoo.run_folder().folder().to_string_lossy().into_owned();

        let ids = ids("postgresql");
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        poster.accept(&ids).await;
        ask(&odoo, TRIGGER);
        tokio::join!(poster.ring(), crash(&odoo, || backends(&run)));
        until(|| answers(&odoo)).await;
        ask(&odoo, NO_TRIGGER);
        poster.until_posted(&ids, Duration::from_secs(2)).await;
        poster.exactly_once(&ids).await;
        // A database that is back within a second may have had them by the second call already.
        assert!(
            poster.proxy.calls(LOAD) > 1,
            "the first call came to nothing"
        );

        let ids = self::ids("odoo");
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        poster.accept(&ids).await;
        ask(&odoo, TRIGGER);
        let conf = format!("{run}/odoo.conf");
        tokio::join!(poster.ring(), crash(&odoo, || kill::running(&conf)));
        poster.pass(241);
        poster.ring().await;
        ask(&odoo, NO_TRIGGER);
        assert_ne!(poster.states(&ids[..1]).await[0].0, domain::State::Posted);
        // Its server object knows nothing of the crash yet.
        odoo.odoo().stop();
        odoo.odoo().start_again().expect("Odoo starts again");
        poster.until_posted(&ids, Duration::ZERO).await;
        poster.exactly_once(&ids).await;
    });
}

fn ids(name: &str) -> Vec<String> {
    (0..MANY)
        .map(|number| format!("{name}/{number:03}"))
        .collect()
}

/// Ends these processes when Odoo is in the middle of a batch.
async fn crash(odoo: &OdooWorld, of: impl Fn() -> Vec<Pid>) {
    until(|| ask(odoo, PAUSED).trim() == "1").await;
    let processes = of();
    assert!(!processes.is_empty(), "there is something to end");
    processes.into_iter().for_each(kill::end);
}

/// Waits for what happens soon.
async fn until(happened: impl Fn() -> bool) {
    for _ in 0..600 {
        if happened() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not happen within half a minute");
}

/// What Odoo's database says itself.
fn ask(odoo: &OdooWorld, statement: &str) -> String {
    let rows = odoo.postgres().rows(statement);
    rows.expect("the database does as it is told")
}

/// Whether the database is there again.
fn answers(odoo: &OdooWorld) -> bool {
    odoo.postgres().rows("SELECT 1").is_some()
}

/// The database's processes that work for Odoo. When one of them crashes, PostgreSQL ends them all
/// and recovers.
fn backends(run: &str) -> Vec<Pid> {
    let server = kill::running(&format!("-D {run}/postgresql"));
    let children: Vec<Pid> = server.into_iter().flat_map(kill::children).collect();
    let of_odoo = kill::running("postgres: odoo");
    children
        .into_iter()
        .filter(|pid| of_odoo.contains(pid))
        .take(1)
        .collect()
}
