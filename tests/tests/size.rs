//! No file has two jobs and no function needs scrolling: what grows beyond these bounds is asked why.

use tests::all_code;

const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 60;

/// The functions of a formatted file and their lengths: each ends with a brace that stands as far
/// in as it began.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (first, line) in lines.iter().enumerate() {
        let begin = line.trim_start();
        let words = ["pub ", "pub(crate) ", "pub(super) ", "const ", "async "];
        let bare = words
            .iter()
            .fold(begin, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
        let Some(name) = bare.strip_prefix("fn ") else {
            continue;
        };
        let end = format!("{}}}", &line[..line.len() - begin.len()]);
        // What ends on its first line has no body, or an empty one.
        let last = match line.ends_with([';', '}']) {
            true => None,
            false => lines[first..].iter().position(|line| *line == end),
        };
        let name = name.split(['(', '<']).next().unwrap_or(name);
        found.push((name.to_owned(), last.map_or(1, |last| last + 1)));
    }
    found
}

#[test]
fn no_file_needs_two_names() {
    for (path, text) in all_code() {
        let lines = text.lines().count();
        assert!(lines <= LONGEST_FILE, "{}: {lines} lines", path.display());
    }
}

#[test]
fn no_function_needs_scrolling() {
    let files = all_code();
    assert!(files.len() > 100, "the files are found");
    for (path, text) in files {
        for (name, lines) in functions(&text) {
            let place = path.display();
            assert!(
                lines <= LONGEST_FUNCTION,
                "{place}: {name} has {lines} lines"
            );
        }
    }
}

#[test]
fn the_length_of_a_function_is_counted_to_its_own_brace() {
    let text =
        "impl A {\n    pub async fn a(&self) {\n        if b {\n        }\n    }\n}\nfn c() {}\n";
    assert_eq!(functions(text), [("a".to_owned(), 4), ("c".to_owned(), 1)]);
}
