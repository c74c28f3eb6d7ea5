//! Whether a description holds: its facts open no hole, and its examples are accepted by them.

use crate::SourceSecret;
use crate::facts::example::Example;
use crate::facts::{Facts, FactsError};
use crate::verify::{Refusal, Request, verify_by};

/// Reads a description, and holds it against its own examples.
pub fn check(file: &str, text: &str) -> Result<Facts, FactsError> {
    let facts = Facts::parse(file, text)?;
    for (index, example) in facts.examples.iter().enumerate() {
        if let Err(refusal) = try_example(&facts, example) {
            let field = format!("example.{index}");
            let fix = format!("the description refuses it, because {refusal}; correct one of them");
            return Err(FactsError::in_text(file, text, field, fix));
        }
    }
    Ok(facts)
}

/// An example without a scheme shows a body only.
fn try_example(facts: &Facts, example: &Example) -> Result<(), Refusal> {
    let Some(scheme) = example
        .scheme
        .as_deref()
        .and_then(|name| facts.scheme(name))
    else {
        return Ok(());
    };
    let headers = example.headers.iter().collect();
    let request = Request {
        account: &example.account,
        method: "POST",
        public_url: &example.url,
        headers: &headers,
        body: example.body.as_bytes(),
        now: example.now.unwrap_or_default(),
    };
    let secret = SourceSecret::entered(vec![example.secret.clone()]);
    verify_by(facts, &[scheme], &request, &secret).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ENTRIES;

    #[test]
    fn every_description_that_ships_accepts_its_own_examples() {
        for entry in &ENTRIES {
            let checked = check(entry.file, entry.text);
            assert_eq!(checked.map(drop), Ok(()), "{}", entry.name);
        }
    }

    #[test]
    fn an_example_that_is_refused_is_named_with_its_line() {
        let entry = ENTRIES.iter().find(|entry| entry.name == "moco").unwrap();
        let wrong = entry.text.replace("secret = \"", "secret = \"x");
        let line = wrong.split("[[example]]").next().unwrap().lines().count() + 1;
        let said = check("x.toml", &wrong).unwrap_err().to_string();
        let expected = "example.0: the description refuses it, because the signature does not match; correct one of them";
        assert_eq!(said, format!("x.toml:{line}: {expected}"));
    }
}
