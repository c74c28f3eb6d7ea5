//! What a fact lacks: everything is noted, so that nobody has to add one thing to learn of the next.

/// What the book has under a word of the deal.
pub(super) fn in_book<'a, T>(
    word: Option<&'a str>,
    find: impl Fn(&'a str) -> Option<T>,
    what: &str,
    missing: &mut Vec<String>,
) -> Option<T> {
    match filled(word) {
        Some(word) => or_missing(find(word), missing, || {
            format!("{what}: {word:?} is not in the book")
        }),
        None => or_missing(None, missing, || what.to_owned()),
    }
}

/// A text that says something.
pub(super) fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// Notes what is not there.
pub(super) fn or_missing<T>(
    value: Option<T>,
    missing: &mut Vec<String>,
    what: impl FnOnce() -> String,
) -> Option<T> {
    if value.is_none() {
        missing.push(what());
    }
    value
}
