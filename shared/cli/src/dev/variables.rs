//! The variables of all deployed functions in one file, for programs that run outside the emulator.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::Value;

use crate::aws_api::{Aws, AwsError, REGION};
use crate::cache::{CacheError, at};

/// The file cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum VariablesError {
    /// The emulator refused.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// Two functions want different values for one name.
    #[error("the functions do not agree about {0}; one file cannot serve them all")]
    Contradiction(String),
    /// The file cannot be written.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

/// Writes the file: what every function is told, where the emulator is, and credentials for it.
///
/// # Errors
/// When the functions contradict each other, or the file cannot be written.
pub async fn write(aws: &Aws, file: &Path) -> Result<PathBuf, VariablesError> {
    let mut variables = of_all_functions(aws).await?;
    for (name, value) in [
        ("AWS_ENDPOINT_URL", aws.endpoint()),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        // The emulator's administrator.
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ] {
        variables.insert(name.to_owned(), value.to_owned());
    }
    let text: String = variables
        .iter()
        .map(|(name, value)| line(name, value))
        .collect();
    let mut options = fs::OpenOptions::new();
    options.create(true).truncate(true).write(true).mode(0o600);
    options
        .open(file)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(at(file))?;
    Ok(file.to_owned())
}

/// A value with a space has to be quoted; one without is read by more programs as it is.
fn line(name: &str, value: &str) -> String {
    match value.contains(' ') {
        true => format!("{name}=\"{value}\"\n"),
        false => format!("{name}={value}\n"),
    }
}

async fn of_all_functions(aws: &Aws) -> Result<BTreeMap<String, String>, VariablesError> {
    let path = "/2015-03-31/functions/";
    let answer = aws.rest("lambda", Method::GET, path, None).await?;
    let functions = answer.get("Functions").and_then(Value::as_array);
    let mut all = BTreeMap::new();
    for function in functions.into_iter().flatten() {
        let variables = function.pointer("/Environment/Variables");
        for (name, value) in variables.and_then(Value::as_object).into_iter().flatten() {
            let value = value.as_str().unwrap_or_default().to_owned();
            let before = all.insert(name.clone(), value.clone());
            if before.is_some_and(|before| before != value) {
                return Err(VariablesError::Contradiction(name.clone()));
            }
        }
    }
    Ok(all)
}
