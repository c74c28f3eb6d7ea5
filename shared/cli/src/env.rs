//! The environment of the command, read here and nowhere else.

use std::path::PathBuf;

/// The value of an environment variable, unless it is absent, empty or not Unicode.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place of the command line that reads the environment"
)]
fn value(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The folder named by a variable.
fn folder(name: &str) -> Option<PathBuf> {
    value(name).map(PathBuf::from)
}

/// `$TENON_CACHE`, else `$XDG_CACHE_HOME/tenon`, else `~/.cache/tenon`.
#[must_use]
pub fn cache_folder() -> Option<PathBuf> {
    folder("TENON_CACHE")
        .or_else(|| folder("XDG_CACHE_HOME").map(|base| base.join("tenon")))
        .or_else(|| folder("HOME").map(|home| home.join(".cache/tenon")))
}

/// The cargo that started us, so that a nested build uses the same toolchain.
#[must_use]
pub fn cargo() -> PathBuf {
    folder("CARGO").unwrap_or_else(|| PathBuf::from("cargo"))
}

/// The folders in which programs are searched.
#[must_use]
pub fn program_folders() -> Vec<PathBuf> {
    value("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default()
}

/// Key id, secret key and, for a session, its token: as the AWS tools name them.
#[must_use]
pub fn aws_credentials() -> Option<(String, String, Option<String>)> {
    let id = value("AWS_ACCESS_KEY_ID")?;
    let secret = value("AWS_SECRET_ACCESS_KEY")?;
    Some((id, secret, value("AWS_SESSION_TOKEN")))
}

/// The address of an emulator that stands for all of AWS, as the AWS tools name it.
#[must_use]
pub fn emulator_url() -> Option<String> {
    value("AWS_ENDPOINT_URL")
}

/// True where nobody watches: progress is then printed as plain lines.
#[must_use]
pub fn is_ci() -> bool {
    value("CI").is_some()
}
