//! The package sources that this machine is configured with: which mirror it asks, and for what.

use std::fs;
use std::path::{Path, PathBuf};

/// One package source of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The mirror's address as configured.
    pub uri: String,
    /// Its suites.
    pub suites: Vec<String>,
    /// Its components.
    pub components: Vec<String>,
}

/// Reads the deb822 form (`*.sources`).
#[must_use]
pub fn parse_deb822(text: &str) -> Vec<Source> {
    text.split("\n\n").flat_map(stanza).collect()
}

fn stanza(text: &str) -> Vec<Source> {
    let words = |name: &str| -> Vec<String> {
        text.lines()
            .filter_map(|line| line.split_once(':'))
            .filter(|(field, _)| field.eq_ignore_ascii_case(name))
            .flat_map(|(_, value)| value.split_whitespace())
            .map(str::to_owned)
            .collect()
    };
    let disabled = words("Enabled")
        .first()
        .is_some_and(|word| word.eq_ignore_ascii_case("no"));
    if disabled || !words("Types").iter().any(|kind| kind == "deb") {
        return Vec::new();
    }
    let (suites, components) = (words("Suites"), words("Components"));
    let source = |uri| Source {
        uri,
        suites: suites.clone(),
        components: components.clone(),
    };
    words("URIs").into_iter().map(source).collect()
}

/// Reads the one-line form (`sources.list`, `*.list`).
#[must_use]
pub fn parse_one_line(text: &str) -> Vec<Source> {
    text.lines().filter_map(one_line).collect()
}

fn one_line(line: &str) -> Option<Source> {
    let line = line.split('#').next()?;
    let rest = line.trim().strip_prefix("deb ")?.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(options) => options.split_once(']')?.1,
        None => rest,
    };
    let mut words = rest.split_whitespace().map(str::to_owned);
    let (uri, suite) = (words.next()?, words.next()?);
    Some(Source {
        uri,
        suites: vec![suite],
        components: words.collect(),
    })
}

/// The source that carries Debian itself, as opposed to its security updates or another vendor.
#[must_use]
pub fn debian_mirror(sources: &[Source]) -> Option<&Source> {
    let fits = |source: &&Source| {
        source
            .components
            .iter()
            .any(|component| component == "main")
            && source
                .suites
                .iter()
                .any(|suite| !suite.contains("security"))
            && !source.uri.contains("security")
            && source.uri.contains("debian")
    };
    sources.iter().find(fits)
}

/// All package sources of this machine.
#[must_use]
pub fn machine_sources() -> Vec<Source> {
    let folder = Path::new("/etc/apt/sources.list.d");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    let mut sources =
        parse_one_line(&fs::read_to_string("/etc/apt/sources.list").unwrap_or_default());
    for file in files {
        let text = fs::read_to_string(&file).unwrap_or_default();
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("sources") => sources.extend(parse_deb822(&text)),
            Some("list") => sources.extend(parse_one_line(&text)),
            _ => {}
        }
    }
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEB822: &str = "Types: deb\n# a comment\nURIs: http://mirror.test/debian\nSuites: bookworm bookworm-updates\n\
        Components: main\nSigned-By: /k.gpg\n\nTypes: deb\nURIs: http://mirror.test/debian-security\n\
        Suites: bookworm-security\nComponents: main\n\nTypes: deb-src\nURIs: http://x.test/debian\nSuites: sid\nComponents: main\n";

    #[test]
    fn the_mirror_of_a_deb822_file_is_found() {
        let sources = parse_deb822(DEB822);
        assert_eq!(sources.len(), 2);
        assert_eq!(
            debian_mirror(&sources).unwrap().uri,
            "http://mirror.test/debian"
        );
    }

    #[test]
    fn a_disabled_stanza_is_no_source() {
        assert!(
            parse_deb822(
                "Enabled: no\nTypes: deb\nURIs: http://m.test/debian\nSuites: a\nComponents: main\n"
            )
            .is_empty()
        );
    }

    #[test]
    fn the_mirror_of_a_one_line_file_is_found() {
        let text = "# deb http://old.test/debian x main\ndeb [arch=amd64 signed-by=/k] https://vendor.test/apt stable main\n\
            deb http://security.test/debian-security bookworm-security main\ndeb-src http://m.test/debian bookworm main\n\
            deb http://m.test/debian bookworm main contrib # note\n";
        let sources = parse_one_line(text);
        assert_eq!(sources.len(), 3);
        let mirror = debian_mirror(&sources).unwrap();
        assert_eq!(mirror.uri, "http://m.test/debian");
        assert_eq!(mirror.components, ["main", "contrib"]);
    }

    #[test]
    fn a_machine_without_debian_has_no_mirror() {
        assert_eq!(
            debian_mirror(&parse_one_line(
                "deb http://archive.test/ubuntu noble main\n"
            )),
            None
        );
    }
}
