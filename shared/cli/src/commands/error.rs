//! What can end a command of `tenon` badly, in the words its user reads.

use crate::cache::CacheError;
use crate::commands::book::InitError;
use crate::commands::source_error::SourceError;
use crate::deploy::DeployError;
use crate::dev::variables::VariablesError;
use crate::dev::watch::WatchError;
use crate::door::DoorError;
use crate::functions::BuildError;
use crate::install::InstallError;
use crate::odoo_keys::KeysError;
use crate::process::ToolError;
use crate::stack::StackError;
use crate::story::StoryError;

/// A command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The cache is not usable.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// Something could not be installed.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// A program that was asked for help failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The functions could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A world could not be started, or the story failed.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The story did not come to its end.
    #[error(transparent)]
    Story(#[from] StoryError),
    /// A question about a source has no answer.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The console refused, or did not answer.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// Nobody is asking.
    #[error(
        "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN) of somebody who may use the console"
    )]
    NoCredentials,
    /// A file cannot be read.
    #[error("{} cannot be read", file.display())]
    Unreadable {
        /// The file.
        file: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A built program cannot be put where it belongs.
    #[error("{} cannot be read or written; is the disk full?", file.display())]
    NotPlaced {
        /// The file.
        file: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A check found something.
    #[error("{what} failed; see above. To repeat it alone:\n  {command}")]
    Check {
        /// The check.
        what: String,
        /// How to repeat it.
        command: String,
    },
    /// Nobody of this name in the world that runs here.
    #[error(
        "nobody is called {0:?} in the world that runs here: its people are stella.steward and frank.finance"
    )]
    NoPerson(String),
    /// A folder that holds no book.
    #[error("no TOML file is in {}: a book is a folder of TOML files, or one file", .0.display())]
    NoBook(std::path::PathBuf),
    /// The book cannot be used.
    #[error(transparent)]
    Book(#[from] domain::book::BadBook),
    /// What was examined cannot be used.
    #[error("{0} checks failed; what to do is above")]
    Unfit(usize),
    /// The audit is not what was written.
    #[error("the audit is not what was written: {0}. Compare it with a backup of the table")]
    Tampered(String),
    /// No book can be begun.
    #[error(transparent)]
    Init(#[from] InitError),
    /// An input broke something.
    #[error(
        "something does not hold; the lines above say what. Where the program itself ended, the input \
         is in target/fuzz under its target's name and `last`"
    )]
    FuzzFailed,
    /// A story is not as it says.
    #[error("not every story went well; what was expected and what was found is above")]
    StoryFailed,
    /// The simulation found something.
    #[error("the simulation did not end well; how to repeat it is above")]
    SimulationFailed,
    /// No test has such a name.
    #[error("no test's name contains {0:?}; `cargo tenon test` without a name runs all")]
    NoTest(String),
    /// Tests failed.
    #[error("{0} tests failed; what they said and how to repeat them is above")]
    TestsFailed(usize),
    /// The machine gives no port.
    #[error("no port of 127.0.0.1 can be used; is the network of this machine set up?")]
    NoAddress(#[source] std::io::Error),
    /// Cargo could not be started.
    #[error("cargo could not be started; is Rust installed?")]
    NoCargo(#[source] std::io::Error),
    /// A thread of ours ended without a result.
    #[error("the command was interrupted; try again")]
    Interrupted,
    /// A worker is still busy with something living.
    #[error("worlds are running from this cache ({0}); end them first:\n  cargo tenon down --all")]
    InUse(usize),
    /// Nothing runs here that could be asked.
    #[error(
        "which deployment? No world of this checkout is running (`cargo tenon demo --keep` starts one), \
         and neither --api-url nor TENON_API_URL names another"
    )]
    NoDeployment,
    /// Too much runs here.
    #[error("several worlds of this checkout are running; say which one:{0}")]
    SeveralWorlds(String),
    /// A world does not end.
    #[error(
        "{name} does not end; look at it with `ps {process}`, and end it with `kill -9 {process}`"
    )]
    NotEnded {
        /// Which one.
        name: String,
        /// Its process.
        process: i32,
    },
    /// The process that stays could not be started or left alone.
    #[error("the process that is to stay in the background cannot be set up")]
    NoKeeper(#[source] std::io::Error),
    /// The file with an Odoo's keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The sources cannot be watched.
    #[error(transparent)]
    Watch(#[from] WatchError),
    /// A changed program could not be deployed.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// The functions' variables could not be written down.
    #[error(transparent)]
    Variables(#[from] VariablesError),
    /// Another process of ours has said what was wrong.
    #[error("see above")]
    Told,
}
