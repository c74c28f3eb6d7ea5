//! Texts that programs trip over: kept to the letter, or a question.

use domain::command::Command;
use serde_json::json;
use simulation::fate::Plan;
use simulation::logs;

use crate::desk::{Became, became, entry, played, record};

/// Fault 37: a text is kept to the letter.
#[test]
fn a_text_is_kept_to_the_letter() {
    for text in [
        "caf\u{e9}",
        "cafe\u{301}",
        "\u{202e}gnp.exe",
        "\u{2066}a\u{2069}",
        "=cmd|'/C calc'!A0",
        "@SUM(1+1)",
        "+49 30 1234",
        "line\r\nnext\tand \u{2028} more",
        "\u{1f469}\u{200d}\u{1f680}",
        "<script>alert(1)</script>",
        "'; DROP TABLE account_analytic_line; --",
        "%s %n {0} ${x} {{y}}",
    ] {
        played(1, Plan::Calm, async |desk| {
            let mut record = record();
            record["notes"] = json!(text);
            let became = became(desk, &record.to_string()).await;
            assert!(matches!(became, Became::Work(..)), "{text:?}: {became:?}");
            let versions = desk.versions(&entry("90311")).await;
            let Some(Command::LogTime(time)) = &versions[0].command else {
                panic!("it is time");
            };
            assert_eq!(time.narration.0, text);
        });
    }
}

/// Fault 37: what no database behind us could keep, or two readers could read differently.
#[test]
fn half_a_character_a_nul_and_a_name_that_comes_twice_are_questions() {
    for (from, to) in [
        ("Modelled", "\\u0000"),
        ("Modelled", "\\ud800"),
        ("Modelled", "\\udc00\\ud800"),
        ("Modelled", "\u{0}"),
        ("\"notes\":", "\"notes\":\"a\",\"notes\":"),
        ("\"notes\":", "\"n\\u006ftes\":\"a\",\"notes\":"),
        ("\"status\":", "\"status\":\"Open\",\"status\":"),
    ] {
        played(1, Plan::Calm, async |desk| {
            let text = record().to_string().replacen(from, to, 1);
            let expected = Became::Question("delivery_unreadable".to_owned());
            assert_eq!(became(desk, &text).await, expected, "{to}");
        });
    }
}

/// Fault 37: whatever stands in a record, the log has one JSON line per thing that happened.
#[test]
fn nobody_writes_a_line_of_his_own_into_the_log() {
    let forged = "\r\n{\"level\":\"ERROR\",\"message\":\"forged\"}\u{2028}\u{85}";
    played(1, Plan::Calm, async |desk| {
        for field in ["notes", "status", "billableOption"] {
            let mut record = record();
            record[field] = json!(forged);
            let body = crate::desk::callback(&record.to_string());
            assert!(desk.deliver("connectwise", forged, &body).await);
            assert!(desk.deliver(forged, "Cobalt", &body).await);
        }
        logs::with(|log| {
            assert!(log.lines().count() >= 6, "{log}");
            for line in log.lines() {
                let said: serde_json::Value = serde_json::from_str(line).unwrap();
                assert_ne!(said["message"], "forged", "{line}");
            }
        });
    });
}
