//! A browser without a window and the driver that tests steer it by: the machine's own, or Debian's
//! Chromium unpacked into the cache.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::{Cache, at};
use crate::env;
use crate::install::InstallError;
use crate::install::apt::Wanted;
use crate::install::debian::{self, libraries};
use crate::process;
use crate::progress::Progress;

/// The names that the driver and the browser have where they are installed.
const DRIVER: &str = "chromedriver";
const BROWSERS: [&str; 3] = ["chromium", "google-chrome", "chrome"];

/// The browser that can do without a window, with what it needs and a typeface. The driver asks for
/// the large browser as well, which it does not need.
const PACKAGES: [Wanted<'_>; 2] = [
    Wanted::WithDependencies(&["chromium-headless-shell", "fonts-liberation"]),
    Wanted::Alone(&["chromium-driver"]),
];

/// On disk, with the packages while they are unpacked.
const BYTES: u64 = 800_000_000;

/// Where the browser learns which typefaces there are.
const TYPEFACES: &str = "fonts.conf";

/// Where to find a browser.
#[derive(Debug, Clone)]
pub struct BrowserFiles {
    /// The browser's program.
    pub browser: PathBuf,
    driver: PathBuf,
    // Those of the cache, when the browser lies there.
    surroundings: Option<Surroundings>,
}

#[derive(Debug, Clone)]
struct Surroundings {
    libraries: OsString,
    typefaces: PathBuf,
}

impl BrowserFiles {
    /// The driver, which starts the browser; it speaks [WebDriver](https://www.w3.org/TR/webdriver2/).
    #[must_use]
    pub fn driver(&self) -> Command {
        let mut command = Command::new(&self.driver);
        if let Some(Surroundings {
            libraries,
            typefaces,
        }) = &self.surroundings
        {
            command
                .env("LD_LIBRARY_PATH", libraries)
                .env("FONTCONFIG_FILE", typefaces);
        }
        command
    }
}

/// Finds a browser or installs one into the cache.
///
/// # Errors
/// When it is not there and cannot be downloaded.
pub fn ensure(cache: &Cache, progress: &Progress) -> Result<BrowserFiles, InstallError> {
    if let Some(files) = of_the_machine(&env::program_folders()) {
        return Ok(files);
    }
    let component = cache.component("chromium", "the version of this Debian, 1");
    let root = component.folder();
    component.ensure(progress, |folder| {
        const WHAT: &str = "Install a browser for the tests";
        cache.check_room(WHAT, BYTES)?;
        let step = progress.step(WHAT);
        debian::install(cache, &PACKAGES, folder, &step, &cache.log("chromium"))?;
        let file = folder.join(TYPEFACES);
        fs::write(&file, typefaces(root)).map_err(at(&file))?;
        step.done();
        Ok::<(), InstallError>(())
    })?;
    Ok(BrowserFiles {
        browser: root.join("usr/lib/chromium/chromium-headless-shell"),
        driver: root.join("usr/bin").join(DRIVER),
        surroundings: Some(Surroundings {
            libraries: libraries(root),
            typefaces: root.join(TYPEFACES),
        }),
    })
}

/// A driver and a browser of the same version, as the driver demands.
fn of_the_machine(folders: &[PathBuf]) -> Option<BrowserFiles> {
    let driver = program(folders, DRIVER)?;
    let wanted = major(&driver)?;
    let browsers = BROWSERS.iter().filter_map(|name| program(folders, name));
    let mut fitting = browsers.filter(|browser| major(browser) == Some(wanted));
    Some(BrowserFiles {
        browser: fitting.next()?,
        driver,
        surroundings: None,
    })
}

fn program(folders: &[PathBuf], name: &str) -> Option<PathBuf> {
    let places = folders.iter().map(|folder| folder.join(name));
    places.into_iter().find(|path| path.exists())
}

/// From texts like `ChromeDriver 156.0.8078.79 (a21c…)` and `Chromium 156.0.8078.79 built on Debian`.
fn major(program: &Path) -> Option<u32> {
    let text = process::answer(Command::new(program).arg("--version"))?;
    let mut words = text.split_whitespace();
    words.find_map(|word| word.split_once('.')?.0.parse().ok())
}

/// The same typefaces on every machine, so that the same page looks the same.
fn typefaces(root: &Path) -> String {
    let alias = |name: &str, typeface: &str| {
        format!(
            "  <alias binding=\"same\"><family>{name}</family><prefer><family>{typeface}</family></prefer></alias>\n"
        )
    };
    let aliases = [
        alias("sans-serif", "Liberation Sans"),
        alias("Arial", "Liberation Sans"),
        alias("serif", "Liberation Serif"),
        alias("Times New Roman", "Liberation Serif"),
        alias("monospace", "Liberation Mono"),
    ];
    format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE fontconfig SYSTEM \"fonts.dtd\">\n<fontconfig>\n  <dir>{}</dir>\n  \
         <cachedir prefix=\"xdg\">fontconfig</cachedir>\n{}</fontconfig>\n",
        root.join("usr/share/fonts").display(),
        aliases.concat()
    )
}
