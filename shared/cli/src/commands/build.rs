//! `tenon build`.

use std::fs;
use std::io;
use std::path::Path;

use clap::Args;

use crate::commands::CommandError;
use crate::functions::{self, Profile};
use crate::progress::Progress;

/// The glibc of the Lambda runtime: <https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html>.
const RUNTIME_GLIBC: u32 = 34;

/// Options of `tenon build`.
#[derive(Debug, Args)]
pub struct Build {
    /// As the tests build them: quicker to build, slower to run.
    #[arg(long)]
    quick: bool,
}

impl Build {
    /// Builds every function and puts it where `infra/template.yaml` looks for it.
    pub fn run(self, progress: &Progress) -> Result<(), CommandError> {
        let profile = match self.quick {
            true => Profile::Quick,
            false => Profile::Release,
        };
        let built = functions::build(profile, progress)?;
        let target = built.workspace.target.join("lambda");
        for (name, program) in &built.programs {
            let place = target.join(name).join("bootstrap");
            place_program(program, &place)?;
            progress.tell(&place.display().to_string());
            let needs = match self.quick {
                true => 0,
                false => newest_glibc(&fs::read(program).map_err(not_placed(program))?),
            };
            if needs > RUNTIME_GLIBC {
                progress.warn(&format!(
                    "{name} needs glibc 2.{needs}, but Lambda's provided.al2023 has 2.{RUNTIME_GLIBC}: build on Debian 12"
                ));
            }
        }
        Ok(())
    }
}

/// Copies a program, with its permissions.
fn place_program(program: &Path, place: &Path) -> Result<(), CommandError> {
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder).map_err(not_placed(folder))?;
    }
    fs::copy(program, place)
        .map(drop)
        .map_err(not_placed(place))
}

fn not_placed(file: &Path) -> impl FnOnce(io::Error) -> CommandError + '_ {
    move |source| CommandError::NotPlaced {
        file: file.to_owned(),
        source,
    }
}

/// The newest glibc that a program needs, as the second number of its version: 34 for 2.34. The names of the
/// symbols' versions stand in the program as text: `GLIBC_2.34`.
fn newest_glibc(program: &[u8]) -> u32 {
    const NAME: &[u8] = b"GLIBC_2.";
    let digits = |at: usize| -> Option<u32> {
        let rest = program.get(at + NAME.len()..)?;
        let number: String = rest
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .map(|byte| char::from(*byte))
            .collect();
        number.parse().ok()
    };
    let found = program.windows(NAME.len()).enumerate();
    let versions = found.filter_map(|(at, name)| (name == NAME).then(|| digits(at)).flatten());
    versions.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_glibc_is_read_from_the_symbols() {
        assert_eq!(newest_glibc(b"..GLIBC_2.17\0GLIBC_2.34\0GLIBC_2.9\0"), 34);
        assert_eq!(newest_glibc(b"a static program, GLIBC_PRIVATE"), 0);
    }
}
