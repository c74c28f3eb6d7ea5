//! The command as a process, in a cache of its own that borrows what is installed, and everything it
//! starts.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cli::cache::Cache;
use cli::progress::Progress;
use cli::stack::Installed;
use rustix::process::{Pid, Signal, kill_process};

/// Every descendant inherits this variable; its value is one test's own.
const MARK: &str = "TENON_TEST_MARK";
const LOOK: Duration = Duration::from_millis(30);

/// A cache whose components are the machine's, and whose worlds are this test's alone.
pub struct OwnCache {
    root: PathBuf,
    mark: String,
}

impl OwnCache {
    /// Installs what is missing in the machine's cache, and borrows it.
    pub fn borrow(test: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let warm = Cache::locate().unwrap();
        Installed::ensure(&warm, &Progress::new()).unwrap();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mark = format!("{test}-{}-{number}", std::process::id());
        let root = std::env::temp_dir().join(format!("tenon-{mark}"));
        fs::create_dir_all(&root).unwrap();
        for folder in [warm.root(), warm.database_root()] {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                let name = entry.file_name();
                let component = !["run", "locks", "log"].iter().any(|own| name == *own);
                if component && !root.join(&name).exists() {
                    symlink(entry.path(), root.join(&name)).unwrap();
                }
            }
        }
        Self { root, mark }
    }

    /// `tenon` with these arguments in this cache, asking nobody else.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenon"));
        command.args(arguments);
        self.prepare(&mut command);
        command
    }

    fn prepare(&self, command: &mut Command) {
        command
            .env("TENON_CACHE", &self.root)
            .env(MARK, &self.mark)
            .env_remove("TENON_API_URL")
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY");
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What it prints; it must succeed.
    pub fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it prints as its error; it must fail.
    pub fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Starts it with its output in a file.
    pub fn start(&self, arguments: &[&str]) -> Started {
        self.start_prepared(self.command(arguments))
    }

    /// Starts it on a machine that has no network but itself; only the administrator may do that.
    pub fn start_offline(&self, arguments: &[&str]) -> Started {
        const ALONE: &str = "import fcntl, os, socket, struct, sys\n\
            fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh', b'lo', 0x41))\n\
            os.execv(sys.argv[1], sys.argv[1:])";
        let mut command = Command::new("unshare");
        command.args(["--net", "python3", "-c", ALONE]);
        command.arg(env!("CARGO_BIN_EXE_tenon")).args(arguments);
        self.prepare(&mut command);
        self.start_prepared(command)
    }

    fn start_prepared(&self, mut command: Command) -> Started {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let said = self.root.join(format!("said-{number}"));
        let file = File::create(&said).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        Started { child, said }
    }

    /// The run folders that exist.
    pub fn worlds(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.root.join("run")).into_iter().flatten();
        let paths = entries.flatten().map(|entry| entry.path());
        paths.filter(|path| path.is_dir()).collect()
    }

    /// The command lines of all processes that descend from this test's commands.
    pub fn processes(&self) -> Vec<String> {
        let mark = format!("{MARK}={}", self.mark);
        let own = |folder: &Path| {
            let variables = fs::read(folder.join("environ")).ok()?;
            let marked = variables
                .split(|byte| *byte == 0)
                .any(|variable| variable == mark.as_bytes());
            let line = fs::read(folder.join("cmdline")).ok()?;
            // Nothing is left of the line of one that has ended and only waits to be collected.
            (marked && !line.is_empty()).then(|| String::from_utf8_lossy(&line).replace('\0', " "))
        };
        let all = fs::read_dir("/proc").unwrap().flatten();
        all.filter_map(|entry| own(&entry.path())).collect()
    }

    /// Nothing runs, and no world's folder is left; waits a moment for what was told to end.
    pub fn nothing_is_left(&self, limit: Duration) {
        let began = Instant::now();
        while !(self.processes().is_empty() && self.worlds().is_empty()) {
            assert!(
                began.elapsed() < limit,
                "left: {:#?} {:#?}",
                self.processes(),
                self.worlds()
            );
            thread::sleep(LOOK);
        }
    }
}

impl Drop for OwnCache {
    fn drop(&mut self) {
        // Links are removed, not what they lead to.
        fs::remove_dir_all(&self.root).ok();
    }
}

/// A command that was started.
pub struct Started {
    child: Child,
    said: PathBuf,
}

impl Started {
    /// What it has printed so far.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap()
    }

    /// Waits until it has printed this.
    pub fn until(&mut self, text: &str, limit: Duration) {
        let began = Instant::now();
        while !self.said().contains(text) {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended ({ended:?}):\n{}", self.said());
            assert!(began.elapsed() < limit, "no {text:?} in:\n{}", self.said());
            thread::sleep(LOOK);
        }
    }

    /// Sends it, and nothing else, a signal.
    pub fn send(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits for its end.
    pub fn ended(&mut self, limit: Duration) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < limit, "it runs on:\n{}", self.said());
            thread::sleep(LOOK);
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // Only where the test failed does it still run.
        if matches!(self.child.try_wait(), Ok(None)) {
            kill_process(self.pid(), Signal::TERM).ok();
            self.child.wait().ok();
        }
    }
}
