//! The day on which this version of the API ends, told with every answer before.
//!
//! <https://www.rfc-editor.org/rfc/rfc8594>

use aws_lambda_events::http::{HeaderMap, HeaderValue};
use jiff::civil::Date;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::tz::TimeZone;

use crate::{BadEnvironment, Environment};

/// The variable that names the day.
const VARIABLE: &str = "API_SUNSET";

/// A version of the API that ends; none when nobody has said that it does.
#[derive(Debug, Clone, Default)]
pub struct Sunset(Option<HeaderValue>);

impl Sunset {
    /// Reads the day, for example `2027-06-30`: the version ends when that day begins in UTC.
    ///
    /// # Errors
    /// When it is no day.
    pub fn read(environment: &Environment) -> Result<Self, BadEnvironment> {
        let Some(day) = environment.optional(VARIABLE) else {
            return Ok(Self(None));
        };
        let header = |day: Date| {
            let midnight = day.to_zoned(TimeZone::UTC).ok()?.timestamp();
            let text = DateTimePrinter::new().timestamp_to_rfc9110_string(&midnight);
            HeaderValue::from_str(&text.ok()?).ok()
        };
        let ends = day.parse().ok().and_then(header);
        match ends {
            Some(ends) => Ok(Self(Some(ends))),
            None => Err(BadEnvironment {
                name: VARIABLE.to_owned(),
                problem: "it is not a day like 2027-06-30".to_owned(),
            }),
        }
    }

    /// Says so in an answer.
    pub fn tell(&self, headers: &mut HeaderMap) {
        if let Self(Some(ends)) = self {
            headers.insert("sunset", ends.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(day: &str) -> Option<String> {
        let environment = Environment::of([(VARIABLE, day)]);
        let mut headers = HeaderMap::new();
        Sunset::read(&environment).unwrap().tell(&mut headers);
        let value = headers.get("sunset")?.to_str().unwrap();
        Some(value.to_owned())
    }

    #[test]
    fn an_answer_says_when_its_version_ends() {
        let ends = header("2027-06-30");
        assert_eq!(ends.as_deref(), Some("Wed, 30 Jun 2027 00:00:00 GMT"));
        assert_eq!(header(""), None);
        let environment = Environment::of([(VARIABLE, "30.6.2027")]);
        let error = Sunset::read(&environment).unwrap_err().to_string();
        assert!(error.contains("API_SUNSET"), "{error}");
    }
}
