//! A file that somebody dropped, cut into parts that each fit a message.
//!
//! A part of a table is some of its rows under the header, a part of JSON some of its objects as an
//! array: a source's `read` sees nothing that a webhook could not have brought. What is wrong with
//! the form of a file is wrong with all of it ([`BadFile`]); what is wrong with a row is found when
//! the row is read, and the others go on.

mod bad;
mod elements;
mod table;

pub use bad::BadFile;

use crate::facts::file::{FileFacts, Form};
use elements::Elements;
use table::Table;

pub(crate) use table::delimiter;

/// The header of a delivery that came by file: the file's name.
pub const FILE: &str = "tenon-file";

/// The header of such a delivery that says which version of the file it is from.
pub const VERSION: &str = "tenon-file-version";

/// The header of such a delivery that says in which line of the file each of its events begins.
pub const LINES: &str = "tenon-file-lines";

/// The largest file that is read.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The most rows of a file.
pub const MAX_ROWS: u64 = 200_000;

/// The longest row, and the longest header.
pub const MAX_ROW_BYTES: usize = 64 * 1024;

/// The most columns of a table.
pub const MAX_COLUMNS: usize = 200;

/// As many whole records as a pull hands on at once: judging them takes its time.
const PART_ROWS: usize = 50;

/// With a header of its own, base64 and its envelope it stays below what SQS carries.
const PART_BYTES: usize = 64 * 1024;

/// The mark that some programs put before UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Some rows of a file, as the body of a message. It has no `Debug`: a row holds personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// Its place among the parts, from 1.
    pub number: u32,
    /// The line of the file in which each of its rows begins.
    pub lines: Vec<u64>,
    /// The rows.
    pub body: String,
}

/// Cuts a file that comes piece by piece. It keeps one row and one part, however long the file is.
pub struct Cutter<'a> {
    facts: &'a FileFacts,
    rows: Rows,
    /// What came and is not cut yet.
    pending: Vec<u8>,
    /// The line in which `pending` begins.
    line: u64,
    bytes: u64,
    count: u64,
    part: Part,
    has_begun: bool,
}

enum Rows {
    Table(Box<Table>),
    Elements(Elements),
}

/// What is next in the bytes that are there.
enum Next {
    /// A row behind so many bytes that belong to none.
    Row { skipped: usize, length: usize },
    /// More bytes are needed; so many of these are done with.
    More { skipped: usize },
    /// The file ends here.
    End,
}

impl<'a> Cutter<'a> {
    /// For a file of this form.
    #[must_use]
    pub fn new(facts: &'a FileFacts, form: Form) -> Self {
        let rows = match form {
            Form::Csv => Rows::Table(Box::new(Table::new())),
            Form::Json => Rows::Elements(Elements::new()),
        };
        Self {
            facts,
            rows,
            pending: Vec::new(),
            line: 1,
            bytes: 0,
            count: 0,
            part: Part::empty(1),
            has_begun: false,
        }
    }

    /// The next bytes of the file; the parts that are complete with them.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Part>, BadFile> {
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if self.bytes > MAX_BYTES {
            return Err(BadFile::TooLarge);
        }
        self.pending.extend_from_slice(bytes);
        self.cut(false)
    }

    /// The file is at its end; the parts that are left, and how many rows it had in all.
    pub fn finish(mut self) -> Result<(Vec<Part>, u64), BadFile> {
        let mut parts = self.cut(true)?;
        let is_empty = match &self.rows {
            Rows::Table(table) => table.header().is_none(),
            Rows::Elements(elements) => elements.is_empty(),
        };
        if is_empty {
            return Err(BadFile::Empty);
        }
        parts.extend(self.close());
        Ok((parts, self.count))
    }

    fn cut(&mut self, is_last: bool) -> Result<Vec<Part>, BadFile> {
        let mut parts = Vec::new();
        let mut pending = std::mem::take(&mut self.pending);
        if !self.has_begun && pending.len() < MARK.len() && !is_last {
            self.pending = pending;
            return Ok(parts);
        }
        let mut at = match std::mem::replace(&mut self.has_begun, true) {
            false if pending.starts_with(MARK) => MARK.len(),
            _ => 0,
        };
        loop {
            let rest = pending.get(at..).unwrap_or_default();
            let next = match &mut self.rows {
                Rows::Table(table) => table.next(rest, is_last),
                Rows::Elements(elements) => elements.next(rest, is_last),
            };
            match next.map_err(|trouble| trouble.at(self.line))? {
                Next::Row { skipped, length } => {
                    let end = at + skipped + length;
                    self.line += lines_in(pending.get(at..at + skipped));
                    let row = pending.get(at + skipped..end).unwrap_or_default();
                    let line = self.line;
                    let text = std::str::from_utf8(row).map_err(|_| BadFile::NotText { line })?;
                    parts.extend(self.row(text)?);
                    self.line += lines_in(Some(row));
                    at = end;
                }
                Next::More { skipped } => {
                    self.line += lines_in(pending.get(at..at + skipped));
                    pending.drain(..at + skipped);
                    self.pending = pending;
                    return Ok(parts);
                }
                Next::End => return Ok(parts),
            }
        }
    }

    /// Puts a row into the part that is being made; the part before, when that is full.
    fn row(&mut self, text: &str) -> Result<Option<Part>, BadFile> {
        if let Rows::Table(table) = &mut self.rows
            && table.header().is_none()
        {
            table.begin(text.trim_end_matches(['\r', '\n']), &self.facts.columns)?;
            return Ok(None);
        }
        self.count += 1;
        if self.count > MAX_ROWS {
            return Err(BadFile::TooManyRows);
        }
        let is_full = self.part.lines.len() >= PART_ROWS
            || self.part.body.len() + text.len() > PART_BYTES && !self.part.lines.is_empty();
        let full = if is_full { self.close() } else { None };
        let body = &mut self.part.body;
        match (&self.rows, self.part.lines.is_empty()) {
            (Rows::Table(table), true) => body.push_str(table.header().unwrap_or_default()),
            (Rows::Elements(_), true) => body.push('['),
            (Rows::Elements(_), false) => body.push(','),
            (Rows::Table(_), false) => {}
        }
        if matches!(self.rows, Rows::Table(_)) {
            body.push('\n');
        }
        body.push_str(text.trim_end_matches(['\r', '\n']));
        self.part.lines.push(self.line);
        Ok(full)
    }

    /// Ends the part that is being made, if it has a row.
    fn close(&mut self) -> Option<Part> {
        if self.part.lines.is_empty() {
            return None;
        }
        let next = Part::empty(self.part.number + 1);
        let mut part = std::mem::replace(&mut self.part, next);
        if matches!(self.rows, Rows::Elements(_)) {
            part.body.push(']');
        }
        Some(part)
    }
}

impl Part {
    fn empty(number: u32) -> Self {
        Self {
            number,
            lines: Vec::new(),
            body: String::new(),
        }
    }

    /// What [`LINES`] says.
    #[must_use]
    pub fn lines_text(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(u64::to_string).collect();
        lines.join(",")
    }
}

/// The lines that [`LINES`] names.
#[must_use]
pub fn lines(text: &str) -> Vec<u64> {
    text.split(',')
        .filter_map(|line| line.parse().ok())
        .collect()
}

fn lines_in(bytes: Option<&[u8]>) -> u64 {
    let breaks = bytes
        .unwrap_or_default()
        .iter()
        .filter(|byte| **byte == b'\n');
    u64::try_from(breaks.count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
