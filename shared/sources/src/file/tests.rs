//! How files are cut, and which are refused.

use std::collections::BTreeMap;

use proptest::prelude::*;

use domain::book::Book;

use super::*;
use crate::reading::{Message, Reading, read};

const HEADER: &str = "event,id,changed_at,note";

fn facts() -> &'static FileFacts {
    crate::source("generic")
        .unwrap()
        .facts
        .file
        .as_ref()
        .unwrap()
}

/// The parts of a file that comes in pieces of this size, and how many rows it has.
fn cut(form: Form, file: &[u8], size: usize) -> Result<(Vec<Part>, u64), BadFile> {
    let mut cutter = Cutter::new(facts(), form);
    let mut parts = Vec::new();
    for piece in file.chunks(size) {
        parts.extend(cutter.push(piece)?);
    }
    let (last, rows) = cutter.finish()?;
    parts.extend(last);
    Ok((parts, rows))
}

#[track_caller]
fn refused(form: Form, file: &[u8]) -> BadFile {
    let whole = cut(form, file, file.len().max(1)).err();
    assert_eq!(cut(form, file, 1).err(), whole, "however it comes");
    whole.expect("it is refused")
}

/// Each row with its line.
fn rows(form: Form, file: &str) -> Vec<(u64, String)> {
    let (parts, count) = cut(form, file.as_bytes(), 7).expect("a file");
    let mut rows = Vec::new();
    for part in &parts {
        let lines = lines(&part.lines_text());
        let body: Vec<String> = match form {
            Form::Csv => part.body.lines().skip(1).map(str::to_owned).collect(),
            Form::Json => {
                let all: Vec<serde_json::Value> = serde_json::from_str(&part.body).unwrap();
                all.iter().map(ToString::to_string).collect()
            }
        };
        rows.extend(lines.into_iter().zip(body));
    }
    assert_eq!(rows.len() as u64, count);
    rows
}

