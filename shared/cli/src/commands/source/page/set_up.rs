//! What a person enters, at the vendor's and in the secret.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use sources::facts::Facts;
use sources::facts::api::{Api, Auth};
use sources::facts::proof::{OtherProof, Proof};

/// The steps, one line each.
pub fn steps(facts: &Facts) -> String {
    let name = &facts.name;
    let mut steps = Vec::new();
    if facts.pushes() {
        steps.push(format!(
            "The address to enter: `https://YOUR-DOMAIN/in/{name}/ACCOUNT{}`.",
            query(facts)
        ));
    }
    steps.push(format!(
        "The secret `tenon/ENVIRONMENT/{name}` holds `{}`.{}",
        secret(facts),
        if facts.pushes() {
            " While a secret is replaced the list has both, and nothing has to be deployed."
        } else {
            ""
        }
    ));
    steps.push(match facts.pushes() {
        true => format!(
            "Try a message that arrived: `cargo tenon source verify {name} --secret … --body-file FILE`."
        ),
        false => format!("Try an answer of its API: `cargo tenon source read {name} --file FILE`."),
    });
    let numbered = steps.iter().zip(1..);
    numbered
        .map(|(step, number)| format!("{number}. {step}\n"))
        .collect()
}

/// Where a part of the address is the proof.
fn query(facts: &Facts) -> String {
    let names = facts.verify.iter().filter_map(|scheme| match &scheme.by {
        Proof::Nothing(nothing) => nothing.require.iter().find_map(|proof| match proof {
            OtherProof::SecretInQuery(name) => Some(name),
            OtherProof::SalesforceIdInElement(_) | OtherProof::AccountAt(_) => None,
        }),
        Proof::Signature(_) | Proof::Token(_) | Proof::Basic {} | Proof::Jwt(_) => None,
    });
    names.map(|name| format!("?{name}=SECRET")).collect()
}

/// The secret's document, with a dot for each value.
fn secret(facts: &Facts) -> String {
    match facts.name.as_str() {
        "hubspot" => return r#"{"client_secrets":["…"],"access_token":"…"}"#.to_owned(),
        "connectwise" => {
            return r#"{"company_id":"…","public_key":"…","private_key":"…","client_id":"…","region":"…"}"#
                .to_owned();
        }
        _ => {}
    }
    let mut document = Map::new();
    if facts.pushes() {
        document.insert("signing_secrets".to_owned(), json!(["…"]));
    }
    if let Some(api) = &facts.api {
        document.insert("api".to_owned(), asked_with(api));
    }
    Value::Object(document).to_string()
}

/// What its API is asked with.
fn asked_with(api: &Api) -> Value {
    let (fields, token_url): (&[&str], _) = match &api.auth {
        Auth::Bearer => (&["token"], None),
        Auth::Basic => (&["user", "password"], None),
        Auth::Headers(_) => (&[], None),
        Auth::ClientCredentials { token_url } => (&["client_id", "client_secret"], Some(token_url)),
        Auth::JwtBearer { token_url, .. } => {
            (&["client_id", "user", "private_key"], Some(token_url))
        }
        Auth::RefreshToken { token_url, .. } => (
            &["client_id", "client_secret", "refresh_token"],
            Some(token_url),
        ),
    };
    let dots = |names: &mut dyn Iterator<Item = String>| -> Map<String, Value> {
        names.map(|name| (name, Value::from("…"))).collect()
    };
    let mut with = dots(&mut fields.iter().map(|name| (*name).to_owned()));
    if let Auth::Headers(names) = &api.auth {
        let headers = dots(&mut names.iter().cloned());
        with.insert("headers".to_owned(), Value::Object(headers));
    }
    let mut places = places_in(&api.base_url);
    places.extend(token_url.into_iter().flat_map(|url| places_in(url)));
    if !places.is_empty() {
        let places = dots(&mut places.into_iter());
        with.insert("places".to_owned(), Value::Object(places));
    }
    Value::Object(with)
}

/// The names that stand in `{…}`.
fn places_in(address: &str) -> BTreeSet<String> {
    let after = address.split('{').skip(1);
    let names = after.filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()));
    names.collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use sources::SourceSecret;

    use super::*;

    #[test]
    fn a_secret_of_the_shape_that_a_page_shows_opens_its_source() {
        for source in sources::all() {
            let facts = &source.facts;
            let document = secret(facts).replace('…', "x");
            let secret = SourceSecret::of(facts, &document);
            let secret = secret.unwrap_or_else(|error| panic!("{document}: {error}"));
            let listed = facts.pull.as_ref().is_some_and(|pull| pull.list.is_some());
            // An assertion is signed at once, and `x` is no key.
            let signs = |api: &Api| matches!(api.auth, Auth::JwtBearer { .. });
            if listed && !facts.api.as_ref().is_some_and(signs) {
                let access = facts.access(&secret, None, Timestamp::UNIX_EPOCH);
                assert!(access.is_ok(), "{document}: {:?}", access.err());
            }
        }
    }
}
