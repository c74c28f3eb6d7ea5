//! What a failed call means, and what may be done next.

use std::error::Error;
use std::sync::Arc;

use domain::NextStep;
use domain::gate::NotNow;
use domain::judge::Objection;
use jiff::Timestamp;
use serde::Deserialize;

use crate::exchange::Answer;

/// Longer messages are cut: they end up in lists that people read.
const MESSAGE_CHARACTERS: usize = 300;

/// Why a flow did not end well.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OdooError {
    /// No connection: nothing was sent.
    #[error("Odoo could not be reached")]
    Unreachable(#[source] Arc<dyn Error + Send + Sync>),
    /// The gate did not let the call through: nothing was sent.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// It was sent and no usable answer came back: Odoo works on after a client has left.
    #[error("Odoo did not answer ({how})")]
    NoAnswer {
        /// What came instead.
        how: String,
    },
    /// Odoo rolled it back because somebody else was faster, or is starting.
    #[error("Odoo is busy: {message}")]
    Busy {
        /// Odoo's own words.
        message: String,
    },
    /// A rule of Odoo is against it.
    #[error("Odoo refused: {message}")]
    Refused {
        /// Odoo's own words.
        message: String,
    },
    /// Our key or its user's rights do not suffice.
    #[error("Odoo does not allow it: {message}")]
    NotAllowed {
        /// Odoo's own words.
        message: String,
    },
    /// One record alone is more than a server in between lets through.
    #[error(
        "the request is too large for Odoo's web server: raise its limit (nginx: client_max_body_size)"
    )]
    TooLarge,
    /// Our own code failed on the record, before anything was sent.
    #[error("a defect of ours: {what}; tell whoever maintains this installation")]
    Defect {
        /// What it was doing.
        what: &'static str,
    },
    /// The caller's time is nearly over: nothing was sent.
    #[error("no time was left for another call to Odoo")]
    OutOfTime,
    /// Our key is not known, or has expired.
    #[error("Odoo does not know our API key, or it has expired: put a new one into the secret")]
    KeyRefused,
    /// What is in Odoo is not what was expected.
    #[error("not as expected in Odoo: {}", differences.join("; "))]
    Differs {
        /// Each in words for people, without names of persons.
        differences: Vec<String>,
    },
    /// What is in Odoo leaves a question that only a person can answer.
    #[error("{}: {}", .0.sentence, .0.items.join("; "))]
    Asked(Box<Objection>),
    /// An answer that we do not understand.
    #[error("Odoo's answer could not be read: {reason}")]
    Unreadable {
        /// What is wrong with it.
        reason: String,
    },
}

impl OdooError {
    /// What the caller may do.
    pub const fn next_step(&self) -> NextStep {
        match self {
            Self::Unreachable(_)
            | Self::NotNow(_)
            | Self::OutOfTime
            | Self::Busy { .. }
            | Self::KeyRefused => NextStep::Retry,
            // What was asked for may have been done all the same.
            Self::NoAnswer { .. } | Self::Unreadable { .. } => NextStep::LookFirst,
            Self::Refused { .. } => NextStep::Reject,
            Self::NotAllowed { .. }
            | Self::TooLarge
            | Self::Defect { .. }
            | Self::Differs { .. }
            | Self::Asked(_) => NextStep::Park,
        }
    }

    /// Whether another record may well be taken.
    pub const fn is_about_the_record(&self) -> bool {
        match self {
            Self::Refused { .. }
            | Self::NotAllowed { .. }
            | Self::TooLarge
            | Self::Defect { .. }
            | Self::Differs { .. }
            | Self::Asked(_) => true,
            Self::Unreachable(_)
            | Self::NotNow(_)
            | Self::KeyRefused
            | Self::OutOfTime
            | Self::NoAnswer { .. }
            | Self::Busy { .. }
            | Self::Unreadable { .. } => false,
        }
    }

    /// For what would have been sent after a call that failed: that much is certain about it.
    #[must_use]
    pub fn of_what_was_not_sent(self) -> Self {
        match self {
            Self::NoAnswer { .. } | Self::Unreadable { .. } => Self::Busy {
                message: "it did not answer the call before; this was not sent".to_owned(),
            },
            error @ (Self::Unreachable(_)
            | Self::NotNow(_)
            | Self::KeyRefused
            | Self::OutOfTime
            | Self::Busy { .. }
            | Self::Refused { .. }
            | Self::NotAllowed { .. }
            | Self::TooLarge
            | Self::Defect { .. }
            | Self::Differs { .. }
            | Self::Asked(_)) => error,
        }
    }

