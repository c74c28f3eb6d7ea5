//! Odoo and its database die while they work.

use std::time::Duration;

use cli::cache::Cache;
use cli::progress::Progress;
use cli::stack::{DATABASE, Installed, OdooWorld};
use rustix::process::Pid;
use tests::kill;

use crate::poster::{LOAD, Poster};
use crate::support::World;

/// So many entries take Odoo more than a second.
const MANY: usize = 250;
/// How long Odoo has worked on them when it happens.
const INTO: Duration = Duration::from_millis(400);

/// Fault 5, fault 22: PostgreSQL's backends die in the middle of a batch, then Odoo itself. Each
/// batch is undone by the database, or was committed, and is in Odoo once in the end.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_survives_the_crash_of_postgresql_and_of_odoo() {
    let cache = Cache::locate().expect("a cache");
    let installed = Installed::ensure(&cache, &Progress::new()).expect("all parts");
    let mut odoo = OdooWorld::start(&installed).expect("Odoo starts");
    let place = (odoo.url().to_owned(), DATABASE.to_owned());
    let poster = Box::pin(Poster::start_at(World::of(place.0, place.1))).await;
    let run = odoo.run_folder().folder().to_string_lossy().into_owned();

    let ids = ids("postgresql");
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    poster.accept(&ids).await;
    tokio::join!(poster.ring(), crash(&poster, 1, || backends(&run)));
    assert_ne!(poster.states(&ids[..1]).await[0].0, domain::State::Posted);
    poster.until_posted(&ids, Duration::from_secs(2)).await;
    poster.exactly_once(&ids).await;

    let ids = self::ids("odoo");
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    poster.accept(&ids).await;
    let calls = poster.proxy.calls(LOAD) + 1;
    let conf = format!("{run}/odoo.conf");
    tokio::join!(
        poster.ring(),
        crash(&poster, calls, || kill::running(&conf))
    );
    poster.pass(241);
    poster.ring().await;
    assert_ne!(poster.states(&ids[..1]).await[0].0, domain::State::Posted);
    // Its server object knows nothing of the crash yet.
    odoo.odoo().stop();
    odoo.odoo().start_again().expect("Odoo starts again");
    poster.until_posted(&ids, Duration::ZERO).await;
    poster.exactly_once(&ids).await;
}

fn ids(name: &str) -> Vec<String> {
    (0..MANY)
        .map(|number| format!("{name}/{number:03}"))
        .collect()
}

/// Ends these processes when the call with this number is on its way for a while.
async fn crash(poster: &Poster, call: usize, of: impl Fn() -> Vec<Pid>) {
    while poster.proxy.calls(LOAD) < call {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(INTO).await;
    let processes = of();
    assert!(!processes.is_empty(), "there is something to end");
    processes.into_iter().for_each(kill::end);
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
