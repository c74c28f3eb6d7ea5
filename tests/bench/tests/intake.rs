//! The benchmark of intake works, and what it counts holds. Its times are for a quiet machine.

use std::process::Command;

use serde_json::Value;

#[test]
fn a_short_benchmark_of_intake_takes_every_webhook_and_compares_like_with_like() {
    let output = Command::new("cargo")
        .args(["tenon", "bench", "intake", "--webhooks", "300"])
        .args(["--rounds", "3", "--quick", "--json"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .expect("cargo starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let figures: Value = serde_json::from_slice(&output.stdout).expect("JSON alone");
    assert_eq!(figures["memory"]["kept"], 300, "{figures}");
    for start in ["start", "start_emulated"] {
        for kind in ["ours", "least"] {
            let times = figures[start][kind].as_array().map(Vec::len);
            assert_eq!(times, Some(3), "{figures}");
        }
    }
    let measured = |what: &str, name: &str| figures[what][name].as_u64();
    for (what, name) in [
        ("processor", "own_ns"),
        ("processor", "reference_ns"),
        ("memory", "after_a_tenth"),
    ] {
        assert!(measured(what, name) > Some(0), "{name}: {figures}");
    }
    let all = measured("processor", "handler_ns");
    assert!(measured("processor", "sdk_ns") < all, "{figures}");
    assert_eq!(figures["timing"]["samples"], 3_000, "{figures}");
}
