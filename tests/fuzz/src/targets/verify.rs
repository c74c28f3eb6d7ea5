//! Every scheme of every source.

use sources::facts::example::Example;
use sources::facts::proof::Scheme;
use sources::{Headers, Request, Source, SourceSecret, verify, verify_by};

use crate::canary;
use crate::input::Input;
use crate::proof;
use crate::target::Target;

/// The examples of all descriptions that show a scheme.
pub fn samples() -> Vec<Input> {
    let of_source = |source: &'static Source| {
        let examples = source.facts.examples.iter().enumerate();
        examples.filter_map(|(number, example)| sample(source, number, example))
    };
    sources::all().flat_map(of_source).collect()
}

fn sample(source: &Source, number: usize, example: &Example) -> Option<Input> {
    let scheme = example.scheme.as_deref()?;
    Some(Input {
        target: Target::Verify,
        sample: format!("{} {scheme} {number}", source.name()),
        method: "POST".to_owned(),
        account: example.account.clone(),
        url: example.url.clone(),
        headers: example.headers.clone().into_iter().collect(),
        body: example.body.clone().into_bytes(),
        now: example.now?,
        secrets: vec![example.secret.clone()],
        flag_lies: false,
    })
}

/// What is accepted is what was signed, and a refusal tells nothing.
pub fn check(input: &Input, sample: &Input) -> Result<(), String> {
    let source = sources::source(sample.source()).ok_or("the source is not described")?;
    let scheme = sample.sample.split(' ').nth(1).unwrap_or_default();
    let scheme: &Scheme = source
        .facts
        .scheme(scheme)
        .ok_or("there is no such scheme")?;
    let headers: Headers = (input.headers.iter())
        .map(|(name, value)| (name, value))
        .collect();
    let request = Request {
        account: &input.account,
        method: &input.method,
        public_url: &input.url,
        headers: &headers,
        body: &input.body,
        now: input.now,
    };
    let secret = SourceSecret::entered(input.secrets.clone());
    // As intake does, with whatever scheme the message carries.
    if let Err(refusal) = verify(source, &request, &secret) {
        canary::is_silent(&refusal, &input.secrets)?;
    }
    match verify_by(&source.facts, &[scheme], &request, &secret) {
        Ok(verified) if verified.body() != input.body => Err("another body came out".to_owned()),
        Ok(_) => proof::holds(source, scheme, input, sample),
        Err(refusal) => canary::is_silent(&refusal, &input.secrets),
    }
}
