//! Each rule refuses what it is there for, by file, line, field and fix.

use crate::facts::{Facts, FactsError};
use crate::{ENTRIES, source};

fn text(name: &str) -> &'static str {
    ENTRIES
        .iter()
        .find(|entry| entry.name == name)
        .unwrap()
        .text
}

/// The refusal of a description with one thing changed.
fn refuse(name: &str, from: &str, to: &str) -> String {
    let text = text(name);
    assert!(text.contains(from), "{name}: {from}");
    let changed = text.replacen(from, to, 1);
    let line = text.split(from).next().unwrap().matches('\n').count() + 1;
    let error = Facts::parse("x.toml", &changed).unwrap_err();
    let said = error.to_string();
    let place = said
        .strip_prefix("x.toml:")
        .unwrap()
        .split(':')
        .next()
        .unwrap();
    let named: usize = place.parse().unwrap();
    assert!(
        named.abs_diff(line) <= 12,
        "line {named} for a mistake in line {line}: {said}"
    );
    said
}

fn assert_field(said: &str, field: &str) {
    assert!(said.contains(&format!(": {field}: ")), "{said}");
}

#[test]
fn every_description_that_ships_is_sound() {
    for entry in &ENTRIES {
        let source = entry.load().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(source.facts.name, entry.name);
        assert!(entry.file.ends_with(&format!("/{}.toml", entry.name)));
    }
}

#[test]
fn a_typing_error_names_its_own_line_and_what_may_stand_there() {
    let said = refuse("hubspot", "tolerance_seconds", "tolerance_second");
    assert!(
        said.contains("tolerance_second`, expected one of"),
        "{said}"
    );
    let said = refuse(
        "hubspot",
        "\"body\", \"timestamp\"",
        "\"bodi\", \"timestamp\"",
    );
    assert!(said.contains("bodi"), "{said}");
    assert!(refuse("moco", "hmac_sha256", "hmac_md5").contains("hmac_md5"));
    let twice = refuse(
        "moco",
        "title = \"MOCO\"",
        "title = \"MOCO\"\ntitle = \"M\"",
    );
    assert!(twice.contains("duplicate key"), "{twice}");
    let missing = Facts::parse("x.toml", "name = \"x\"\n").unwrap_err();
    assert!(
        matches!(missing, FactsError::Unreadable { line: 1, .. }),
        "{missing}"
    );
    let unclosed = Facts::parse("x.toml", "name = \"x\"\n[verify").unwrap_err();
    assert!(
        matches!(unclosed, FactsError::Unreadable { line: 2, .. }),
        "{unclosed}"
    );
}

#[test]
fn rule_1_a_push_is_verified_and_nothing_needs_two_other_proofs() {
    let all = text("moco");
    let (before, rest) = all.split_once("[[verify]]").unwrap();
    let (_, after) = rest.split_once("[message]").unwrap();
    let bare = Facts::parse("x.toml", &format!("{before}[message]{after}")).unwrap_err();
    assert_field(&bare.to_string(), "verify");
    let one = refuse(
        "salesforce",
        ", { salesforce_id_in_element = \"OrganizationId\" }",
        "",
    );
    assert_field(&one, "verify.0.by.nothing.require");
    let same = "{ secret_in_query = \"key\" }";
    let twice = refuse(
        "salesforce",
        "{ salesforce_id_in_element = \"OrganizationId\" }",
        same,
    );
    assert_field(&twice, "verify.0.by.nothing.require");
    let body = refuse("zendesk", "[\"timestamp\", \"body\"]", "[\"timestamp\"]");
    assert_field(&body, "verify.0.by.signature.parts");
    let secret = refuse("hubspot", "[\"secret\", \"body\"]", "[\"body\"]");
    assert_field(&secret, "verify.2.by.signature.parts");
}

