//! The server: its version, its API, its database.

use std::time::Instant;

use serde::Deserialize;
use serde_json::{Value, json};

use super::finding::{Examination, Finding};
use crate::{Context, Odoo, OdooError};

/// The version whose API and models the flows are written for.
const MAJOR: i64 = 19;
/// Slower than this, 500 time lines may take longer than a call may.
const SLOW_MILLISECONDS: u128 = 1_500;

/// Checks whether anything else can be asked.
pub(super) async fn is_usable(odoo: &Odoo, database: &str, examination: &mut Examination) -> bool {
    let version = version(odoo).await;
    let usable = version.fix.is_none();
    examination.add(version);
    if !usable {
        return false;
    }
    let database = database_of(odoo, database).await;
    let usable = database.level != super::Level::Failure;
    examination.add(database);
    usable
}

/// How many calls its operator takes. Odoo Online takes one a second and none beside it; elsewhere it is
/// the firm's own decision. <https://www.odoo.com/acceptable-use>
pub(super) fn pace(url: &str) -> Finding {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    let found = match host.ends_with(".odoo.com") {
        true => {
            "Odoo Online takes one call a second and none beside it: leave OdooCallsPerSecond and OdooCallsInFlight at 1"
        }
        false => {
            "not Odoo Online: OdooCallsPerSecond and OdooCallsInFlight may be what its operator allows"
        }
    };
    Finding::ok("rate limits", found)
}

/// Odoo's version as it tells anybody.
async fn version(odoo: &Odoo) -> Finding {
    const CHECK: &str = "version";
    let (status, body) = match odoo.get("/web/version").await {
        Ok(answer) => answer,
        Err(error) => {
            let fix = "check the address, and whether this machine can reach it";
            return Finding::failure(CHECK, words(&error), fix);
        }
    };
    if (300..400).contains(&status) {
        let fix = "use the address that it points to, usually the one with https";
        return Finding::failure(CHECK, "the address points elsewhere", fix);
    }
    let told = serde_json::from_slice::<Version>(&body).ok();
    let told = match told.filter(|_| status == 200) {
        Some(version) => Some(version.version),
        None => older_version(odoo).await,
    };
    let Some(version) = told else {
        let found = format!("no Odoo answers at this address (HTTP {status})");
        return Finding::failure(
            CHECK,
            found,
            "check the address and what stands before Odoo",
        );
    };
    let major = version
        .split(['.', '-', '~'])
        .find_map(|part| part.parse::<i64>().ok());
    let fix = "use Odoo 19.0";
    match major {
        Some(MAJOR) => Finding::ok(CHECK, format!("Odoo {version}, with the JSON-2 API")),
        Some(older) if older < MAJOR => {
            let found = format!(
                "Odoo {version}: it has no JSON-2 API, which came with {MAJOR} and is the only one Tenon speaks"
            );
            Finding::failure(CHECK, found, fix)
        }
        _ => {
            let found = format!("Odoo {version}: Tenon was tried with {MAJOR} only");
            Finding::failure(CHECK, found, fix)
        }
    }
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

/// As Odoo 14 to 18 tell it.
async fn older_version(odoo: &Odoo) -> Option<String> {
    let call = json!({
        "jsonrpc": "2.0", "method": "call",
        "params": {"service": "common", "method": "version", "args": []},
    });
    let (_, body) = odoo.post_without_key("/jsonrpc", &call).await.ok()?;
    let answer: Value = serde_json::from_slice(&body).ok()?;
    let version = answer.pointer("/result/server_version")?.as_str()?;
    Some(version.to_owned())
}

/// The database, asked with a key that need not be right.
async fn database_of(odoo: &Odoo, database: &str) -> Finding {
    const CHECK: &str = "database";
    let ask = async || -> Result<Value, OdooError> {
        let nowhere = Context::companies(&[]);
        odoo.call("res.users", "context_get", &nowhere, json!({}))
            .await
    };
    // The first call after a start loads the database, which says nothing about later ones.
    let asked = ask().await;
    let began = Instant::now();
    ask().await.ok();
    let took = began.elapsed().as_millis();
    match asked {
        Ok(_) | Err(OdooError::KeyRefused | OdooError::NotAllowed { .. })
            if took > SLOW_MILLISECONDS =>
        {
            Finding::warning(
                CHECK,
                format!("{database:?} answers, but only after {took} ms"),
                "ask again; if it stays slow, look at the server's load and workers",
            )
        }
        Ok(_) | Err(OdooError::KeyRefused | OdooError::NotAllowed { .. }) => {
            Finding::ok(CHECK, format!("{database:?} answers in {took} ms"))
        }
        Err(OdooError::Busy { .. }) => Finding::failure(
            CHECK,
            format!("no database {database:?} is served here, or PostgreSQL is down"),
            "check the name and Odoo's dbfilter, and that PostgreSQL runs",
        ),
        Err(error) => Finding::failure(CHECK, words(&error), "look into Odoo's log"),
    }
}

/// An error in one line.
pub(super) fn words(error: &OdooError) -> String {
    error.to_string()
}
