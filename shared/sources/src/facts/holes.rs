//! Reading the facts of a file, and refusing those that open a hole.

use super::{Facts, Key, Part, Payload};

/// Facts that cannot be used. The file is named first, so that the fix is found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactsError {
    /// Not TOML, an unknown key, or a missing one.
    #[error("{file}: {message}")]
    Unreadable {
        /// The file.
        file: &'static str,
        /// What the reader says, with line and key.
        message: String,
    },
    /// A fact that contradicts another one or opens a hole.
    #[error("{file}: {field}: {fix}")]
    Unsafe {
        /// The file.
        file: &'static str,
        /// The field.
        field: &'static str,
        /// What to write instead.
        fix: &'static str,
    },
}

impl Facts {
    /// Reads and checks the facts of one file.
    pub fn parse(file: &'static str, text: &str) -> Result<Self, FactsError> {
        let facts: Self = toml::from_str(text).map_err(|error| FactsError::Unreadable {
            file,
            message: error.to_string(),
        })?;
        match facts.hole() {
            Some((field, fix)) => Err(FactsError::Unsafe { file, field, fix }),
            None => Ok(facts),
        }
    }

    /// The first fact that would let something through, or lose something without anybody knowing.
    fn hole(&self) -> Option<(&'static str, &'static str)> {
        self.hole_in_proof()
            .or_else(|| self.hole_in_message())
            .or_else(|| self.hole_in_delivery())
    }

    fn hole_in_proof(&self) -> Option<(&'static str, &'static str)> {
        if !self.verify.signed.contains(&Part::Body) {
            return Some((
                "verify.signed",
                "add { part = \"body\" }: it must be covered",
            ));
        }
        // A time that is not signed can be written anew by whoever replays the message.
        if self.verify.timestamp.is_some() != self.verify.signed.contains(&Part::Timestamp) {
            return Some((
                "verify.timestamp",
                "a replay window needs { part = \"timestamp\" } in verify.signed, and the reverse",
            ));
        }
        match &self.verify.key {
            Key::Sha256OfFetched { allowed_hosts, .. }
                if allowed_hosts.iter().any(|host| !is_narrow(host)) =>
            {
                Some((
                    "verify.key.allowed_hosts",
                    "name the vendor's domain after *.",
                ))
            }
            Key::Sha256OfFetched { .. } | Key::Text => None,
        }
    }

    fn hole_in_message(&self) -> Option<(&'static str, &'static str)> {
        let message = &self.message;
        if !message.event_type.signed && message.payload == Payload::Fat {
            return Some((
                "message.event_type.signed",
                "an unsigned type needs payload = \"thin\": the record is fetched first",
            ));
        }
        let counts = |place: &String| place.to_ascii_lowercase().contains("attempt");
        if message.dedup.is_empty() || message.dedup.iter().any(counts) {
            return Some((
                "message.dedup",
                "name what identifies one event, without counters of attempts",
            ));
        }
        message
            .keep_headers
            .contains(&self.verify.signature.header)
            .then_some(("message.keep_headers", "a signature is not kept"))
    }

    fn hole_in_delivery(&self) -> Option<(&'static str, &'static str)> {
        if !self.retries_on(self.answers.busy) {
            return Some(("answers.busy", "choose a status of delivery.retried"));
        }
        let lost = self.delivery.loses_events && self.delivery.reconcile_seconds == 0;
        lost.then_some((
            "delivery.reconcile_seconds",
            "a source that loses events is pulled",
        ))
    }

    fn retries_on(&self, status: u16) -> bool {
        let class = format!("{}xx", status / 100);
        let status = status.to_string();
        self.delivery
            .retried
            .iter()
            .any(|retried| *retried == status || *retried == class)
    }
}

/// Whether a host pattern stays within one registered domain.
fn is_narrow(host: &str) -> bool {
    let domain = host.strip_prefix("*.").unwrap_or(host);
    !domain.contains('*') && domain.split('.').filter(|label| !label.is_empty()).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUBSPOT: &str = include_str!("../hubspot/hubspot.toml");
    const CONNECTWISE: &str = include_str!("../connectwise/connectwise.toml");

    fn refuse(text: &str, from: &str, to: &str) -> String {
        assert!(text.contains(from), "{from}");
        Facts::parse("x.toml", &text.replacen(from, to, 1))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_mistake_names_file_and_field() {
        let typo = refuse(HUBSPOT, "tolerance_seconds", "tolerance_second");
        assert!(typo.starts_with("x.toml: "), "{typo}");
        assert!(typo.contains("tolerance_second"), "{typo}");
        assert!(refuse(HUBSPOT, "part = \"body\"", "part = \"bodi\"").contains("bodi"));
        assert!(refuse(HUBSPOT, "hmac_sha256", "hmac_md5").contains("hmac_md5"));
    }

    #[test]
    fn facts_that_open_a_hole_are_refused() {
        let body = refuse(HUBSPOT, "    { part = \"body\" },\n", "");
        assert!(body.contains("verify.signed"), "{body}");
        let unsigned = refuse(HUBSPOT, "    { part = \"timestamp\" },\n", "");
        assert!(unsigned.contains("verify.timestamp"), "{unsigned}");
        for wide in ["*", "*.net", "*.*.net"] {
            let hosts = refuse(CONNECTWISE, "*.myconnectwise.net", wide);
            assert!(hosts.contains("allowed_hosts"), "{hosts}");
        }
        let counter = refuse(HUBSPOT, "\"/eventId\"", "\"/attemptNumber\"");
        assert!(counter.contains("message.dedup"), "{counter}");
        let kept = refuse(
            CONNECTWISE,
            "keep_headers = []",
            "keep_headers = [\"x-content-signature\"]",
        );
        assert!(kept.contains("keep_headers"), "{kept}");
        let busy = refuse(CONNECTWISE, "busy = 429", "busy = 503");
        assert!(busy.contains("answers.busy"), "{busy}");
        let kind = refuse(CONNECTWISE, "signed = true", "signed = false");
        assert!(kind.contains("event_type.signed"), "{kind}");
        let pull = refuse(
            HUBSPOT,
            "reconcile_seconds = 21600",
            "reconcile_seconds = 0",
        );
        assert!(pull.contains("reconcile_seconds"), "{pull}");
    }
}
