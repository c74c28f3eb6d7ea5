//! Drives `apt-get` with lists and downloads in folders of our own, so that nothing on the machine
//! changes and no administrator rights are needed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::cache::{Cache, CacheError, at, size};
use crate::install::InstallError;
use crate::install::sources::{debian_mirror, machine_sources};
use crate::process;
use crate::progress::Step;

/// The keys with which Debian signs its suites, where Debian keeps them.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// How long a package list is taken for current. A mirror removes a version days after it replaced it.
const LISTS_STAY: Duration = Duration::from_secs(12 * 60 * 60);

/// In the folder of the lists: when they were read, and from where.
const READ: &str = "read";

/// `apt-get` with its lists, sources and downloads in a private folder.
#[derive(Debug)]
pub struct PrivateApt {
    folder: PathBuf,
    sources: Option<PathBuf>,
    mirrors: Vec<String>,
    signed: bool,
    just_read: bool,
}

/// Packages to be fetched.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// These and everything they need that this machine does not have.
    WithDependencies(&'a [&'a str]),
    /// Exactly these.
    Alone(&'a [&'a str]),
}

impl Wanted<'_> {
    fn arguments(&self) -> Vec<&str> {
        let (mut arguments, packages) = match self {
            Self::WithDependencies(packages) => (
                vec![
                    "install",
                    "-y",
                    "--no-install-recommends",
                    "--download-only",
                ],
                packages,
            ),
            Self::Alone(packages) => (vec!["download"], packages),
        };
        arguments.extend(packages.iter());
        arguments
    }
}

impl PrivateApt {
    /// With the machine's own sources. The lists are shared by all who ask, and read again when they
    /// are old.
    ///
    /// # Errors
    /// When the mirror cannot be reached, or the cache cannot be written.
    pub fn machine(cache: &Cache, log: &Path) -> Result<Self, InstallError> {
        let sources = machine_sources();
        let mut mirrors: Vec<String> = sources.into_iter().map(|source| source.uri).collect();
        mirrors.dedup();
        let mut apt = Self::prepare(&cache.downloads().join("apt"), None, mirrors, true)?;
        let path = cache.lock_file("package lists");
        let lock = File::create(&path).map_err(at(&path))?;
        lock.lock().map_err(at(&path))?;
        if !apt.is_current() {
            apt.update(log)?;
            apt.just_read = true;
        }
        Ok(apt)
    }

    /// With one suite of the machine's Debian mirror. Where this machine's keyring is older than the
    /// suite's key, the lists are read without a signature: [`PrivateApt::signed`] says so.
    ///
    /// # Errors
    /// When there is no such mirror, or it cannot be reached.
    pub fn suite(folder: &Path, suite: &str, log: &Path) -> Result<Self, InstallError> {
        let sources = machine_sources();
        let mirror = debian_mirror(&sources).ok_or(InstallError::NoMirror)?;
        let with = |option: &str, signed| {
            let text = format!("deb [{option}] {} {suite} main\n", mirror.uri);
            Self::prepare(folder, Some(&text), vec![mirror.uri.clone()], signed)
        };
        let checked = with(&format!("signed-by={KEYRING}"), true)?;
        if checked.update(log).is_ok() {
            return Ok(checked);
        }
        let unchecked = with("trusted=yes", false)?;
        unchecked.update(log)?;
        Ok(unchecked)
    }