#[test]
fn rule_2_an_unsigned_type_moves_no_money_before_the_record_is_fetched() {
    let fetch = "fetch = \"/api/v1/activities/{id}\"\n";
    assert_field(&refuse("moco", fetch, ""), "message.event_type.signed");
    // Claiming that it is signed does not help: the rule looks at what the signature covers.
    for source in ["moco", "pipedrive", "clockify", "teamwork", "salesforce"] {
        let claimed = refuse(source, "signed = false", "signed = true");
        assert_field(&claimed, "message.event_type.signed");
    }
}

#[test]
fn rule_3_a_time_that_is_not_signed_is_no_replay_window() {
    let field = "verify.0.by.signature.timestamp";
    let window = refuse(
        "moco",
        "[\"milliseconds\"] }",
        "[\"milliseconds\"], tolerance_seconds = 300 }",
    );
    assert_field(&window, field);
    assert_field(
        &refuse("bamboohr", "[\"body\", \"timestamp\"]", "[\"body\"]"),
        field,
    );
    assert_field(&refuse("bamboohr", ", tolerance_seconds = 300", ""), field);
}

#[test]
fn rule_4_a_repetition_looks_the_same() {
    let counted = refuse("hubspot", "\"/eventId\"", "\"/attemptNumber\"");
    assert_field(&counted, "message.dedup");
    let counted = refuse("pipedrive", "\"/meta/id\"", "\"/meta/attempt\"");
    assert_field(&counted, "message.dedup");
    let header = "header:x-atlassian-webhook-identifier";
    let retried = refuse("jira", header, "header:x-atlassian-webhook-retry");
    assert_field(&retried, "message.dedup");
}

#[test]
fn a_missing_number_shows_only_where_one_message_is_one_event() {
    for (from, to) in [
        ("split = \"whole\"", "split = \"array\""),
        ("form = \"number\"", "form = \"seconds\""),
        ("scope = \"/Guid\", ", ""),
    ] {
        assert_field(&refuse("autotask", from, to), "message.order");
    }
}

#[test]
fn rule_5_what_is_incomplete_is_fetched_and_what_gets_lost_is_pulled() {
    let fetch = "fetch = \"/v1.0/{EntityType}/{Id}\"\n";
    assert_field(&refuse("autotask", fetch, ""), "message.payload");
    let all = text("connectwise");
    let (before, rest) = all.split_once("[pull]").unwrap();
    let (_, after) = rest
        .split_once("# https://developer.connectwise.com")
        .unwrap();
    let bare = format!("{before}# {after}").replace("\"push\", \"poll\"", "\"push\"");
    let said = Facts::parse("x.toml", &bare).unwrap_err().to_string();
    assert_field(&said, "delivery.loses_events");
    let finite = bare.replace("loses_events = true", "loses_events = false");
    let said = Facts::parse("x.toml", &finite).unwrap_err().to_string();
    assert_field(&said, "delivery.loses_events");
    let busy = refuse("connectwise", "busy = 429", "busy = 503");
    assert_field(&busy, "answers.busy");
    let overlap = refuse("harvest", "overlap_seconds = 300", "overlap_seconds = 0");
    assert_field(&overlap, "pull.cursor.overlap_seconds");
}

#[test]
fn rule_6_a_key_is_fetched_from_the_vendors_own_hosts() {
    for wide in ["*", "*.net", "*.*.net", "net", ""] {
        let said = refuse(
            "connectwise",
            "\"*.myconnectwise.net\"",
            &format!("\"{wide}\""),
        );
        let field = "verify.0.by.signature.key.sha256_of_fetched.allowed_hosts";
        assert_field(&said, field);
    }
}

#[test]
fn rule_7_an_unknown_approval_word_is_looked_at() {
    for other in ["approved", "draft", "submitted"] {
        let said = refuse("harvest", "\"review\"", &format!("\"{other}\""));
        assert_field(&said, "approval.time_entry.unknown");
    }
    let facts = source("connectwise").unwrap().facts.clone();
    let map = &facts.approval["time_entry"];
    assert_eq!(
        map.meaning("ReadyToBill"),
        domain::event::Approval::Approved
    );
    for word in ["ErrorsCorrected", "approved", "readytobill", ""] {
        assert_eq!(map.meaning(word), domain::event::Approval::Review, "{word}");
    }
}

