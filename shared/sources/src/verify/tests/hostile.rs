//! Whatever a stranger sends: nothing panics, and nothing is accepted that was not proved.

use proptest::prelude::*;

use super::*;

/// A text that a stranger may put where another one was.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,80}",
        "[0-9a-f]{0,130}",
        "[A-Za-z0-9+/=]{0,90}",
        "(sha1|sha256|v1|v1a|t|s)[=,][A-Za-z0-9+/=,. ]{0,80}",
        "(Basic|Bearer) [A-Za-z0-9+/=._-]{0,80}",
        "[0-9]{0,30}",
        Just("=,=,=,=".to_owned()),
        Just("\u{202e}\u{0}".to_owned()),
        Just("..".to_owned()),
        Just("é".repeat(40)),
    ]
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..300),
        "\\PC{0,200}".prop_map(String::into_bytes),
        "[{}\\[\\]\":,a-z0-9.\\\\]{0,200}".prop_map(String::into_bytes),
        Just(b"[".repeat(100_000)),
        Just(br#"{"Metadata":{"key_url":"https://169.254.169.254/"}}"#.to_vec()),
        Just(br#"{"portalId":1e400,"CompanyId":NaN}"#.to_vec()),
        Just(br#"[{"portalId":9007199254740993}]"#.to_vec()),
        Just(br#"{"CompanyId":"a","CompanyId":"b"}"#.to_vec()),
        Just(b"<!DOCTYPE a [<!ENTITY b \"c\">]><OrganizationId>&b;</OrganizationId>".to_vec()),
    ]
}

fn any_case() -> impl Strategy<Value = Case> {
    proptest::sample::select(cases())
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}

// Short by default; `PROPTEST_CASES=1000000 cargo tenon test nothing_of_a_strangers` takes its time.
proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_of_a_strangers_making_is_accepted(
        case in any_case(), value in any_text(), query in any_text(), account in any_text(), body in any_body(),
    ) {
        let refused = case.with(|case| {
            if let Some(name) = case.header() {
                case.rewrite(&name, |v| *v = value);
            }
            case.url = format!("https://hooks.example.com/in?key={query}&code={query}");
            case.account = account;
            case.body = body;
        });
        prop_assert!(refused.is_err());
    }

    #[test]
    fn a_good_proof_with_another_body_is_refused_where_bodies_are_signed(case in any_case(), body in any_body()) {
        if case.signature().is_some() && body != case.body {
            prop_assert!(case.with(|case| case.body = body).is_err());
        }
    }

    #[test]
    fn a_secret_of_any_form_neither_panics_nor_accepts(case in any_case(), secret in any_text()) {
        prop_assume!(secret != case.secrets[0]);
        prop_assert!(case.with(|case| case.secrets = vec![secret]).is_err());
    }
}
