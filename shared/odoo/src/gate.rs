//! The gate that every call passes, and what an answer says about the next call.

use domain::gate::{Entering, Gatekeeper, Leaving, Pass, Went};

use crate::OdooError;
use crate::error::is_from_odoo;
use crate::exchange::Answer;

/// No gate: for whoever has an Odoo alone, such as the command line.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoGate;

impl Gatekeeper for NoGate {
    fn enter(&self) -> Entering<'_> {
        let token = String::new();
        Box::pin(std::future::ready(Ok(Pass { token })))
    }

    fn leave(&self, _: Pass, _: Went) -> Leaving<'_> {
        Box::pin(std::future::ready(()))
    }
}

/// How a call went, as far as the next one is concerned: only Odoo's own answers count as such.
pub(crate) fn went(outcome: &Result<Answer, OdooError>) -> Went {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(OdooError::Unreachable(_) | OdooError::NoAnswer { .. }) => return Went::Failed,
        Err(_) => return Went::Answered,
    };
    match (answer.status, answer.retry_after) {
        (429 | 503, Some(wait)) => Went::AskedToWait(wait),
        (404 | 429 | 500.., _) if !is_from_odoo(&answer.body) => Went::Failed,
        _ => Went::Answered,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_what_does_not_come_from_odoo_counts_as_a_failure() {
        let fault = r#"{"name":"odoo.exceptions.ValidationError","message":"no"}"#;
        let wait = Some(Duration::from_secs(30));
        for (status, retry_after, body, expected) in [
            (200, None, "[]", Went::Answered),
            (500, None, fault, Went::Answered),
            (403, None, "<html>", Went::Answered),
            (502, None, "<html>", Went::Failed),
            (503, None, "<html>", Went::Failed),
            (404, None, "<html>", Went::Failed),
            (429, None, "<html>", Went::Failed),
            (429, wait, "", Went::AskedToWait(Duration::from_secs(30))),
            (503, wait, "", Went::AskedToWait(Duration::from_secs(30))),
            (502, wait, "", Went::Failed),
        ] {
            let body = body.as_bytes().to_vec();
            let answer = Ok(Answer {
                status,
                retry_after,
                body,
            });
            assert_eq!(went(&answer), expected, "{status}");
        }
        let how = "it took too long".to_owned();
        assert_eq!(went(&Err(OdooError::NoAnswer { how })), Went::Failed);
        let reason = "too large".to_owned();
        assert_eq!(went(&Err(OdooError::Unreadable { reason })), Went::Answered);
    }
}
