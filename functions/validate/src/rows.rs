//! The rows of a file that was dropped: what cannot be read of one is asked with its file and line, and
//! holds no other.

use aws::StoreError;
use domain::delivery::Delivery;
use domain::judge::Objection;
use domain::{ExceptionClass, Reference, Version};
use sources::Reading;
use sources::file::{FILE, LINES, lines};

use crate::error::ValidateError;
use crate::{Case, Validate};

const CORRECT: &str = "Correct the file and drop it again under the same name. The rows that were taken change nothing then.";

/// Where in its file an event stands.
#[derive(Clone)]
pub(crate) struct Place {
    /// In words.
    pub(crate) words: String,
    /// What questions about the row are about that cannot be about its record.
    pub(crate) reference: Reference,
}

/// Where the events of a delivery stand in its file.
pub(crate) struct Rows<'a> {
    delivery: &'a Delivery,
    file: &'a str,
    lines: Vec<u64>,
}

impl<'a> Rows<'a> {
    /// None of a delivery that came another way.
    pub(crate) fn of(delivery: &'a Delivery) -> Option<Self> {
        Some(Self {
            delivery,
            file: delivery.headers.get(FILE)?,
            lines: lines(delivery.headers.get(LINES)?),
        })
    }

    fn place(&self, index: usize) -> Place {
        let line = self.lines.get(index).copied().unwrap_or_default();
        Place {
            words: format!("{}, line {line}", self.file),
            reference: self.named("row", format!("{}#{line}", self.file)),
        }
    }

    fn named(&self, entity: &str, id: String) -> Reference {
        Reference::new(&self.delivery.source, &self.delivery.account, entity, id)
    }

    /// All of them, in words.
    pub(crate) fn all(&self) -> String {
        match (self.lines.first(), self.lines.last()) {
            (Some(first), Some(last)) => format!("{}, lines {first} to {last}", self.file),
            _ => self.file.to_owned(),
        }
    }
}

impl Validate {
    /// The events that can be read, each with its place in the file where it came by one. Of a file a
    /// row that is not for us is a mistake too: somebody wrote it for us.
    pub(crate) async fn readable(
        &self,
        case: &Case<'_>,
        readings: Vec<Reading>,
    ) -> Result<Vec<(Option<Place>, Reading)>, ValidateError> {
        let Some(rows) = Rows::of(case.delivery) else {
            return Ok(readings.into_iter().map(|one| (None, one)).collect());
        };
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for (index, reading) in readings.into_iter().enumerate() {
            match reading {
                Reading::Unreadable(why) => bad.push((index, why.to_string())),
                Reading::NotForUs(why) => bad.push((index, why.to_owned())),
                other @ (Reading::Event(_) | Reading::Fetch(_) | Reading::Missed(_)) => {
                    good.push((index, other));
                }
            }
        }
        self.ask_about(case, &rows, &bad, good.is_empty()).await?;
        let version = Version::at(case.delivery.received_at);
        for (index, _) in &good {
            let row = rows.place(*index).reference;
            self.exceptions.resolve_up_to(&row, version).await?;
        }
        let placed = |(index, reading)| (Some(rows.place(index)), reading);
        Ok(good.into_iter().map(placed).collect())
    }

    /// One question per bad row; one for the file where no row of a part can be read for one reason.
    async fn ask_about(
        &self,
        case: &Case<'_>,
        rows: &Rows<'_>,
        bad: &[(usize, String)],
        is_all: bool,
    ) -> Result<(), StoreError> {
        let version = Version::at(case.delivery.received_at);
        let is_one_reason = bad.windows(2).all(|pair| match pair {
            [(_, one), (_, other)] => one == other,
            _ => true,
        });
        if let [(_, why), _, ..] = bad
            && is_all
            && is_one_reason
        {
            let of_file = rows.named("file", rows.file.to_owned());
            let sentence = format!("The rows of {} cannot be read", rows.file);
            let item = format!("{}: {why}", rows.all());
            let objection = objection("rows_unreadable", sentence, item);
            return self.raise(case, &of_file, version, objection).await;
        }
        for (index, why) in bad {
            let Place { words, reference } = rows.place(*index);
            let sentence = format!("A row cannot be read: {words}");
            let objection = objection("row_unreadable", sentence, why.clone());
            self.raise(case, &reference, version, objection).await?;
        }
        Ok(())
    }
}

fn objection(code: &'static str, sentence: String, item: String) -> Objection {
    Objection {
        code,
        class: ExceptionClass::DataQuality,
        sentence,
        items: vec![item],
        fix: CORRECT.to_owned(),
        owner: "operations",
    }
}