    /// Until when it makes no sense to try again, when that is known.
    pub const fn rest_until(&self) -> Option<Timestamp> {
        match self {
            Self::NotNow(not_now) => Some(not_now.until()),
            Self::Unreachable(_)
            | Self::KeyRefused
            | Self::OutOfTime
            | Self::NoAnswer { .. }
            | Self::Busy { .. }
            | Self::Refused { .. }
            | Self::NotAllowed { .. }
            | Self::TooLarge
            | Self::Defect { .. }
            | Self::Differs { .. }
            | Self::Asked(_)
            | Self::Unreadable { .. } => None,
        }
    }

    pub(crate) fn differs(difference: impl Into<String>) -> Self {
        Self::Differs {
            differences: vec![difference.into()],
        }
    }

    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::Refused {
            message: message.into(),
        }
    }

    /// Without a text that Odoo may repeat, such as a person's name.
    pub(crate) fn without(self, text: &str) -> Self {
        match self {
            Self::Refused { message } if !text.is_empty() => Self::Refused {
                message: message.replace(text, "[personal]"),
            },
            error @ (Self::Refused { .. }
            | Self::Unreachable(_)
            | Self::NotNow(_)
            | Self::KeyRefused
            | Self::OutOfTime
            | Self::NoAnswer { .. }
            | Self::Busy { .. }
            | Self::NotAllowed { .. }
            | Self::TooLarge
            | Self::Defect { .. }
            | Self::Differs { .. }
            | Self::Asked(_)
            | Self::Unreadable { .. }) => error,
        }
    }

    /// A call that ended without an answer.
    pub(crate) fn of_transport(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_connect() {
            return Self::Unreachable(Arc::new(error));
        }
        let how = if error.is_timeout() {
            "it took too long"
        } else {
            "the connection broke"
        };
        Self::NoAnswer {
            how: how.to_owned(),
        }
    }

    /// An answer whose status is not 2xx. Odoo's statuses alone mislead: a misspelt field is a 500
    /// and a database that is starting is a 404, so the body's `name` decides.
    pub(crate) fn of_answer(answer: &Answer) -> Self {
        match serde_json::from_slice::<Fault>(&answer.body) {
            Ok(fault) => Self::of_fault(&fault.name, &fault.message),
            // Who says when to come back has not done it.
            Err(_) if answer.status == 503 && answer.retry_after.is_some() => Self::Busy {
                message: "HTTP 503, come back later".to_owned(),
            },
            Err(_) => Self::of_foreign_answer(answer.status),
        }
    }

    fn of_fault(name: &str, message: &str) -> Self {
        let last = name.rsplit('.').next().unwrap_or(name);
        let message = cleaned(message);
        if name.starts_with("psycopg2.") || last == "LockError" || is_conflict(&message) {
            return Self::Busy { message };
        }
        match last {
            "Unauthorized" | "AccessDenied" => Self::KeyRefused,
            "AccessError" | "Forbidden" => Self::NotAllowed { message },
            "RequestEntityTooLarge" => Self::TooLarge,
            _ => Self::Refused { message },
        }
    }

    /// Not Odoo's JSON: its web server before a database is chosen, or a proxy.
    fn of_foreign_answer(status: u16) -> Self {
        match status {
            404 | 429 => Self::Busy {
                message: format!(
                    "HTTP {status} without Odoo's error, its database may be starting"
                ),
            },
            500.. => Self::NoAnswer {
                how: format!("HTTP {status} without Odoo's error"),
            },
            // Whoever redirects has not done it, and is not told our key.
            300..=399 => Self::Busy {
                message: format!(
                    "HTTP {status}: something before Odoo redirects, so the address is not Odoo's own"
                ),
            },
            413 => Self::TooLarge,
            401 => Self::KeyRefused,
            403 => Self::NotAllowed {
                message: format!("HTTP {status}"),
            },
            _ => Self::Unreadable {
                reason: format!("HTTP {status} without Odoo's error"),
            },
        }
    }

    /// The messages of `load`, which answers HTTP 200 for every failure. Odoo tries on after a
    /// bad cell, so a missing right can be the mere consequence of one: the cell is what counts.
    pub(crate) fn of_load<'a>(messages: impl Iterator<Item = &'a str>) -> Self {
        let messages: Vec<String> = messages.map(cleaned).collect();
        if let Some(conflict) = messages.iter().find(|text| is_conflict(text)) {
            return Self::Busy {
                message: conflict.clone(),
            };
        }
        let is_denial = |text: &&String| DENIALS.iter().any(|start| text.starts_with(start));
        let (denials, refusals): (Vec<&String>, Vec<&String>) =
            messages.iter().partition(is_denial);
        match (refusals.first(), denials.first()) {
            (Some(text), _) => Self::refused(*text),
            (None, Some(text)) => Self::NotAllowed {
                message: (*text).clone(),
            },
            (None, None) => Self::refused("load gave no reason"),
        }
    }
}

