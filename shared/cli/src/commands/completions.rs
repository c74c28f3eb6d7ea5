//! `tenon completions`.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::commands::Tenon;

/// The name of the program, which is what shells complete.
const PROGRAM: &str = "tenon";

/// Options of `tenon completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// For which shell.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    /// Prints the script on standard output.
    pub fn run(&self) {
        let script = script(self.shell);
        print!("{script}");
    }
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Tenon::command(), PROGRAM, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn bash_completes_a_command_and_its_options() {
        let ask = |words: &str, last: &str| {
            let end = format!(
                "\nCOMP_WORDS=({words} {last}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
                 _tenon tenon '{last}' ''; echo \"${{COMPREPLY[@]}}\""
            );
            let output = Command::new("bash")
                .args(["--noprofile", "--norc", "-c"])
                .arg(script(Shell::Bash) + &end)
                .output()
                .unwrap();
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        assert_eq!(ask("tenon", "doct"), "doctor");
        assert_eq!(ask("tenon test", "--jo"), "--jobs");
        assert_eq!(ask("tenon completions", "fi"), "fish");
    }
}
