//! The pages that people read: what they link to, and the commands they tell people to type.

use std::fs;
use std::path::{Path, PathBuf};

use crate::root;

/// A page of the documentation.
pub struct Page {
    /// Its path below the repository.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

impl Page {
    /// Reads a page.
    ///
    /// # Panics
    /// When there is no such page.
    pub fn read(path: &str) -> Self {
        Self {
            path: PathBuf::from(path),
            text: crate::file(path),
        }
    }

    /// Its fenced blocks in their order: language and text.
    ///
    /// # Panics
    /// When one of them does not end.
    pub fn fenced(&self) -> Vec<(String, String)> {
        let mut blocks = Vec::new();
        let mut open: Option<(String, String)> = None;
        for line in self.text.lines() {
            match (&mut open, line.strip_prefix("```")) {
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some((_, text)), None) => {
                    text.push_str(line);
                    text.push('\n');
                }
                (None, Some(language)) => open = Some((language.to_owned(), String::new())),
                (None, None) => {}
            }
        }
        let place = self.path.display();
        assert!(open.is_none(), "{place}: a block does not end");
        blocks
    }

    /// What its fenced blocks of one language hold, in their order.
    pub fn blocks(&self, language: &str) -> Vec<String> {
        let all = self.fenced().into_iter();
        all.filter(|(its, _)| its == language)
            .map(|(_, text)| text)
            .collect()
    }

    /// The lines of its `sh` blocks, with continued lines joined and remarks left out.
    pub fn commands(&self) -> Vec<String> {
        let text = self.blocks("sh").concat().replace("\\\n", " ");
        let command = |line: &str| {
            line.split(" #")
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        text.lines()
            .map(command)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect()
    }

    /// The targets of its links and pictures.
    pub fn links(&self) -> Vec<String> {
        let outside_code = self.text.split("```").step_by(2).collect::<String>();
        let mut links = Vec::new();
        for part in outside_code.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or_default();
            links.push(
                target
                    .split_whitespace()
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            );
        }
        links
    }

    /// The words in code letters that are the name of a test: a sentence of four words or more.
    pub fn names_of_tests(&self) -> Vec<String> {
        let quoted = self.text.split('`').skip(1).step_by(2);
        let is_sentence = |word: &&str| {
            let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            word.chars().all(letters) && word.matches('_').count() > 2 && !word.contains("__")
        };
        quoted.filter(is_sentence).map(str::to_owned).collect()
    }

    /// The anchors of its headings, as they are made from the heading's words.
    pub fn anchors(&self) -> Vec<String> {
        let headings = self.text.lines().filter(|line| line.starts_with('#'));
        headings
            .map(|line| anchor(line.trim_start_matches('#')))
            .collect()
    }
}

fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// The README, the map, and every page of the book.
pub fn all() -> Vec<Page> {
    let mut paths = vec!["README.md".to_owned(), "ARCHITECTURE.md".to_owned()];
    for folder in ["docs", "docs/sources"] {
        let pages = fs::read_dir(root().join(folder)).expect("there is a book");
        for entry in pages.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if Path::new(&name).extension().is_some_and(|end| end == "md") {
                paths.push(format!("{folder}/{name}"));
            }
        }
    }
    paths.sort();
    paths.iter().map(|path| Page::read(path)).collect()
}
