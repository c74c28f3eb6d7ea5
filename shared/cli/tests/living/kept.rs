//! Worlds that stay: found again by people's commands, ended by `down`, several side by side.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use cli::running::this_checkout;
use serde_json::{Value, json};

use crate::command::OwnCache;

/// A world on two processors that do other things as well.
const PATIENCE: Duration = Duration::from_secs(300);
const WON: &str = "hubspot__48807704__deal__16024871101";

#[tokio::test]
async fn two_worlds_start_at_the_same_moment_stay_and_are_asked_and_ended() {
    let cache = OwnCache::borrow("kept");
    assert!(
        cache
            .refuses(&["status"])
            .contains("No world of this checkout")
    );
    assert!(cache.says(&["down"]).contains("nothing runs"));

    let mut dev = cache.start(&["dev"]);
    let mut demo = cache.start(&["demo", "--keep", "--chapters", "1"]);
    dev.until("Watching", PATIENCE);
    assert!(demo.ended(PATIENCE).success(), "{}", demo.said());
    assert!(demo.said().contains("log in as finance"), "{}", demo.said());

    let worlds: Vec<Value> = cache
        .worlds()
        .iter()
        .map(|folder| described(folder))
        .collect();
    assert_eq!(worlds.len(), 2);
    for address in ["odoo_url", "endpoint_url", "api_url"] {
        assert_ne!(worlds[0][address], worlds[1][address]);
    }
    let refused = cache.refuses(&["status"]);
    assert!(refused.contains("--api-url"), "{refused}");
    for world in &worlds {
        let url = world["api_url"].as_str().unwrap();
        let status = cache.says(&["status", "--api-url", url]);
        let played = world["command"] == "tenon demo";
        assert_eq!(status.contains("purchase order number"), played, "{status}");
        odoo_lets_finance_in(world["odoo_url"].as_str().unwrap()).await;
    }
    let refused = cache.refuses(&["clean"]);
    assert!(refused.contains("cargo tenon down"), "{refused}");

    dev.send(rustix::process::Signal::TERM);
    assert_eq!(dev.ended(PATIENCE).code(), Some(143));
    assert!(
        cache.says(&["trace", WON]).contains(WON),
        "only one is left to ask"
    );
    let examined = cache.says(&["doctor"]);
    assert!(examined.contains("billing rights"), "{examined}");
    assert!(!examined.contains("FAIL"), "{examined}");
    as_if_another_checkout_had_started_it(&cache.worlds()[0]);
    assert!(
        cache
            .refuses(&["status"])
            .contains("No world of this checkout")
    );
    assert!(cache.says(&["down"]).contains("nothing runs"));
    let ended: Value = serde_json::from_str(&cache.says(&["down", "--all", "--json"])).unwrap();
    assert_eq!(ended[0]["command"], "tenon demo");
    assert_eq!(ended[0]["checkout"], "/another", "{ended}");
    cache.nothing_is_left(Duration::from_secs(10));
}

fn as_if_another_checkout_had_started_it(folder: &Path) {
    let file = folder.join("world.json");
    let text = fs::read_to_string(&file).unwrap();
    let here = this_checkout();
    let changed = text.replace(here.to_str().unwrap(), "/another");
    assert_ne!(changed, text);
    fs::write(&file, changed).unwrap();
}

fn described(folder: &Path) -> Value {
    let file = folder.join("world.json");
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it holds a person's credentials");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Logs in as Odoo's web page does.
async fn odoo_lets_finance_in(url: &str) {
    let who = json!({"db": "odoo", "login": "finance", "password": "finance"});
    let call = json!({"jsonrpc": "2.0", "method": "call", "params": who});
    let asked = reqwest::Client::new()
        .post(format!("{url}/web/session/authenticate"))
        .json(&call);
    let answer: Value = asked.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["result"]["username"], "finance", "{answer}");
}
