//! What has to be there before anything is deployed: everything installed, the functions built, the
//! servers started.

use std::sync::Arc;

use crate::cache::Cache;
use crate::ending;
use crate::functions::{self, Built};
use crate::install::MiniStackFiles;
use crate::progress::Progress;
use crate::stack::{
    Installed, MiniStack, OdooWorld, RunFolder, StackError, StackOptions, installed,
};

/// What is started before anything is deployed.
pub(super) struct Prepared {
    pub(super) ministack: MiniStack,
    pub(super) world: Option<OdooWorld>,
    pub(super) built: Built,
    pub(super) run: Arc<RunFolder>,
}

/// Installs, builds, and starts the servers; whatever does not depend on each other side by side.
pub(super) fn prepare(options: &StackOptions, progress: &Progress) -> Result<Prepared, StackError> {
    std::thread::scope(|scope| {
        let built = scope.spawn(|| match &options.programs {
            Some(programs) => Built::given(programs),
            None => functions::build(options.profile, progress),
        });
        let cache = Cache::locate()?;
        // Said at once: the compiler beside it may work on for minutes before this can end.
        let said = |error: &StackError| progress.warn(&error.to_string());
        let parts = Parts::install(&cache, options, progress).inspect_err(said)?;
        let run = Arc::new(RunFolder::create(&cache)?);
        let step = progress.step(parts.starting());
        let started = parts.start(&run).inspect_err(|_| logs_stay(&run, progress));
        let (ministack, world) = started?;
        step.done();
        let built = built.join().map_err(|_| StackError::Interrupted)??;
        Ok(Prepared {
            ministack,
            world,
            built,
            run,
        })
    })
}

/// What is installed for a world: everything, or only the emulator where Odoo is somebody else's.
enum Parts {
    All(Box<Installed>),
    EmulatorOnly(MiniStackFiles),
}

impl Parts {
    fn install(
        cache: &Cache,
        options: &StackOptions,
        progress: &Progress,
    ) -> Result<Self, StackError> {
        match options.foreign {
            None => Installed::ensure(cache, progress).map(|all| Self::All(Box::new(all))),
            Some(_) => installed::emulator(cache, progress).map(Self::EmulatorOnly),
        }
    }

    const fn starting(&self) -> &'static str {
        match self {
            Self::All(_) => "Start PostgreSQL and the AWS emulator",
            Self::EmulatorOnly(_) => "Start the AWS emulator",
        }
    }

    fn start(&self, run: &Arc<RunFolder>) -> Result<(MiniStack, Option<OdooWorld>), StackError> {
        let folder = run.path("aws");
        match self {
            Self::EmulatorOnly(files) => Ok((MiniStack::start(files, &folder)?, None)),
            Self::All(installed) => std::thread::scope(|scope| {
                let ministack = scope.spawn(|| MiniStack::start(&installed.ministack, &folder));
                let world = OdooWorld::launch(installed, Arc::clone(run))?;
                let ministack = ministack.join().map_err(|_| StackError::Interrupted)??;
                Ok((ministack, Some(world)))
            }),
        }
    }
}

/// Keeps the logs of a world that did not start, and says where.
pub(super) fn logs_stay(run: &RunFolder, progress: &Progress) {
    run.keep_logs();
    if !ending::requested() {
        progress.line(&format!("The logs stay in {}", run.folder().display()));
    }
}