#[test]
fn rule_8_a_description_shows_what_it_claims() {
    let bare = text("toggl").split("\n[[example]]").next().unwrap();
    let said = Facts::parse("x.toml", bare).unwrap_err().to_string();
    assert_field(&said, "example");
    let scheme = "scheme = \"plain\"\nsecret";
    let unshown = text("personio").replacen(scheme, "scheme = \"prefixed\"\nsecret", 1);
    let unshown = Facts::parse("x.toml", &unshown).unwrap_err().to_string();
    assert_field(&unshown, "verify.1.scheme");
    let nobody = refuse("harvest", "[[example]]", "[[example]]\nscheme = \"v9\"");
    assert_field(&nobody, "example.0.scheme");
}

#[test]
fn rule_9_no_description_holds_one_secret_where_there_may_be_two() {
    let one = r#"{"signing_secrets":"only one"}"#;
    let two = r#"{"signing_secrets":["new","old"]}"#;
    let source = crate::Source {
        facts: source("moco").unwrap().facts.clone(),
        read: |_, _, _| Ok(Vec::new()),
    };
    assert!(crate::SourceSecret::parse(&source, one).is_err());
    assert!(crate::SourceSecret::parse(&source, two).is_ok());
    let typed = refuse("moco", "[[verify]]", "secret = \"s\"\n[[verify]]");
    assert!(typed.contains("unknown field `secret`"), "{typed}");
}

#[test]
fn rule_10_an_example_that_two_readers_could_read_differently_is_refused() {
    for (from, to) in [
        ("\"id\":501,", "\"id\":501,\"id\":502,"),
        ("\"id\":501,", "\"id\":501,\"\\u0069d\":502,"),
        ("\"hours\":8.0", "\"hours\":NaN"),
        ("Data platform", "Data \\ud800"),
        ("Data platform", "Data \\u0000"),
    ] {
        let said = refuse("moco", from, to);
        assert_field(&said, "example.0.body");
    }
}

#[test]
fn rule_11_files_are_read_of_a_source_that_says_how_they_are() {
    let columns = "columns = [\"event\", \"id\", \"changed_at\"]\n";
    assert_field(&refuse("generic", columns, ""), "file.columns");
    let forms = refuse("generic", "forms = [\"csv\", \"json\"]", "forms = []");
    assert_field(&forms, "file.forms");
    let thin = "payload = \"thin\"\nfetch = \"/events/{id}\"";
    let thin = refuse("generic", "payload = \"fat\"", thin);
    assert_field(&thin, "message.payload");
    assert!(thin.contains("a row of a file"), "{thin}");
    let parsed = |text: &str| Facts::parse("x.toml", text).unwrap_err().to_string();
    let unsaid = text("generic").replacen(", \"file\"]", "]", 1);
    assert_field(&parsed(&unsaid), "file");
    let (before, rest) = text("generic").split_once("[file]").unwrap();
    let after = rest.split_once("\n\n").unwrap().1;
    assert_field(&parsed(&format!("{before}{after}")), "transport");
}

#[test]
fn a_proof_is_not_kept_with_the_message() {
    let name = "\"clockify-webhook-event-type\"]\n\n#";
    let said = refuse("clockify", name, "\"clockify-signature\"]\n\n#");
    assert_field(&said, "message.keep_headers");
}

#[test]
fn the_schedule_follows_from_how_a_source_delivers() {
    let every = |name: &str| source(name).unwrap().facts.clone().reconcile_seconds();
    // A quarter of the day in which HubSpot sends again; an hour where nothing is sent again for long.
    assert_eq!(every("hubspot"), Some(21_600));
    assert_eq!(every("connectwise"), Some(3600));
    assert_eq!(every("personio"), Some(86_400));
    // Autotask asks for more, because most of its records are never pushed.
    assert_eq!(every("autotask"), Some(300));
    assert_eq!(every("harvest"), None);
}
