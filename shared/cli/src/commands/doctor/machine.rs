//! This machine: what the other commands need on it.

use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;

use odoo::doctor::Finding;

use crate::cache::Cache;
use crate::env;
use crate::process;
use crate::stack::RunFolder;

/// What an installation and two worlds take.
const NEEDED_BYTES: u64 = 3_000_000_000;
/// Odoo 19 and the emulator need this Python, and `venv`.
const PYTHON: &str = "import ensurepip, venv, ssl, sys; assert sys.version_info >= (3, 10); print(sys.version.split()[0])";

/// All checks of the machine. They only look.
pub fn examine() -> Vec<Finding> {
    let mut findings = vec![
        program(
            "cargo",
            &[
                env::cargo().as_os_str().to_string_lossy().as_ref(),
                "--version",
            ],
            "install Rust: https://rustup.rs",
        ),
        program(
            "compiler",
            &["cc", "--version"],
            "apt-get install gcc libc6-dev",
        ),
        python(),
        postgres(),
        mirror(),
        port(),
    ];
    match Cache::locate() {
        Ok(cache) => findings.extend([place(&cache), space(&cache), worlds(&cache)]),
        Err(error) => findings.push(Finding::failure(
            "cache",
            error.to_string(),
            "set TENON_CACHE to a folder that can be written",
        )),
    }
    findings
}

/// The first line that a program prints.
fn answer(words: &[&str]) -> Option<String> {
    let (program, arguments) = words.split_first()?;
    let text = process::answer(Command::new(program).args(arguments))?;
    text.lines().next().map(str::to_owned)
}

fn program(check: &str, words: &[&str], fix: &str) -> Finding {
    match answer(words) {
        Some(line) => Finding::ok(check, line),
        None => Finding::failure(check, "it is not there", fix),
    }
}

fn python() -> Finding {
    match answer(&["python3", "-c", PYTHON]) {
        Some(version) => Finding::ok("python", format!("{version}, with venv")),
        None => Finding::warning(
            "python",
            "no Python from 3.10 on with venv: the first run installs it where it may",
            "apt-get install python3-venv",
        ),
    }
}

fn postgres() -> Finding {
    let version = answer(&[
        "sh",
        "-c",
        "ls -d /usr/lib/postgresql/*/bin/postgres | sort -V | tail -1",
    ]);
    let found = match version.filter(|path| !path.is_empty()) {
        Some(path) => format!("{path} (our servers run beside the machine's own)"),
        None => "none on the machine: it comes into the cache".to_owned(),
    };
    Finding::ok("postgresql", found)
}

fn mirror() -> Finding {
    let sources =
        process::answer(Command::new("apt-get").args(["indextargets", "--format", "$(REPO_URI)"]));
    match sources.map(|text| text.lines().count()) {
        Some(0) => Finding::failure(
            "packages",
            "apt knows no source of packages",
            "add one to /etc/apt/sources.list.d",
        ),
        Some(_) => Finding::ok(
            "packages",
            "apt has sources; after the first run no network is needed",
        ),
        None => Finding::failure(
            "packages",
            "there is no apt-get: Tenon installs from Debian's packages",
            "use Debian 12 or newer, or a system made from it",
        ),
    }
}

fn port() -> Finding {
    match TcpListener::bind(("127.0.0.1", 0)) {
        Ok(_) => Finding::ok("ports", "127.0.0.1 can be listened on"),
        Err(error) => Finding::failure(
            "ports",
            format!("127.0.0.1 cannot be listened on: {error}"),
            "bring up the loopback interface: ip link set lo up",
        ),
    }
}

fn place(cache: &Cache) -> Finding {
    let megabytes = cache.size() / 1_000_000;
    Finding::ok(
        "cache",
        format!("{} holds {megabytes} MB", cache.root().display()),
    )
}

fn space(cache: &Cache) -> Finding {
    let folder = cache.database_root();
    let free = rustix::fs::statvfs(folder.as_os_str().as_bytes())
        .map(|data| data.f_bavail.saturating_mul(data.f_frsize));
    let Ok(free) = free else {
        let found = format!("{} does not say how much is free", folder.display());
        return Finding::warning("disk", found, "check it with df");
    };
    let found = format!("{} MB are free in {}", free / 1_000_000, folder.display());
    match free < NEEDED_BYTES {
        true => Finding::warning(
            "disk",
            found,
            "free 3 GB for an installation, or set TENON_CACHE to a folder that has them",
        ),
        false => Finding::ok("disk", found),
    }
}

fn worlds(cache: &Cache) -> Finding {
    Finding::ok(
        "running",
        format!("{} worlds", RunFolder::running(cache).len()),
    )
}
