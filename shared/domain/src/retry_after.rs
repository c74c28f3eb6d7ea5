//! For how long a server asks to be left alone.

use std::time::Duration;

use jiff::fmt::rfc2822;

/// What `Retry-After` says: seconds, or a date, which is measured from the server's own clock (`Date`).
/// None for what is neither, and for a time that is over.
/// <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>
pub fn retry_after(said: &str, date: Option<&str>) -> Option<Duration> {
    let said = said.trim();
    if let Ok(seconds) = said.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = rfc2822::parse(said).ok()?;
    let now = rfc2822::parse(date?).ok()?;
    then.duration_since(&now).try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_in_seconds_and_as_a_date() {
        let date = Some("Sun, 22 Nov 2026 17:00:00 GMT");
        let wait = |said| retry_after(said, date).map(|wait| wait.as_secs());
        assert_eq!(wait("30"), Some(30));
        assert_eq!(wait(" 30 "), Some(30));
        assert_eq!(wait("Sun, 22 Nov 2026 17:01:30 GMT"), Some(90));
        assert_eq!(wait("Sun, 22 Nov 2026 16:59:00 GMT"), None);
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("-1"), None);
        assert_eq!(retry_after("Sun, 22 Nov 2026 17:01:30 GMT", None), None);
    }
}
