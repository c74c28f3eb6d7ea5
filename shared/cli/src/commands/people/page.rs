//! Lines for a terminal of eighty columns. Colours are written always and taken out by `anstream`
//! where nobody sees them: in a pipe, or when `NO_COLOR` is set.

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use serde_json::Value;

/// What every terminal has.
pub const COLUMNS: usize = 80;

/// A space at which no line is broken; it is printed as any other.
const UNBROKEN: char = '\u{a0}';

/// What is asked about, and headings.
pub const STRONG: Style = Style::new().bold();
/// What is less important.
pub const FAINT: Style = Style::new().dimmed();
/// What went well.
const GOOD: Style = AnsiColor::Green.on_default();
/// What will go on by itself.
const WAITS: Style = AnsiColor::Yellow.on_default();
/// What a person must end.
const STOPPED: Style = AnsiColor::Red.on_default();

/// A text that grows line by line.
#[derive(Debug, Default)]
pub struct Page(String);

impl Page {
    /// Adds one line as it is, for commands that are copied.
    pub fn line(&mut self, text: &str) {
        self.0.push_str(text.trim_end());
        self.0.push('\n');
    }

    /// Adds a text in lines of at most eighty columns: the first begins with `first`, every other
    /// one with `next`.
    pub fn wrapped(&mut self, first: &str, next: &str, text: &str) {
        for line in wrap(first, next, text) {
            self.line(&line);
        }
    }

    /// The same, with some of its words in a style.
    pub fn styled(&mut self, first: &str, next: &str, text: &str, styles: &[(&str, Style)]) {
        let mut left = styles.to_vec();
        for mut line in wrap(first, next, text) {
            left.retain(|(words, style)| {
                let words = words.replace(UNBROKEN, " ");
                let found = !words.is_empty() && line.contains(&words);
                if found {
                    line = line.replacen(&words, &format!("{style}{words}{style:#}"), 1);
                }
                !found
            });
            self.line(&line);
        }
    }

    /// Prints it.
    pub fn print(&self) {
        anstream::print!("{}", self.0);
    }

    /// Its text without colours.
    #[cfg(test)]
    pub fn plain(&self) -> String {
        anstream::adapter::strip_str(&self.0).to_string()
    }
}

fn wrap(first: &str, next: &str, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in text.split(' ') {
        let width = line.chars().count() + 1 + word.chars().count();
        if !is_empty && width > COLUMNS {
            lines.push(std::mem::replace(&mut line, next.to_owned()));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    let spaced = lines.iter().map(|line| line.replace(UNBROKEN, " "));
    spaced.collect()
}

/// The colour of a state, by the word it begins with.
pub fn colour(state: &str) -> Style {
    let begins = |words: &[&str]| words.iter().any(|word| state.starts_with(word));
    if begins(&[
        "held",
        "in Odoo; a later",
        "not taken",
        "refused",
        "uncertain",
    ]) {
        return STOPPED;
    }
    if begins(&[
        "waits",
        "waiting",
        "pending",
        "being sent",
        "working",
        "not ",
    ]) {
        return WAITS;
    }
    if begins(&[
        "in Odoo",
        "confirmed",
        "linked",
        "drafted",
        "posted",
        "paid",
    ]) {
        return GOOD;
    }
    Style::new()
}

/// How long ago, as people say it.
pub fn age(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A time of an answer, to the second; no line is broken in it.
pub fn time(value: &Value, name: &str) -> Option<String> {
    let instant: Timestamp = value.get(name)?.as_str()?.parse().ok()?;
    let time = instant.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    Some(time.replace(' ', &UNBROKEN.to_string()))
}

/// The elements of an answer's list.
pub fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A text of an answer, when it is there.
pub fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

/// A number of an answer; what is missing is none.
pub fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or_default()
}

/// Anything of an answer as a word; a dash for what is missing.
pub fn word(value: &Value, name: &str) -> String {
    match value.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => "-".to_owned(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_before_the_eighty_first_column() {
        let mut page = Page::default();
        page.wrapped("├─ ", "│  ", &"words ".repeat(40));
        let plain = page.plain();
        assert!(plain.lines().count() > 2);
        assert!(plain.lines().all(|line| line.chars().count() <= COLUMNS));
        assert!(plain.lines().skip(1).all(|line| line.starts_with('│')));
    }

    #[test]
    fn an_age_is_said_in_the_largest_whole_unit() {
        let said = [5, 60, 200, 3599, 3600, 90_000].map(age);
        assert_eq!(said, ["5 s", "1 min", "3 min", "59 min", "1 h", "1 d"]);
    }
}