#[test]
fn a_table_is_cut_by_rows_under_its_header_and_every_row_knows_its_line() {
    let mut file = format!("\u{feff}{HEADER}\r\n");
    for id in 0..120 {
        file.push_str(&format!(
            "time_entry,{id},2026-11-20T10:00:00Z,\"two\r\nlines\"\r\n\r\n"
        ));
    }
    let (parts, count) = cut(Form::Csv, file.as_bytes(), 11).unwrap();
    assert_eq!(count, 120);
    assert_eq!(
        parts.iter().map(|part| part.number).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(
        parts
            .iter()
            .map(|part| part.lines.len())
            .collect::<Vec<_>>(),
        [50, 50, 20]
    );
    for part in &parts {
        assert!(part.body.starts_with(&format!("{HEADER}\ntime_entry,")));
    }
    let lines: Vec<u64> = parts.iter().flat_map(|part| part.lines.clone()).collect();
    let expected: Vec<u64> = (0..120).map(|row| 2 + 3 * row).collect();
    assert_eq!(lines, expected);
}

#[test]
fn json_is_cut_by_objects_whether_it_is_an_array_or_one_after_the_other() {
    let array = "\n[\n {\"id\": 1},\n\n {\"id\": \"],{\"}, {\"id\":\n 3}\n]\n";
    let expected = |lines: [u64; 3]| {
        let ids = ["{\"id\":1}", "{\"id\":\"],{\"}", "{\"id\":3}"];
        lines
            .into_iter()
            .zip(ids.map(str::to_owned))
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(Form::Json, array), expected([3, 5, 5]));
    let one_by_one = "{\"id\":1}\n{\"id\":\"],{\"}\r\n\n{\"id\":3}";
    assert_eq!(rows(Form::Json, one_by_one), expected([1, 2, 4]));
    let single = "{\n \"id\": 1\n}\n";
    assert_eq!(rows(Form::Json, single), [(1, "{\"id\":1}".to_owned())]);
}

#[test]
fn no_part_is_larger_than_a_message_and_no_row_is_lost() {
    let long = "x".repeat(60_000);
    let mut file = HEADER.to_owned();
    for id in 0..7 {
        file.push_str(&format!("\nexpense,{id},2026-11-20T10:00:00Z,{long}"));
    }
    let (parts, count) = cut(Form::Csv, file.as_bytes(), 4096).unwrap();
    assert_eq!((parts.len(), count), (7, 7));
    for part in &parts {
        // Base64 is a third longer; SQS carries 256 KB.
        assert!(part.body.len() * 4 / 3 < 200 * 1024);
        assert!(part.body.len() < crate::json::MAX_BYTES);
    }
}

#[test]
fn a_header_without_rows_and_an_empty_array_are_files_without_rows() {
    for file in [HEADER.to_owned(), format!("{HEADER}\r\n\r\n")] {
        assert_eq!(rows(Form::Csv, &file), []);
    }
    assert_eq!(rows(Form::Json, "[ ]"), []);
}

#[test]
fn a_file_that_is_none_is_refused_with_the_line() {
    let table = |rows: &str| refused(Form::Csv, format!("{HEADER}\n{rows}").as_bytes());
    assert_eq!(refused(Form::Csv, b""), BadFile::Empty);
    assert_eq!(refused(Form::Csv, b"\xef\xbb\xbf\r\n"), BadFile::Empty);
    assert_eq!(refused(Form::Json, b" \n"), BadFile::Empty);
    let latin = b"event,id,changed_at,note\nexpense,1,x,ok\nexpense,2,x,caf\xe9\n";
    assert_eq!(refused(Form::Csv, latin), BadFile::NotText { line: 3 });
    let wide: Vec<u8> = "\u{feff}[{}]"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(refused(Form::Json, &wide), BadFile::NotText { line: 1 });
    let wide: Vec<u8> = "\u{feff}event,id"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(refused(Form::Csv, &wide), BadFile::NotText { line: 1 });
    let columns = "id, changed_at".replace("id, ", "");
    assert_eq!(
        refused(Form::Csv, b"event;id\n1;2"),
        BadFile::NoColumn { columns }
    );
    assert_eq!(
        refused(Form::Csv, b"event,id,changed_at,id\n"),
        BadFile::ColumnTwice
    );
    assert_eq!(
        refused(Form::Csv, b"event,id,changed_at,\0\n"),
        BadFile::NotHeader
    );
    assert_eq!(
        table("expense,1,x,\"never closed\nexpense,2,x,y\n"),
        BadFile::Unpaired { line: 2 }
    );
    let swallowed = "expense,1,x,\"never closed\nexpense,2,x,\"y\"\nexpense,3,x,y\n";
    assert_eq!(table(swallowed), BadFile::Unpaired { line: 2 });
    let long = format!("a,1,x,y\nexpense,1,x,\"{}", "line\n".repeat(20_000));
    let file = format!("{HEADER}\n{long}");
    let said = cut(Form::Csv, file.as_bytes(), 8192).err();
    assert_eq!(said, Some(BadFile::TooLong { line: 3 }));
    let many = ",".repeat(MAX_COLUMNS + 1);
    assert_eq!(
        table(&format!("\n{many}")),
        BadFile::TooManyColumns { line: 3 }
    );
}

#[test]
fn json_that_is_cut_off_or_no_object_is_refused_with_the_line() {
    for (file, line) in [
        ("[{},\n{]", 2),
        ("[{}\n{}]", 2),
        ("[{}", 1),
        ("{\"a\":\n\n}", 3),
        ("{} x", 1),
        ("[{}]\n{}", 2),
    ] {
        assert_eq!(
            refused(Form::Json, file.as_bytes()),
            BadFile::NotJson { line },
            "{file}"
        );
    }
    for (file, line) in [("[1]", 1), ("[{},\n\"x\"]", 2), ("true", 1), ("[[{}]]", 1)] {
        assert_eq!(
            refused(Form::Json, file.as_bytes()),
            BadFile::NotObject { line },
            "{file}"
        );
    }
}

#[test]
fn a_file_beyond_the_limits_is_refused_and_its_beginning_is_all_that_is_kept() {
    let mut cutter = Cutter::new(facts(), Form::Csv);
    cutter.push(format!("{HEADER}\n").as_bytes()).unwrap();
    let rows = "expense,1,x,y\n".repeat(1000);
    let mut last = Ok(Vec::new());
    for _ in 0..=MAX_ROWS / 1000 {
        last = cutter.push(rows.as_bytes());
        assert!(cutter.pending.len() < rows.len());
    }
    assert_eq!(last.err(), Some(BadFile::TooManyRows));
    let mut cutter = Cutter::new(facts(), Form::Json);
    let blank = vec![b' '; 1024 * 1024];
    for _ in 0..MAX_BYTES / 1024 / 1024 {
        assert!(cutter.push(&blank).is_ok());
    }
    assert_eq!(cutter.push(b" ").err(), Some(BadFile::TooLarge));
}

#[test]
fn semicolons_and_tabs_separate_as_the_header_says() {
    for (by, file) in [
        (b';', "event;id;changed_at;note"),
        (b'\t', "event\tid\tchanged_at"),
        (b',', HEADER),
    ] {
        assert_eq!(delimiter(file), by);
        assert_eq!(rows(Form::Csv, file), []);
    }
}

/// What a source reads of a part is one event per row, in the order of the lines: a bad row is one of
/// its own.
#[test]
fn every_source_whose_files_are_dropped_reads_one_event_per_row() {
    let book = Book::parse(domain::book::DEMO).unwrap();
    let form = |source: &crate::Source, form, file: &str| {
        let file_facts = source.facts.file.as_ref().unwrap();
        let mut cutter = Cutter::new(file_facts, form);
        cutter.push(file.as_bytes()).unwrap();
        let (parts, _) = cutter.finish().unwrap();
        let part = parts.first().unwrap();
        let message = Message {
            account: "north",
            received_at: "2026-11-22T12:00:00Z".parse().unwrap(),
            headers: &BTreeMap::new(),
            body: part.body.as_bytes(),
        };
        let readings = read(source, &book, &message).unwrap();
        assert_eq!(readings.len(), part.lines.len(), "{}", source.name());
        readings
    };
    let dropped = crate::all().filter(|source| source.facts.file.is_some());
    for source in dropped {
        let columns = source.facts.file.as_ref().unwrap().columns.join(";");
        let table = format!("{columns}\n;\n\"a\nb\";c;d\n;;\0\nshort\n");
        let readings = form(source, Form::Csv, &table);
        let bad = |one: &&Reading| matches!(one, Reading::Unreadable(_));
        assert!(readings.iter().filter(bad).count() >= 3, "{readings:?}");
        form(source, Form::Json, "[{},\n{\"id\":1}]");
    }
}

proptest! {
    /// However the bytes arrive, the parts are the same.
    #[test]
    fn the_pieces_in_which_a_file_arrives_change_nothing(
        file in "(event,id,changed_at\n)?[\\[\\]{}\",;:a\n\r \0é]{0,200}",
        size in 1usize..40,
    ) {
        for form in [Form::Csv, Form::Json] {
            let whole = cut(form, file.as_bytes(), file.len().max(1));
            let pieces = cut(form, file.as_bytes(), size);
            match (whole, pieces) {
                (Ok(one), Ok(other)) => prop_assert!(one == other),
                (Err(one), Err(other)) => prop_assert_eq!(one, other),
                _ => prop_assert!(false, "one of them is refused"),
            }
        }
    }
}
