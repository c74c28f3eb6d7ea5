//! `tenon source verify`.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use sources::facts::proof::Scheme;
use sources::{Headers, Request, Source, SourceSecret, verify_by};

use crate::commands::CommandError;
use crate::commands::source::{header, now};
use crate::commands::source_error::SourceError;

/// Options of `tenon source verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The source's name.
    #[arg(value_name = "SOURCE")]
    source: String,
    /// One of its schemes; else those that intake accepts by itself.
    #[arg(long, value_name = "NAME")]
    scheme: Option<String>,
    /// A secret; may be repeated, for the current one and the one before.
    #[arg(
        long = "secret",
        visible_alias = "secret2",
        value_name = "SECRET",
        allow_hyphen_values = true
    )]
    secrets: Vec<String>,
    /// The HTTP method.
    #[arg(long, value_name = "METHOD", default_value = "POST")]
    method: String,
    /// The address as the vendor called it, with its query.
    #[arg(long, value_name = "URL", default_value = "")]
    url: String,
    /// A header; may be repeated.
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// The file with the body as it was sent.
    #[arg(long, value_name = "FILE")]
    body_file: PathBuf,
    /// When it arrived, for example 2026-11-22T12:00:00Z; else now.
    #[arg(long, value_name = "INSTANT")]
    now: Option<Timestamp>,
    /// The account; else the one in the address /in/SOURCE/ACCOUNT, else the one that the message names.
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
}

impl Verify {
    /// Says whether the message would be accepted.
    pub fn run(&self) -> Result<(), CommandError> {
        let source = super::named(&self.source)?;
        let body = fs::read(&self.body_file).map_err(|source| CommandError::Unreadable {
            file: self.body_file.clone(),
            source,
        })?;
        let schemes = self.schemes(source)?;
        let account = self.account(source, &body);
        let headers: Headers = self
            .headers
            .iter()
            .map(|(name, value)| (name, value))
            .collect();
        let request = Request {
            account: &account,
            method: &self.method,
            public_url: &self.url,
            headers: &headers,
            body: &body,
            now: self.now.unwrap_or_else(now),
        };
        let secret = SourceSecret::entered(self.secrets.clone());
        match verify_by(&source.facts, &schemes, &request, &secret) {
            Ok(_) => {
                println!("accepted");
                Ok(())
            }
            Err(refusal) => {
                println!("refused: {refusal}");
                Err(CommandError::Told)
            }
        }
    }

    fn schemes<'a>(&self, source: &'a Source) -> Result<Vec<&'a Scheme>, SourceError> {
        let all = &source.facts.verify;
        let Some(name) = &self.scheme else {
            return Ok(all.iter().filter(|scheme| !scheme.only_if_chosen).collect());
        };
        let unknown = || SourceError::UnknownScheme {
            source_name: self.source.clone(),
            name: name.clone(),
            known: all
                .iter()
                .map(|scheme| scheme.scheme.as_str())
                .collect::<Vec<_>>()
                .join(" "),
        };
        Ok(vec![source.facts.scheme(name).ok_or_else(unknown)?])
    }

    fn account(&self, source: &Source, body: &[u8]) -> String {
        let of_address = || {
            let (_, rest) = self.url.split_once(&format!("/in/{}/", self.source))?;
            let account = rest.split(['?', '/', '#']).next()?;
            Some(account.to_owned())
        };
        self.account
            .clone()
            .or_else(of_address)
            .or_else(|| source.account_of(body))
            .unwrap_or_default()
    }
}