    fn prepare(
        folder: &Path,
        sources: Option<&str>,
        mirrors: Vec<String>,
        signed: bool,
    ) -> Result<Self, CacheError> {
        for part in ["lists/partial", "cache/archives/partial"] {
            let part = folder.join(part);
            fs::create_dir_all(&part).map_err(at(&part))?;
        }
        let file = folder.join("sources.list");
        if let Some(text) = sources {
            fs::write(&file, text).map_err(at(&file))?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            sources: sources.map(|_| file),
            mirrors,
            signed,
            just_read: sources.is_some(),
        })
    }

    /// True when Debian's signature over the lists was checked.
    #[must_use]
    pub const fn signed(&self) -> bool {
        self.signed
    }

    /// A program of apt's that works in the private folder.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let folder = self.folder.display();
        let mut option = |text: String| {
            command.args(["-o", &text]);
        };
        option(format!("Dir::State::Lists={folder}/lists"));
        option(format!("Dir::Cache={folder}/cache"));
        // Lists stay compressed and no index over them is kept: reading them anew takes a second,
        // keeping them 130 MB.
        option("Acquire::GzipIndexes=true".to_owned());
        option("Dir::Cache::pkgcache=".to_owned());
        option("Dir::Cache::srcpkgcache=".to_owned());
        option("APT::Sandbox::User=root".to_owned());
        option("Debug::NoLocking=1".to_owned());
        option("Acquire::Retries=3".to_owned());
        option("Acquire::Languages=none".to_owned());
        // Descriptions for a graphical package manager; a third of the lists.
        option("Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".to_owned());
        if let Some(sources) = &self.sources {
            option(format!("Dir::Etc::SourceList={}", sources.display()));
            option("Dir::Etc::SourceParts=/dev/null".to_owned());
            // A mirror may be frozen at a day in the past. What is fetched by this list is checked
            // by its own digest, so that age alone is no reason to refuse it.
            option("Acquire::Check-Valid-Until=false".to_owned());
        }
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .env("LC_ALL", "C.UTF-8")
            .current_dir(&self.folder);
        command
    }

    fn update(&self, log: &Path) -> Result<(), InstallError> {
        let mut command = self.command("apt-get");
        command.args(["-q", "update"]);
        if self.sources.is_some() {
            // Of the machine's sources one may be out of order that we do not need.
            command.arg("--error-on=any");
        }
        process::run("reading the package lists", &command, log)
            .map_err(|cause| self.away(cause))?;
        let read = self.folder.join(READ);
        Ok(fs::write(&read, self.mirrors.join("\n")).map_err(at(&read))?)
    }

    fn is_current(&self) -> bool {
        let read = self.folder.join(READ);
        let age = fs::metadata(&read).and_then(|data| data.modified());
        let young = age.is_ok_and(|time| time.elapsed().is_ok_and(|age| age < LISTS_STAY));
        young && fs::read_to_string(read).is_ok_and(|text| text == self.mirrors.join("\n"))
    }

    /// The versions of a package that the mirror offers, newest first.
    #[must_use]
    pub fn versions(&self, package: &str) -> Vec<String> {
        let answer = process::answer(self.command("apt-cache").args(["madison", package]));
        madison(&answer.unwrap_or_default(), package)
    }

    /// Downloads packages into a folder; apt compares them with the lists.
    ///
    /// # Errors
    /// When the mirror cannot be reached, or does not have them.
    pub fn fetch(
        &self,
        wanted: Wanted<'_>,
        folder: &Path,
        step: &Step,
        log: &Path,
    ) -> Result<Vec<PathBuf>, InstallError> {
        let mut fetched = self.try_fetch(wanted, folder, step, log);
        if fetched.is_err() && !self.just_read {
            // The mirror may have replaced what the lists name.
            self.update(log)?;
            fetched = self.try_fetch(wanted, folder, step, log);
        }
        fetched.inspect_err(|_| {
            // Lists that led nowhere are read again the next time.
            fs::remove_file(self.folder.join(READ)).ok();
        })
    }

    fn try_fetch(
        &self,
        wanted: Wanted<'_>,
        folder: &Path,
        step: &Step,
        log: &Path,
    ) -> Result<Vec<PathBuf>, InstallError> {
        let partial = folder.join("partial");
        fs::create_dir_all(&partial).map_err(at(&partial))?;
        let archives = format!("Dir::Cache::archives={}", folder.display());
        let command = |more: &[&str]| {
            let mut command = self.command("apt-get");
            command
                .args(["-q", "-o", &archives])
                .args(more)
                .args(wanted.arguments())
                .current_dir(folder);
            command
        };
        let uris = process::answer(&mut command(&["--print-uris"])).unwrap_or_default();
        let total = total_bytes(&uris);
        let watch = || step.bytes(size(folder), total);
        process::run_watched("downloading packages", &command(&[]), log, watch)
            .map_err(|cause| self.away(cause))?;
        step.now("");
        fs::remove_dir_all(&partial).map_err(at(&partial))?;
        let files = fs::read_dir(folder).map_err(at(folder))?.flatten();
        let packages: Vec<PathBuf> = files
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "deb"))
            .collect();
        if packages.is_empty() {
            let (package, folder) = (wanted.arguments().join(" "), folder.to_owned());
            return Err(InstallError::NoPackage { package, folder });
        }
        Ok(packages)
    }

    fn away(&self, cause: process::ToolError) -> InstallError {
        match cause {
            failed @ process::ToolError::Failed { .. } => InstallError::MirrorAway {
                mirrors: self.mirrors.join(", "),
                cause: failed,
            },
            other @ (process::ToolError::NotStarted { .. } | process::ToolError::Log { .. }) => {
                other.into()
            }
        }
    }
}

/// The versions in a table of `apt-cache madison`: package, version and source between bars.
fn madison(table: &str, package: &str) -> Vec<String> {
    let mut versions: Vec<String> = Vec::new();
    for line in table.lines() {
        let mut columns = line.split('|').map(str::trim);
        if columns.next() == Some(package)
            && let Some(version) = columns.next()
            && !versions.iter().any(|known| known == version)
        {
            versions.push(version.to_owned());
        }
    }
    versions
}

/// The sizes in lines like `'http://mirror/a.deb' a.deb 1234 SHA256:…`.
fn total_bytes(uris: &str) -> u64 {
    let lines = uris.lines().filter(|line| line.starts_with('\''));
    let sizes = lines.filter_map(|line| line.split_whitespace().nth(2)?.parse::<u64>().ok());
    sizes.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_versions_of_a_package_are_those_in_its_rows() {
        let table = "   odoo-19 | 19.0.0+dfsg-3 | http://m.test/debian sid/main amd64 Packages\n   \
            odoo-19 | 19.0.0+dfsg-3 | http://n.test/debian sid/main amd64 Packages\n   \
            odoo-19 | 19.0.0+dfsg-1 | http://m.test/debian sid/main amd64 Packages\n";
        assert_eq!(
            madison(table, "odoo-19"),
            ["19.0.0+dfsg-3", "19.0.0+dfsg-1"]
        );
        assert_eq!(madison(table, "odoo-1"), [""; 0]);
    }

    #[test]
    fn the_bytes_to_download_are_known_before() {
        let uris = "Reading package lists...\n'http://m.test/a.deb' a_1_all.deb 1200 SHA256:ab\n\
            'http://m.test/b.deb' b_1_all.deb 34 SHA256:cd\n";
        assert_eq!(total_bytes(uris), 1234);
    }
}
