//! Once everything is installed, nothing asks the network for it again.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// Stands in for a program that downloads: leaves a trace and fails.
const TRAP: &str = "#!/bin/sh\necho \"$0 $*\" >> \"$TRACE\"\nexit 1\n";

fn install() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenon"));
    command.arg("install");
    command
}

#[test]
fn what_is_installed_is_used_without_a_network() {
    assert!(install().status().unwrap().success());
    let folder = std::env::temp_dir().join(format!("tenon-offline-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for program in ["apt-get", "apt-cache", "dpkg-deb", "pip", "pip3", "curl"] {
        let path = folder.join(program);
        fs::write(&path, TRAP).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let trace = folder.join("trace");
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let mut command = install();
    command.env("PATH", path).env("TRACE", &trace);
    // Nobody listens there: whatever goes past the traps fails.
    for variable in ["http_proxy", "https_proxy", "PIP_INDEX_URL", "PIP_PROXY"] {
        command.env(variable, "http://127.0.0.1:9");
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.starts_with("Everything is installed in "), "{said}");
    assert!(
        !Path::new(&trace).exists(),
        "{}",
        fs::read_to_string(&trace).unwrap()
    );
    fs::remove_dir_all(&folder).unwrap();
}
