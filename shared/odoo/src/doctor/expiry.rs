//! When the API keys of a user end.

use jiff::Span;
use jiff::civil::{Date, DateTime};
use serde::Deserialize;
use serde_json::json;

use super::finding::{Examination, Finding};
use super::users::{Known, failed};
use crate::answer::OrFalse;
use crate::{Context, Odoo, OdooError};

/// A key that ends sooner than this should be replaced now.
const DAYS: i64 = 14;
/// How Odoo writes an instant.
const INSTANT: &str = "%Y-%m-%d %H:%M:%S";

#[derive(Deserialize)]
struct Key {
    expiration_date: OrFalse<String>,
}

/// Looks at all keys of the user: Odoo does not tell which of them we use.
pub(super) async fn examine(odoo: &Odoo, user: &Known, today: Date, examination: &mut Examination) {
    let check = format!("{} key", user.name);
    let arguments = json!({"domain": [["user_id", "=", user.id]], "fields": ["expiration_date"]});
    let keys: Result<Vec<Key>, OdooError> = odoo
        .call(
            "res.users.apikeys",
            "search_read",
            &Context::companies(&[]),
            arguments,
        )
        .await;
    let keys = match keys {
        Ok(keys) => keys,
        Err(error) => {
            examination.findings.extend(failed(check, Some(error)));
            return;
        }
    };
    if let Some(end) = soon(&keys, today) {
        examination.add(Finding::warning(
            check,
            format!("an API key of user {} ends on {end}", user.id),
            "if it is the one in use, make a new one and put it in its place",
        ));
    }
}

/// The first day on which a key ends, if that is soon.
fn soon(keys: &[Key], today: Date) -> Option<Date> {
    let ends = keys.iter().filter_map(|key| {
        let text = key.expiration_date.0.as_deref()?;
        DateTime::strptime(INSTANT, text).ok().map(DateTime::date)
    });
    let limit = today.saturating_add(Span::new().days(DAYS));
    ends.min().filter(|end| *end <= limit)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_first_key_that_ends_within_two_weeks_is_told() {
        let keys = |text: &str| serde_json::from_str::<Vec<Key>>(text).unwrap();
        let two = keys(
            r#"[{"expiration_date":"2026-12-24 08:00:00"},{"expiration_date":"2026-12-05 00:00:00"}]"#,
        );
        assert_eq!(soon(&two, date(2026, 11, 22)), Some(date(2026, 12, 5)));
        assert_eq!(soon(&two, date(2026, 11, 20)), None);
        let endless = keys(r#"[{"expiration_date":false}]"#);
        assert_eq!(soon(&endless, date(2026, 11, 22)), None);
    }
}
