//! The rows of a table, as the reader of tables sees them: a quoted value may go over lines.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::bad::{BadFile, Trouble, What};
use super::{MAX_COLUMNS, MAX_ROW_BYTES, Next, lines_in};

/// A table of which the rows are being found.
pub(super) struct Table {
    reader: Reader,
    /// Where the reader puts values that nobody looks at here.
    values: Vec<u8>,
    ends: Vec<usize>,
    header: Option<String>,
}

impl Table {
    pub(super) fn new() -> Self {
        Self {
            reader: Reader::new(),
            values: vec![0; MAX_ROW_BYTES],
            ends: vec![0; MAX_COLUMNS + 1],
            header: None,
        }
    }

    pub(super) fn header(&self) -> Option<&str> {
        self.header.as_deref()
    }

    /// The header decides what separates the values.
    pub(super) fn begin(&mut self, header: &str, columns: &[String]) -> Result<(), BadFile> {
        if header.contains('\0') {
            return Err(BadFile::NotHeader);
        }
        let delimiter = delimiter(header);
        let names = names(header, delimiter);
        let lacking = columns.iter().filter(|column| !names.contains(column));
        let lacking: Vec<&str> = lacking.map(String::as_str).collect();
        if !lacking.is_empty() {
            return Err(BadFile::NoColumn {
                columns: lacking.join(", "),
            });
        }
        let mut sorted: Vec<&String> = names.iter().collect();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(BadFile::ColumnTwice);
        }
        self.reader = ReaderBuilder::new().delimiter(delimiter).build();
        self.header = Some(header.to_owned());
        Ok(())
    }

    pub(super) fn next(&mut self, bytes: &[u8], is_last: bool) -> Result<Next, Trouble> {
        let blank = |byte: &&u8| matches!(**byte, b'\r' | b'\n');
        let skipped = bytes.iter().take_while(blank).count();
        let beyond = lines_in(bytes.get(..skipped));
        let wrong = |what| Trouble { what, beyond };
        let rest = bytes.get(skipped..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(match is_last {
                true => Next::End,
                false => Next::More { skipped },
            });
        }
        self.reader.reset();
        let (found, length, _, ended) =
            self.reader
                .read_record(rest, &mut self.values, &mut self.ends);
        let row = rest.get(..length).unwrap_or_default();
        match found {
            // The last value of a file need not be ended.
            ReadRecordResult::InputEmpty if ended >= MAX_COLUMNS => {
                Err(wrong(What::TooManyColumns))
            }
            ReadRecordResult::Record if ended > MAX_COLUMNS => Err(wrong(What::TooManyColumns)),
            ReadRecordResult::InputEmpty if is_last && is_unpaired(row) => {
                Err(wrong(What::Unpaired))
            }
            // At the end of the file a row needs no end of line.
            ReadRecordResult::InputEmpty if is_last => Ok(Next::Row { skipped, length }),
            ReadRecordResult::InputEmpty if rest.len() > MAX_ROW_BYTES => Err(wrong(What::TooLong)),
            ReadRecordResult::InputEmpty => Ok(Next::More { skipped }),
            ReadRecordResult::OutputFull => Err(wrong(What::TooLong)),
            ReadRecordResult::OutputEndsFull => Err(wrong(What::TooManyColumns)),
            ReadRecordResult::Record if length > MAX_ROW_BYTES => Err(wrong(What::TooLong)),
            ReadRecordResult::Record if goes_on(row) && is_unpaired(row) => {
                Err(wrong(What::Unpaired))
            }
            ReadRecordResult::Record => Ok(Next::Row { skipped, length }),
            ReadRecordResult::End => Ok(Next::End),
        }
    }
}

/// Whether a row goes over lines.
fn goes_on(row: &[u8]) -> bool {
    row.trim_ascii_end().contains(&b'\n')
}

/// Of a row that goes over lines, or that only the end of the file ended: rows may be inside it.
fn is_unpaired(row: &[u8]) -> bool {
    row.iter().filter(|byte| **byte == b'"').count() % 2 == 1
}

/// What separates the values of a table, from its first line: spreadsheets write semicolons where the
/// comma belongs to numbers.
pub(crate) fn delimiter(header: &str) -> u8 {
    let times = |byte: &u8| header.bytes().filter(|other| other == byte).count();
    // Of as many, the last in the list.
    [b'\t', b';', b',']
        .into_iter()
        .max_by_key(times)
        .unwrap_or(b',')
}

fn names(header: &str, delimiter: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .from_reader(header.as_bytes());
    let names = reader
        .headers()
        .map(|names| names.iter().map(str::to_owned).collect());
    names.unwrap_or_default()
}
