//! What became of a story, for people.

use std::fmt;

use jiff::Timestamp;

/// What became of a story.
#[derive(Debug)]
pub struct Report {
    /// What it tells.
    pub name: String,
    /// What it proves.
    pub proves: Vec<String>,
    /// What became of each step that was played.
    pub steps: Vec<StepReport>,
    /// How many steps come after one that failed.
    pub left_out: usize,
    /// What is wrong at the end although every step was well.
    pub at_the_end: Vec<String>,
}

/// What became of a step.
#[derive(Debug)]
pub struct StepReport {
    /// What happens in it.
    pub name: String,
    /// When it ended, by the story's clock.
    pub at: Timestamp,
    /// How many expectations it has.
    pub expectations: usize,
    /// What was noticed.
    pub notes: Vec<String>,
    /// What is not as expected.
    pub wrong: Vec<String>,
}

impl Report {
    /// Whether everything was as expected.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.at_the_end.is_empty() && self.steps.iter().all(|step| step.wrong.is_empty())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proves = match self.proves.is_empty() {
            true => String::new(),
            false => format!(" ({})", self.proves.join(", ")),
        };
        writeln!(f, "{}{proves}", self.name)?;
        for (place, step) in self.steps.iter().enumerate() {
            step.write(place + 1, f)?;
        }
        for wrong in &self.at_the_end {
            indented(f, wrong)?;
        }
        match (self.holds(), self.left_out) {
            (true, _) => writeln!(f, "  holds"),
            (false, 0) => writeln!(f, "  does NOT hold"),
            (false, left) => writeln!(f, "  does NOT hold; {left} later steps were not played"),
        }
    }
}

impl StepReport {
    fn write(&self, number: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.wrong.is_empty() { "✓" } else { "✗" };
        let at = self.at.strftime("%Y-%m-%d %H:%M:%S");
        write!(f, "  {mark} {number:>2}  {at}  {}", self.name)?;
        match self.expectations {
            0 => writeln!(f)?,
            1 => writeln!(f, "  [1 expectation]")?,
            many => writeln!(f, "  [{many} expectations]")?,
        }
        for note in &self.notes {
            writeln!(f, "         note: {note}")?;
        }
        for wrong in &self.wrong {
            indented(f, wrong)?;
        }
        Ok(())
    }
}

fn indented(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for line in text.lines() {
        writeln!(f, "         {line}")?;
    }
    Ok(())
}
