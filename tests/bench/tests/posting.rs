//! The benchmark works, and what it counts holds. Its times are for a quiet machine.

use std::process::Command;

use rust_decimal::Decimal;
use serde_json::Value;

#[test]
fn a_short_benchmark_counts_what_a_long_one_does() {
    let output = Command::new("cargo")
        .args(["tenon", "bench", "posting", "--rows", "500"])
        .args(["--rounds", "1", "--quick", "--json"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .expect("cargo starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let figures: Value = serde_json::from_slice(&output.stdout).expect("JSON alone");
    let calls = |what: &str, method: &str| figures[what]["by_method"][method].as_u64();
    assert_eq!(calls("posting", "load"), Some(1), "{figures}");
    assert_eq!(calls("posting", "read"), Some(1), "{figures}");
    assert_eq!(calls("uncertain", "load"), None, "{figures}");
    assert_eq!(calls("uncertain", "search_read"), Some(1), "{figures}");
    assert!(figures["bad_row_extra"].as_u64() <= Some(11), "{figures}");
    assert_eq!(figures["paced_in_flight"], 1, "{figures}");
    assert!(figures["paced_closest"].as_u64() >= Some(1000), "{figures}");
    assert_eq!(figures["month_end_rows"], 2_500, "{figures}");
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<Decimal>().ok());
    let written = number(&figures["units_drain"]["write_units"]).expect("a number");
    assert!(written < Decimal::from(3), "{figures}");
}