/// How Odoo's texts about missing rights begin: `load` answers texts only.
const DENIALS: [&str; 3] = [
    "You are not allowed to",
    "You do not have enough rights",
    "Uh-oh! Looks like you have stumbled",
];

/// Whether a body is Odoo's own report of a failure.
pub(crate) fn is_from_odoo(body: &[u8]) -> bool {
    serde_json::from_slice::<Fault>(body).is_ok()
}

#[derive(Deserialize)]
struct Fault {
    name: String,
    message: String,
}

/// Two writers met: the loser was rolled back. The second text is how the loser of a race for one
/// project hears of it.
fn is_conflict(message: &str) -> bool {
    [
        "could not serialize access",
        "could not obtain lock",
        "deadlock detected",
        "Another model is using the record you are trying to delete",
        "ir_model_data_module_name",
    ]
    .iter()
    .any(|text| message.contains(text))
}

/// One line, without SQL details and e-mail addresses.
fn cleaned(message: &str) -> String {
    let public = message.split("DETAIL:").next().unwrap_or_default();
    let words: Vec<&str> = public
        .split_whitespace()
        .map(|word| if word.contains('@') { "[e-mail]" } else { word })
        .collect();
    words.join(" ").chars().take(MESSAGE_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            retry_after: None,
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn the_name_of_a_failure_decides_not_its_status() {
        for (status, name, next) in [
            (500, "builtins.ValueError", NextStep::Reject),
            (500, "psycopg2.errors.SerializationFailure", NextStep::Retry),
            (409, "odoo.exceptions.LockError", NextStep::Retry),
            (422, "odoo.exceptions.UserError", NextStep::Reject),
            (404, "odoo.exceptions.MissingError", NextStep::Reject),
            (403, "odoo.exceptions.AccessError", NextStep::Park),
            (401, "werkzeug.exceptions.Unauthorized", NextStep::Retry),
        ] {
            let body = format!(r#"{{"name":"{name}","message":"m","debug":"secret traceback"}}"#);
            let error = OdooError::of_answer(&answer(status, &body));
            assert_eq!(error.next_step(), next, "{name}");
            assert!(
                !format!("{error:?} {error}").contains("traceback"),
                "{error:?}"
            );
        }
        for (status, next) in [
            (404, NextStep::Retry),
            (502, NextStep::LookFirst),
            (302, NextStep::Retry),
        ] {
            let error = OdooError::of_answer(&answer(status, "<html>"));
            assert_eq!(error.next_step(), next, "{status}");
        }
        let later = Answer {
            retry_after: Some(Duration::from_secs(30)),
            ..answer(503, "<html>")
        };
        assert_eq!(OdooError::of_answer(&later).next_step(), NextStep::Retry);
    }

    #[test]
    fn a_message_carries_no_row_and_no_address() {
        let text = "duplicate key\nDETAIL: Key (email)=(jane@doe.example) exists. jane@doe.example";
        let error = OdooError::of_load([text].into_iter());
        assert_eq!(error.to_string(), "Odoo refused: duplicate key");
        let error = OdooError::of_load(["no <jane@doe.example> here"].into_iter());
        assert_eq!(error.to_string(), "Odoo refused: no [e-mail] here");
    }
}
