//! The packages of Odoo: the versions that are pinned here, or the newest that Debian offers when
//! those are gone.
//!
//! Debian's suite sid keeps only the newest version of a package, so a pin lasts as long as nobody
//! uploads another. A pinned file is compared with its digest; another one is taken only when
//! Debian's signature over the list that names it was checked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::{Cache, Component, at};
use crate::install::InstallError;
use crate::install::apt::{PrivateApt, Wanted};
use crate::process;
use crate::progress::{Progress, Step};

/// Where Debian has Odoo 19, whatever release this machine runs.
const SUITE: &str = "sid";

/// On disk: the packages, and the suite's lists while they are downloaded.
const DOWNLOAD_BYTES: u64 = 220_000_000;

/// In the component's folder: the versions of the files beside it.
const VERSIONS: &str = "versions";

/// A package and the version that Tenon is tested with.
#[derive(Debug, Clone, Copy)]
struct Pin {
    package: &'static str,
    version: &'static str,
    digest: &'static str,
    /// What the number of any version that may stand in for it begins with.
    series: &'static str,
    /// The part of it that is unpacked.
    part: &'static str,
}

/// Odoo itself, and the one library that its pages need and that Debian keeps in a package of its
/// own. (The typefaces that it leaves out as well are for printed reports in a foreign design.)
const PINS: [Pin; 2] = [
    Pin {
        package: "odoo-19",
        version: "19.0.0+dfsg-1",
        digest: "9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf",
        series: "19.0.",
        part: "./usr/lib/python3/dist-packages/odoo",
    },
    Pin {
        package: "libjs-jquery",
        version: "3.7.1+dfsg+~3.5.33-1",
        digest: "818d6383b5b8f33734f682076b02fe3e765af23251ff6bf2b47747a4484e19d3",
        series: "3.",
        part: "./usr/share/javascript",
    },
];

/// The packages of Odoo, downloaded.
#[derive(Debug)]
pub struct Release {
    component: Component,
    /// Odoo's version, and what else the unpacked files depend on.
    pub versions: String,
}

impl Release {
    /// What is known without a network: the versions that an earlier run decided for.
    #[must_use]
    pub fn known(cache: &Cache) -> Option<Self> {
        let component = component(cache);
        let versions = fs::read_to_string(component.folder().join(VERSIONS)).ok()?;
        Some(Self {
            component,
            versions,
        })
    }

    /// Downloads the packages unless they are there.
    ///
    /// # Errors
    /// When Debian cannot be reached, or offers nothing that may be taken.
    pub fn ensure(cache: &Cache, progress: &Progress) -> Result<Self, InstallError> {
        let component = component(cache);
        component.ensure(progress, |folder| download_all(cache, folder, progress))?;
        let file = component.folder().join(VERSIONS);
        let versions = fs::read_to_string(&file).map_err(at(&file))?;
        Ok(Self {
            component,
            versions,
        })
    }

    /// Odoo's version, such as `19.0.0+dfsg-1`.
    #[must_use]
    pub fn version(&self) -> &str {
        self.versions.split_whitespace().nth(1).unwrap_or_default()
    }

    /// The package files, and the part of each that is unpacked.
    #[must_use]
    pub fn files(&self) -> [(PathBuf, &'static str); PINS.len()] {
        PINS.map(|pin| (self.component.folder().join(file_name(&pin)), pin.part))
    }
}

fn component(cache: &Cache) -> Component {
    let pins = PINS.map(|pin| format!("{} {} {}", pin.package, pin.version, pin.digest));
    cache.component("odoo-package", &pins.join("\n"))
}

/// Without the version, so that what unpacks it need not know it.
fn file_name(pin: &Pin) -> String {
    format!("{}.deb", pin.package)
}

fn download_all(cache: &Cache, folder: &Path, progress: &Progress) -> Result<(), InstallError> {
    const WHAT: &str = "Download Odoo 19 from Debian";
    cache.check_room(WHAT, DOWNLOAD_BYTES)?;
    let step = progress.step(WHAT);
    let log = cache.log("odoo-download");
    let private = folder.join("apt");
    step.now("reading Debian's package list");
    let apt = PrivateApt::suite(&private, SUITE, &log)?;
    let mut versions = String::new();
    for pin in PINS {
        let choice = choose(&pin, &apt.versions(pin.package), apt.signed())?;
        if let Choice::Newest(version) = &choice {
            progress.warn(&format!(
                "Debian no longer offers {} {}, the version that Tenon's tests ran with; taking {version}, checked by Debian's signature",
                pin.package, pin.version
            ));
        }
        let digest = download(&pin, &choice, &apt, folder, &step, &log)?;
        let version = choice.version(&pin);
        versions.push_str(&format!("{} {version} {digest}\n", pin.package));
    }
    fs::remove_dir_all(&private).map_err(at(&private))?;
    let file = folder.join(VERSIONS);
    fs::write(&file, versions).map_err(at(&file))?;
    step.done();
    Ok(())
}

/// Which version is taken.
#[derive(Debug, PartialEq, Eq)]
enum Choice {
    Pinned,
    Newest(String),
}

impl Choice {
    fn version<'a>(&'a self, pin: &Pin) -> &'a str {
        match self {
            Self::Pinned => pin.version,
            Self::Newest(version) => version,
        }
    }
}

