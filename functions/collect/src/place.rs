//! Where a file was dropped says whose it is: `in/SOURCE/ACCOUNT/NAME`.

use domain::Reference;
use domain::book::Book;
use domain::reference::LONGEST;
use sources::Source;
use sources::facts::file::{FileFacts, Form};

use crate::refusal::NotTaken;

/// A file of a source that we read.
pub(crate) struct Place<'a> {
    pub(crate) source: &'static Source,
    pub(crate) account: &'a str,
    /// What follows the account: it may have folders of its own.
    pub(crate) name: &'a str,
    pub(crate) facts: &'static FileFacts,
    pub(crate) form: Form,
}

/// What the name of a row adds to that of its file, at the most.
const ROW: usize = 16;

impl<'a> Place<'a> {
    /// Reads a key.
    pub(crate) fn of(key: &'a str, book: &Book) -> Result<Self, NotTaken> {
        let (source, account, name) = parts(key).ok_or(NotTaken::UnknownPlace)?;
        let source = sources::source(source).ok_or(NotTaken::UnknownPlace)?;
        let facts = source.facts.file.as_ref();
        let facts = facts.ok_or_else(|| NotTaken::NoFiles {
            title: source.facts.title.clone(),
        })?;
        // Under a mistyped account every row would be a fact of its own, beside the one that is there.
        if !book.names(source.name(), account) {
            return Err(NotTaken::UnknownAccount {
                title: source.facts.title.clone(),
            });
        }
        let form = Form::of(name).filter(|form| facts.forms.contains(form));
        let place = Self {
            source,
            account,
            name,
            facts,
            form: form.ok_or(NotTaken::UnknownForm)?,
        };
        match place.reference().to_string().len() + ROW <= LONGEST {
            true => Ok(place),
            false => Err(NotTaken::LongName),
        }
    }

    /// What questions about the file are about.
    pub(crate) fn reference(&self) -> Reference {
        Reference::new(self.source.name(), self.account, "file", self.name)
    }
}

/// What a question about a file is about that has no place of its own.
pub(crate) fn reference(key: &str, version: &str) -> Reference {
    let (source, account, name) = parts(key).unwrap_or(("files", "in", key));
    let named = |id| Reference::new(source, account, "file", id);
    Some(named(name))
        .filter(Reference::fits)
        .unwrap_or_else(|| Reference::new("files", "in", "file", version))
}

fn parts(key: &str) -> Option<(&str, &str, &str)> {
    let (source, rest) = key.strip_prefix("in/")?.split_once('/')?;
    let (account, name) = rest.split_once('/')?;
    let is_whole = !source.is_empty() && !account.is_empty() && !name.is_empty();
    is_whole.then_some((source, account, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOK: &str = domain::book::DEMO;

    fn refused(key: &str) -> Option<NotTaken> {
        let psa = "source = \"generic\"\naccount = \"north\"";
        let book = BOOK.replace("source = \"connectwise\"\naccount = \"Cobalt\"", psa);
        Place::of(key, &Book::parse(&book).unwrap()).err()
    }

    #[test]
    fn only_an_account_that_the_book_names_has_a_place() {
        for key in ["in/generic/north/a.csv", "in/generic/north/2026/a b.JSON"] {
            assert_eq!(refused(key), None, "{key}");
        }
        for key in [
            "a.csv",
            "in/a.csv",
            "in/generic/a.csv",
            "in/generic//a.csv",
            "in/nobody/north/a.csv",
            "out/generic/north/a.csv",
        ] {
            assert_eq!(refused(key), Some(NotTaken::UnknownPlace), "{key}");
        }
        let account = NotTaken::UnknownAccount {
            title: "Generic signed JSON".to_owned(),
        };
        for key in ["in/generic/North/a.csv", "in/generic/48807704/a.csv"] {
            assert_eq!(refused(key), Some(account.clone()), "{key}");
        }
        let source = NotTaken::NoFiles {
            title: "HubSpot".to_owned(),
        };
        assert_eq!(refused("in/hubspot/48807704/a.csv"), Some(source));
    }

    #[test]
    fn the_name_says_the_form_and_fits_a_key() {
        for name in ["a.xlsx", "a", "csv", "a.csv.gz"] {
            let key = format!("in/generic/north/{name}");
            assert_eq!(refused(&key), Some(NotTaken::UnknownForm), "{name}");
        }
        let long = format!("in/generic/north/{}.csv", "é".repeat(100));
        assert_eq!(refused(&long), Some(NotTaken::LongName));
        assert!(reference(&long, "v1").fits());
    }
}
