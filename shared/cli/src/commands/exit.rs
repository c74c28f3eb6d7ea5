//! How the command ends.

/// Every exit code that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything worked.
    Done = 0,
    /// Something failed.
    Failed = 1,
    /// The command line was not understood: clap ends the process itself.
    Misunderstood = 2,
    /// Ctrl-C, as shells give it.
    Interrupted = 130,
    /// SIGTERM, as shells give it.
    Terminated = 143,
}

const ALL: [Exit; 5] = [
    Exit::Done,
    Exit::Failed,
    Exit::Misunderstood,
    Exit::Interrupted,
    Exit::Terminated,
];

impl Exit {
    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "everything worked; `doctor` may have warned",
            Self::Failed => {
                "something failed, a test or a check too; the last lines say what, why and what to do"
            }
            Self::Misunderstood => "the command was not understood",
            Self::Interrupted => "stopped by Ctrl-C; everything that was started is stopped",
            Self::Terminated => "stopped by SIGTERM, likewise",
        }
    }
}

/// The end of the help: exit codes, environment, and what is printed where.
#[must_use]
pub fn help() -> String {
    let codes = ALL.map(|exit| format!("  {:<4} {}\n", exit.code(), exit.meaning()));
    format!(
        "Exit codes:\n{}\nEnvironment:\n  \
         TENON_CACHE    where things are installed (else $XDG_CACHE_HOME/tenon, else ~/.cache/tenon)\n  \
         TENON_API_URL  the deployment that status, trace, crosswalk, contract, retry, dead-letters and book ask\n  \
         NO_COLOR       no colours, which otherwise are on a terminal only\n  \
         CI             progress as plain lines\n\n\
         What was asked for is printed on standard output; progress and errors on standard error.",
        codes.concat()
    )
}
