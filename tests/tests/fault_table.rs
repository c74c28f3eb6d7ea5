//! The page on faults names a test for every fault, and every test that says a fault's number.

use std::collections::{BTreeMap, BTreeSet};

/// How many faults there are.
const FAULTS: u32 = 38;
/// What belongs to a part of Tenon that does not exist yet.
const MISSING: [u32; 1] = [32];

/// Per fault, the names in its row.
fn rows() -> BTreeMap<u32, (BTreeSet<String>, String)> {
    let page = tests::file("docs/faults.md");
    let row = |line: &str| {
        let number = line.strip_prefix("| ")?.split(' ').next()?.parse().ok()?;
        let names = line.split('`').skip(1).step_by(2).map(str::to_owned);
        Some((number, (names.collect(), line.to_owned())))
    };
    page.lines().filter_map(row).collect()
}

/// The tests that say a fault's number, as the first thing above them.
fn said() -> Vec<(u32, String)> {
    let mut said = Vec::new();
    for (_, text) in tests::all_code() {
        let mut numbers: Vec<u32> = Vec::new();
        for line in text.lines() {
            let line = line.strip_prefix("pub ").unwrap_or(line);
            if let Some(comment) = line.strip_prefix("/// Fault ") {
                let words = comment.split(|letter: char| !letter.is_ascii_digit());
                numbers.extend(
                    words
                        .filter_map(|word| word.parse::<u32>().ok())
                        .take_while(|n| *n <= FAULTS),
                );
            } else if let Some(rest) = line.strip_prefix("async fn ").or(line.strip_prefix("fn ")) {
                let name = rest.split(['(', '<']).next().unwrap_or_default();
                said.extend(numbers.drain(..).map(|number| (number, name.to_owned())));
            }
        }
    }
    said
}

#[test]
fn every_fault_is_shown_by_a_test_or_said_to_be_missing() {
    let rows = rows();
    assert_eq!(
        rows.keys().copied().collect::<Vec<_>>(),
        (1..=FAULTS).collect::<Vec<_>>()
    );
    let code: String = tests::all_code()
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    for (number, (names, line)) in &rows {
        let missing = MISSING.contains(number);
        assert_eq!(line.contains("| missing: "), missing, "{line}");
        let tests = names.iter().filter(|name| name.contains('_'));
        let mut shown = 0;
        for name in tests {
            assert!(
                code.contains(&format!("fn {name}(")),
                "fault {number}: {name}"
            );
            shown += 1;
        }
        assert!(shown > 0 || missing, "fault {number} is shown by no test");
    }
}

#[test]
fn every_test_of_a_fault_is_on_its_page() {
    let (rows, said) = (rows(), said());
    assert!(said.len() > 20, "{said:?}");
    for (number, name) in said {
        let (names, _) = &rows[&number];
        assert!(names.contains(&name), "fault {number}: {name}");
    }
}
