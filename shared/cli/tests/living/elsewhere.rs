//! The demo in an Odoo that is not ours.

use std::fs;
use std::time::Duration;

use cli::cache::Cache;
use cli::progress::Progress;
use cli::stack::{DATABASE, Installed, OdooWorld, seed};
use cli::story::eyes::Eyes;

use crate::command::OwnCache;

/// Five chapters on two processors that do other things as well.
const PATIENCE: Duration = Duration::from_secs(600);

/// An Odoo that the demo knows by its address only.
fn somebodys_odoo() -> OdooWorld {
    let cache = Cache::locate().unwrap();
    let installed = Installed::ensure(&cache, &Progress::new()).unwrap();
    OdooWorld::start(&installed).unwrap()
}

fn keys() -> String {
    [
        ("master", seed::MASTER.key),
        ("work", seed::WORK.key),
        ("billing", seed::BILLING.key),
        ("read", seed::READ.key),
        ("finance", seed::FINANCE.key),
        ("admin", seed::ADMIN_KEY),
    ]
    .map(|(name, key)| format!("{name} = \"{key}\"\n"))
    .concat()
}

#[tokio::test]
async fn the_demo_writes_into_somebody_elses_odoo_once_and_not_where_business_is_done() {
    let theirs = somebodys_odoo();
    let cache = OwnCache::borrow("elsewhere");
    let file = std::env::temp_dir().join(format!("tenon-their-keys-{}", std::process::id()));
    fs::write(&file, keys()).unwrap();
    let file_name = file.to_str().unwrap();
    let demo_there = [
        "demo",
        "--odoo-url",
        theirs.url(),
        "--odoo-db",
        DATABASE,
        "--odoo-keys",
        file_name,
    ];

    // Up to the chapter in which Odoo cannot be reached for a while.
    let five_chapters = [&demo_there[..], &["--keep", "--chapters", "5"]].concat();
    let mut demo = cache.start(&five_chapters);
    assert!(demo.ended(PATIENCE).success(), "{}", demo.said());
    assert!(demo.said().contains("waiting(odoo)"), "{}", demo.said());
    let running = cache.processes().join("\n");
    assert!(running.contains("ministack"), "{running}");
    assert!(
        !running.contains("postgres") && !running.contains("-m odoo"),
        "{running}"
    );
    let eyes = Eyes::new(theirs.url(), DATABASE, seed::ADMIN_KEY).unwrap();
    let orders = eyes.orders().await.unwrap();
    assert_eq!((orders.len(), orders[0].state.as_str()), (1, "sale"));
    assert_eq!(eyes.timesheets().await.unwrap().len(), 6);

    let refused = cache.refuses(&demo_there);
    assert!(refused.contains("1 confirmed sale orders"), "{refused}");
    assert!(refused.contains("--write-among-real-records"), "{refused}");
    assert!(!refused.contains(seed::ADMIN_KEY), "{refused}");
    assert!(cache.says(&["down"]).contains("ended: tenon demo"));
    cache.nothing_is_left(Duration::from_secs(10));
    fs::remove_file(&file).unwrap();
}
