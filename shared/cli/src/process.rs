//! Runs a program to its end and keeps what it said.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// How many lines of a failed program's output are shown.
const SHOWN_LINES: usize = 15;

/// The exit code of a launcher that did not find the program.
const NOT_FOUND: i32 = 127;

/// How often a watched program is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// A program could not be run, or ended badly.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// The program is not there or may not be executed.
    #[error("{what}: the program `{program}` could not be started; install it and try again")]
    NotStarted {
        /// What we were doing.
        what: String,
        /// The program's name.
        program: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The program ended with an error.
    #[error("{what} failed ({status}); the last lines of {}:\n{tail}", log.display())]
    Failed {
        /// What we were doing.
        what: String,
        /// How it ended.
        status: ExitStatus,
        /// The last lines of its output.
        tail: String,
        /// Where all of its output is.
        log: PathBuf,
    },
    /// The log file could not be written.
    #[error("{what}: the log file {} cannot be written; is the disk full?", log.display())]
    Log {
        /// What we were doing.
        what: String,
        /// The file.
        log: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

/// Opens a log for appending.
///
/// # Errors
/// When the file cannot be created.
pub fn open_log(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// Runs `command` with its output in `log`; `what` names the step in an error.
///
/// # Errors
/// When the program is missing or ends with an error.
pub fn run(what: &str, command: &Command, log: &Path) -> Result<(), ToolError> {
    run_with_input(what, command, b"", log)
}

/// As [`run`], with `input` on the program's standard input.
///
/// # Errors
/// When the program is missing or ends with an error.
pub fn run_with_input(
    what: &str,
    command: &Command,
    input: &[u8],
    log: &Path,
) -> Result<(), ToolError> {
    let mut child = start(what, command, log, !input.is_empty())?;
    if let Some(mut pipe) = child.stdin.take() {
        // A program that ends early closes the pipe; its exit status tells the story.
        pipe.write_all(input).ok();
    }
    let status = child.wait().map_err(log_error(what, log))?;
    judge(what, command, status, log)
}

/// As [`run`], and calls `look` every now and then while the program runs.
///
/// # Errors
/// When the program is missing or ends with an error.
pub fn run_watched(
    what: &str,
    command: &Command,
    log: &Path,
    look: impl Fn(),
) -> Result<(), ToolError> {
    let mut child = start(what, command, log, false)?;
    loop {
        match child.try_wait().map_err(log_error(what, log))? {
            Some(status) => return judge(what, command, status, log),
            None => look(),
        }
        sleep(LOOK);
    }
}

/// As [`check`], and tells a program that is not there from one that failed.
fn judge(what: &str, command: &Command, status: ExitStatus, log: &Path) -> Result<(), ToolError> {
    if status.code() == Some(NOT_FOUND) {
        let cause = io::ErrorKind::NotFound.into();
        return Err(not_started(what, command_name(command), cause));
    }
    check(what, status, log)
}

fn start(what: &str, command: &Command, log: &Path, piped: bool) -> Result<Child, ToolError> {
    let file = open_log(log).map_err(log_error(what, log))?;
    let copy = file.try_clone().map_err(log_error(what, log))?;
    let program = command_name(command);
    let mut command = bound_to_us(command, None, "TERM");
    command.stdin(if piped { Stdio::piped() } else { Stdio::null() });
    let child = command.stdout(file).stderr(copy).spawn();
    child.map_err(|source| not_started(what, program, source))
}

fn log_error<'a>(what: &'a str, log: &'a Path) -> impl Fn(io::Error) -> ToolError + 'a {
    |source| ToolError::Log {
        what: what.to_owned(),
        log: log.to_owned(),
        source,
    }
}

/// The same command behind `setpriv`, which changes the user and then arranges for the signal at our
/// death (prctl(2), `PR_SET_PDEATHSIG`). One `setpriv` does both: the kernel forgets the signal when the user changes.
#[must_use]
pub fn bound_to_us(command: &Command, user: Option<(u32, u32)>, signal: &str) -> Command {
    let mut launcher = Command::new("setpriv");
    if let Some((user, group)) = user {
        launcher.args([
            format!("--reuid={user}"),
            format!("--regid={group}"),
            "--clear-groups".to_owned(),
        ]);
    }
    launcher
        .args(["--pdeathsig", signal])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => launcher.env(name, value),
            None => launcher.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        launcher.current_dir(folder);
    }
    launcher
}

/// The output of a program that is expected to succeed quickly, without its trailing line break.
#[must_use]
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end().to_owned())
}

/// Turns an exit status into an error that shows the end of the log.
///
/// # Errors
/// When the status is not success.
pub fn check(what: &str, status: ExitStatus, log: &Path) -> Result<(), ToolError> {
    if status.success() {
        return Ok(());
    }
    Err(ToolError::Failed {
        what: what.to_owned(),
        status,
        tail: tail(log),
        log: log.to_owned(),
    })
}

/// The last lines of a file, or an empty text.
#[must_use]
pub fn tail(log: &Path) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(SHOWN_LINES);
    lines
        .iter()
        .skip(from)
        .map(|line| format!("  | {line}\n"))
        .collect()
}

/// An error for a program that could not be started.
#[must_use]
pub fn not_started(what: &str, program: String, source: io::Error) -> ToolError {
    ToolError::NotStarted {
        what: what.to_owned(),
        program,
        source,
    }
}

/// The program's name as given.
#[must_use]
pub fn command_name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}
