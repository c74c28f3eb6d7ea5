//! What goes wrong at an installation is said in a sentence: what, why, and what to do. Each test
//! runs the built command on a machine that lacks one thing, played by a folder of programs that is
//! the whole search path.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What every Debian has and the installer uses.
const ALWAYS_THERE: [&str; 9] = [
    "setpriv",
    "sh",
    "dpkg-deb",
    "tar",
    "sha256sum",
    "mkdir",
    "cp",
    "cat",
    "sleep",
];

/// A Python that can do what we ask of it, without a network.
const GOOD_PYTHON: &str = "#!/bin/sh\ncase \"$*\" in\n  *version_info*) echo 3.11 ;;\nesac\n";
/// One without the module `venv`, as Debian's is without the package `python3-venv`.
const POOR_PYTHON: &str =
    "#!/bin/sh\necho \"ModuleNotFoundError: No module named 'ensurepip'\" >&2\nexit 1\n";
/// An apt that cannot reach its mirror.
const LONELY_APT: &str = "#!/bin/sh\necho \"E: Failed to fetch http://mirror.test/debian  Could not resolve 'mirror.test'\" >&2\nexit 100\n";

/// A machine with few programs and a cache of its own.
struct Machine {
    folder: PathBuf,
}

impl Machine {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("tenon-machine-{}-{name}", std::process::id()));
        let programs = folder.join("bin");
        fs::create_dir_all(&programs).unwrap();
        for name in ALWAYS_THERE {
            let there = ["/usr/bin", "/bin"].map(|place| Path::new(place).join(name));
            let program = there.iter().find(|path| path.exists()).unwrap();
            symlink(program, programs.join(name)).unwrap();
        }
        Self { folder }
    }

    fn with(self, program: &str, script: &str) -> Self {
        let path = self.folder.join("bin").join(program);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    fn cache(&self) -> PathBuf {
        self.folder.join("cache")
    }

    /// What `tenon install` says on this machine, which must fail.
    fn refuses(&self, cache: &Path) -> String {
        self.refuses_to("install", cache)
    }

    fn refuses_to(&self, subcommand: &str, cache: &Path) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenon"));
        command.arg(subcommand);
        said(self.run(&mut command, cache))
    }

    /// The same for somebody who may not install packages, also when the tests run as root.
    fn refuses_a_plain_user(&self) -> String {
        let program = self.folder.join("tenon");
        fs::copy(env!("CARGO_BIN_EXE_tenon"), &program).unwrap();
        let mut command = if rustix::process::geteuid().is_root() {
            fs::create_dir_all(self.cache()).unwrap();
            fs::set_permissions(self.cache(), fs::Permissions::from_mode(0o777)).unwrap();
            let mut command = Command::new("/usr/bin/setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
            command.arg(program);
            command
        } else {
            Command::new(program)
        };
        command.arg("install");
        said(self.run(&mut command, &self.cache()))
    }

    fn run(&self, command: &mut Command, cache: &Path) -> Output {
        command
            .env_clear()
            .env("PATH", self.folder.join("bin"))
            .env("TENON_CACHE", cache)
            .output()
            .unwrap()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.folder).ok();
    }
}

fn said(output: Output) -> String {
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    let Some((_, error)) = text.split_once("\nerror: ") else {
        panic!("there is no error in: {text}");
    };
    error.to_owned()
}

fn has(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
}

#[test]
fn without_python_a_plain_user_is_told_the_command() {
    let said = Machine::new("python").refuses_a_plain_user();
    has(
        &said,
        &[
            "this machine lacks python3 python3-venv",
            "needs administrator rights",
            "sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends python3 python3-venv'",
        ],
    );
}

#[test]
fn a_python_without_venv_does_not_count() {
    let machine = Machine::new("venv").with("python3", POOR_PYTHON);
    has(
        &machine.refuses_a_plain_user(),
        &["lacks python3 python3-venv", "sudo"],
    );
}

#[test]
fn a_mirror_that_is_away_is_named() {
    let machine = Machine::new("mirror")
        .with("python3", GOOD_PYTHON)
        .with("apt-get", LONELY_APT)
        .with("apt-cache", LONELY_APT);
    let said = machine.refuses(&machine.cache());
    has(
        &said,
        &[
            "could not be downloaded from http",
            "check the network and try again (only the first run needs it)",
            "because: ",
            "Could not resolve 'mirror.test'",
        ],
    );
    let left: Vec<String> = fs::read_dir(machine.cache())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("odoo-package"))
        .collect();
    assert_eq!(left, [""; 0], "nothing half-installed is left");
}

#[test]
fn a_machine_without_apt_is_told_so() {
    let machine = Machine::new("apt").with("python3", GOOD_PYTHON);
    has(
        &machine.refuses(&machine.cache()),
        &["the program `apt-get` could not be started; install it and try again"],
    );
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let machine = Machine::new("cache").with("python3", GOOD_PYTHON);
    has(
        &machine.refuses(Path::new("/dev/full/cache")),
        &["the cache cannot use /dev/full/cache", "set TENON_CACHE"],
    );
}

#[test]
fn a_place_for_the_cache_must_be_known() {
    let machine = Machine::new("place").with("python3", GOOD_PYTHON);
    // An empty variable is none, and there is no home folder either.
    has(
        &machine.refuses(Path::new("")),
        &["there is no place for the cache; set TENON_CACHE"],
    );
}

#[test]
fn without_cargo_nothing_can_be_built() {
    let machine = Machine::new("cargo").with("python3", GOOD_PYTHON);
    has(
        &machine.refuses_to("test", &machine.cache()),
        &[
            "cargo could not be started; install Rust",
            "because: No such file",
        ],
    );
}
