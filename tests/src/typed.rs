//! A page's commands, typed by a person while a world runs, and the answers that the page promises.

use std::process::Command;

use cli::running::RunningWorld;

use crate::pages::Page;
use crate::root;

/// Runs a page's commands except some, in their order. Every line of a block of text must be in the
/// answer of the commands before it, in its order: from its beginning, with other times and ids.
///
/// # Panics
/// When a command fails, or answers something else.
pub fn page_answers_as_it_says(page: &Page, world: &RunningWorld, except: &[&str]) {
    let mut said = String::new();
    for (language, block) in page.fenced() {
        match language.as_str() {
            "sh" => {
                let commands = block.lines().filter(|line| !except.contains(line));
                said = commands.map(|line| typed(line, world)).collect();
            }
            "text" => holds(&said, &block),
            _ => {}
        }
    }
}

/// What a command prints; it must succeed.
fn typed(line: &str, world: &RunningWorld) -> String {
    let output = Command::new("bash")
        .args(["-c", line])
        .current_dir(root())
        .env("TENON_API_URL", &world.api_url)
        .env("AWS_ACCESS_KEY_ID", &world.person.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &world.person.secret_access_key)
        .output()
        .expect("bash starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {error}");
    String::from_utf8(output.stdout).expect("an answer is text")
}

fn holds(said: &str, promised: &str) {
    let mut lines = said.lines().map(masked);
    for promise in promised.lines().map(masked) {
        let found = lines.any(|line| line.starts_with(&promise));
        assert!(found, "the page says\n{promise}\nbut the answer is\n{said}");
    }
}

/// The line with what differs from day to day in one form: dates, times, ids and versions, of books too.
fn masked(line: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_end_matches(',');
        let shape: String = bare.chars().map(digit_or_self).collect();
        let hyphens = bare.chars().filter(|c| *c == '-').count();
        let hex = bare.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
        // A delivery, or the version of a book.
        let id = hex && matches!((bare.len(), hyphens), (36, 4) | (12, 0));
        let known = ["0000-00-00", "00:00", "00:00:00", "0000000000000"];
        match id || known.contains(&shape.as_str()) {
            true => "…".to_owned(),
            false => word.to_owned(),
        }
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn digit_or_self(c: char) -> char {
    match c.is_ascii_digit() {
        true => '0',
        false => c,
    }
}