/// The pinned version if it is offered, else the newest of the same series. `offered` is in apt's
/// order, newest first.
fn choose(pin: &Pin, offered: &[String], signed: bool) -> Result<Choice, InstallError> {
    if offered.iter().any(|version| version == pin.version) {
        return Ok(Choice::Pinned);
    }
    let fits = |version: &&String| version.starts_with(pin.series);
    let Some(version) = offered.iter().find(fits) else {
        return Err(InstallError::NotOffered {
            package: pin.package,
            series: pin.series,
            offered: offered.join(", "),
        });
    };
    if !signed {
        return Err(InstallError::Unsigned {
            package: pin.package,
            version: version.clone(),
        });
    }
    Ok(Choice::Newest(version.clone()))
}

/// Downloads one package and says its digest.
fn download(
    pin: &Pin,
    choice: &Choice,
    apt: &PrivateApt,
    folder: &Path,
    step: &Step,
    log: &Path,
) -> Result<String, InstallError> {
    let place = folder.join("arriving");
    let wanted = format!("{}={}", pin.package, choice.version(pin));
    let files = apt.fetch(Wanted::Alone(&[&wanted]), &place, step, log)?;
    let kept = folder.join(file_name(pin));
    for file in files {
        fs::rename(&file, &kept).map_err(at(&file))?;
    }
    fs::remove_dir_all(&place).map_err(at(&place))?;
    let found = digest(&kept);
    if *choice == Choice::Pinned && found != pin.digest {
        return Err(InstallError::WrongDigest {
            package: wanted,
            found,
            expected: pin.digest.to_owned(),
        });
    }
    Ok(found)
}

/// The SHA-256 of a file. The machine's own tool says it in a tenth of the time that our
/// unoptimised build would need.
fn digest(file: &Path) -> String {
    let answer = process::answer(Command::new("sha256sum").arg(file)).unwrap_or_default();
    let word = answer.split_whitespace().next();
    word.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIN: Pin = Pin {
        package: "odoo-19",
        version: "19.0.0+dfsg-1",
        digest: "ab",
        series: "19.0.",
        part: "./usr",
    };

    fn choice(offered: &[&str], signed: bool) -> Result<Choice, String> {
        let offered: Vec<String> = offered.iter().map(|&version| version.to_owned()).collect();
        choose(&PIN, &offered, signed).map_err(|error| error.to_string())
    }

    #[test]
    fn the_pinned_version_is_taken_as_long_as_it_is_offered() {
        let offered = ["19.0.0+dfsg-2", "19.0.0+dfsg-1"];
        assert_eq!(choice(&offered, true), Ok(Choice::Pinned));
        // Its digest is compared: it needs no signature.
        assert_eq!(choice(&offered, false), Ok(Choice::Pinned));
    }

    #[test]
    fn the_newest_of_the_same_series_stands_in_for_it() {
        let newest = Choice::Newest("19.0.1+dfsg-1".to_owned());
        let offered = ["19.2.0+dfsg-1", "19.0.1+dfsg-1", "19.0.0+dfsg-2"];
        assert_eq!(choice(&offered, true), Ok(newest));
    }

    #[test]
    fn another_version_is_not_taken_without_a_signature() {
        let refused = choice(&["19.0.0+dfsg-2"], false).unwrap_err();
        assert!(refused.contains("signature"), "{refused}");
    }

    #[test]
    fn another_series_is_not_taken() {
        let refused = choice(&["20.0.0+dfsg-1"], true).unwrap_err();
        assert!(refused.contains("20.0.0+dfsg-1"), "{refused}");
        let refused = choice(&[], true).unwrap_err();
        assert!(refused.contains("odoo-19"), "{refused}");
    }

    #[test]
    fn a_digest_is_that_of_the_content() {
        let file = std::env::temp_dir().join(format!("tenon-digest-{}", std::process::id()));
        fs::write(&file, "abc").unwrap();
        assert_eq!(
            digest(&file),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        fs::remove_file(&file).unwrap();
    }
}
