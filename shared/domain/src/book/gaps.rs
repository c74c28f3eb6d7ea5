//! What a book that was only begun still lacks.

use super::bundle;
use super::flaw::{Flaw, Mistake};

/// How a value begins that somebody still has to write; behind it stands what.
pub const GAP: &str = "GAP: ";

/// Every gap. While there is one, nothing else is said: much of it would follow from the gaps.
pub(super) fn flaws(text: &str) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let begins = line.find(&format!("\"{GAP}"));
        if let Some(begins) = begins.filter(|_| !line.trim_start().starts_with('#')) {
            let at = offset + begins;
            let said = line.get(begins + 1 + GAP.len()..).unwrap_or_default();
            let said = said.split('"').next().unwrap_or_default();
            flaws.push(Flaw {
                place: bundle::place(text, at),
                key: bundle::key_at(text, at),
                mistake: Mistake::Gap(said.to_owned()),
            });
        }
        offset += line.len();
    }
    flaws
}
