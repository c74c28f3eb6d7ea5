//! Reads a story file and takes in whatever it names beside itself.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Records, Step, Story};
use crate::book;
use crate::document::{BadDocument, Document};
use crate::json::Json;

/// A file that is not a story.
#[derive(Debug, thiserror::Error)]
pub enum BadStory {
    /// The file, or one that it names, cannot be read.
    #[error("{}: the file cannot be read", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is not written as a story is.
    #[error("{}: {problem}", file.display())]
    Document {
        /// Which.
        file: PathBuf,
        /// What is wrong, with its line.
        problem: BadDocument,
    },
    /// A step says too much or too little.
    #[error("{}: step {number}, {name:?}: {problem}", file.display())]
    Step {
        /// Which.
        file: PathBuf,
        /// The step's place, beginning with 1.
        number: usize,
        /// Its name.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// The book of the story cannot be used.
    #[error("{}: {problem}", file.display())]
    Book {
        /// Which.
        file: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

/// Reads a story; whatever it names by a path is in it then, so that it can be played anywhere.
///
/// # Errors
/// When it is none; the error names file and line.
pub fn load(file: &Path) -> Result<Story, BadStory> {
    let text = read(file)?;
    let parsed = match file.extension().is_some_and(|kind| kind == "json") {
        true => serde_json::from_str(&text).map_err(|error| BadDocument::Wrong {
            line: error.line(),
            problem: error.to_string(),
        }),
        false => Document::read(&text).and_then(|document| document.parse()),
    };
    let mut story: Story = parsed.map_err(|problem| BadStory::Document {
        file: file.to_owned(),
        problem,
    })?;
    let beside = Beside {
        file,
        folder: file.parent().unwrap_or_else(|| Path::new("")),
    };
    beside.take_in(&mut story)?;
    Ok(story)
}

fn read(file: &Path) -> Result<String, BadStory> {
    fs::read_to_string(file).map_err(|source| BadStory::Unreadable {
        file: file.to_owned(),
        source,
    })
}

/// What lies beside a story.
struct Beside<'a> {
    file: &'a Path,
    folder: &'a Path,
}

impl Beside<'_> {
    fn take_in(&self, story: &mut Story) -> Result<(), BadStory> {
        if let Some(file) = story.standins_file.take() {
            self.records(&self.folder.join(file), &mut story.standins)?;
        }
        self.book_text(&mut story.book, &mut story.book_text)?;
        let text = story.book_text.clone().ok_or_else(|| {
            self.book("it needs a book: write book = \"PATH\", or the book itself as book_text")
        })?;
        book::with(&text, story.book_overrides.as_ref()).map_err(|problem| self.book(&problem))?;
        for (place, step) in story.steps.iter_mut().enumerate() {
            let wrong = |step: &Step, problem| BadStory::Step {
                file: self.file.to_owned(),
                number: place + 1,
                name: step.name.clone(),
                problem,
            };
            if let Some(problem) = step.problem() {
                return Err(wrong(step, problem));
            }
            self.files_of(step)?;
            if let Some(problem) = missing(step) {
                return Err(wrong(step, problem));
            }
        }
        Ok(())
    }

    /// Takes in the records of a file; those of the story itself take the place of theirs.
    fn records(&self, file: &Path, own: &mut Records) -> Result<(), BadStory> {
        let document = Document::read(&read(file)?).and_then(|document| document.parse());
        let shared: Records = document.map_err(|problem| BadStory::Document {
            file: file.to_owned(),
            problem,
        })?;
        for (source, lists) in shared {
            for (list, records) in lists {
                let there = own
                    .entry(source.clone())
                    .or_default()
                    .entry(list)
                    .or_default();
                for (id, record) in records {
                    there.entry(id).or_insert(record);
                }
            }
        }
        Ok(())
    }

    fn book(&self, problem: &str) -> BadStory {
        BadStory::Book {
            file: self.file.to_owned(),
            problem: problem.to_owned(),
        }
    }

    fn files_of(&self, step: &mut Step) -> Result<(), BadStory> {
        if let Some(delivery) = &mut step.deliver {
            let mut body = None;
            self.text(&mut delivery.payload_file, &mut body)?;
            if let Some(body) = body {
                delivery.payload = Json::parse(&serde_json::Value::from(body).to_string()).ok();
            }
        }
        if let Some(dropped) = &mut step.file {
            self.text(&mut dropped.content_file, &mut dropped.content)?;
        }
        if let Some(book) = &mut step.book {
            self.book_text(&mut book.file, &mut book.text)?;
        }
        Ok(())
    }

    /// Puts the text of a named file in its place.
    fn text(&self, path: &mut Option<String>, text: &mut Option<String>) -> Result<(), BadStory> {
        if let Some(path) = path.take() {
            *text = Some(read(&self.folder.join(path))?);
        }
        Ok(())
    }

    /// Puts the text of a named book in its place.
    fn book_text(
        &self,
        path: &mut Option<String>,
        text: &mut Option<String>,
    ) -> Result<(), BadStory> {
        if let Some(path) = path.take() {
            let read = book::read(&self.folder.join(path));
            *text = Some(read.map_err(|error| self.book(&error.to_string()))?);
        }
        Ok(())
    }
}

/// What a step lacks once its files were read.
fn missing(step: &Step) -> Option<String> {
    let delivery = step
        .deliver
        .as_ref()
        .filter(|delivery| delivery.payload.is_none());
    let dropped = step
        .file
        .as_ref()
        .filter(|dropped| dropped.content.is_none());
    match (delivery, dropped) {
        (Some(_), _) => Some("deliver needs a payload or a payload_file".to_owned()),
        (_, Some(_)) => Some("file needs a content or a content_file".to_owned()),
        (None, None) => None,
    }
}
