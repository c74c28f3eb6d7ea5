//! What a source wants to hear besides a status.

use crate::Source;
use crate::facts::delivery::{Acknowledge, Handshake};
use crate::json::{self, Object};
use crate::verify::{Headers, Verified};

const SOAP_ACK: &str = concat!(
    "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>",
    "<notificationsResponse xmlns=\"http://soap.sforce.com/2005/09/outbound\"><Ack>true</Ack></notificationsResponse>",
    "</soapenv:Body></soapenv:Envelope>",
);

/// A body, and perhaps a header, that a source insists on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The media type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
    /// A header to send back as it came.
    pub header: Option<(String, String)>,
}

impl Source {
    /// The answer to a kept message; none where the status says everything. It depends on a
    /// verified body, so that nobody can have texts of their own echoed.
    #[must_use]
    pub fn answer(&self, headers: &Headers, kept: &Verified<'_>) -> Option<Answer> {
        let answers = &self.facts.answers;
        match (answers.acknowledge, &answers.handshake) {
            (Some(Acknowledge::SoapAck), _) => Some(Answer {
                content_type: "text/xml",
                body: SOAP_ACK.to_owned(),
                header: None,
            }),
            (None, Some(Handshake::EchoField(name))) => {
                let text = json::text_of(kept.body()).ok()?;
                let code = Object::parse(text).ok()?.raw(name)?;
                let name = serde_json::to_string(name).ok()?;
                Some(Answer {
                    content_type: "application/json",
                    body: format!("{{{name}:{code}}}"),
                    header: None,
                })
            }
            (None, Some(Handshake::EchoHeader(name))) => {
                let value = headers.one(name).ok()??;
                Some(Answer {
                    content_type: "application/json",
                    body: "{}".to_owned(),
                    header: Some((name.clone(), value.to_owned())),
                })
            }
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ENTRIES;

    fn answer(name: &str, change: &str, body: &str) -> Option<Answer> {
        let text = ENTRIES
            .iter()
            .find(|entry| entry.name == name)
            .unwrap()
            .text;
        let handshake = "handshake = { echo_field = \"validation_code\" }";
        let text = text.replace(handshake, change);
        let source = Source {
            facts: crate::facts::Facts::parse("x.toml", &text).unwrap(),
            read: |_, _, _| Ok(Vec::new()),
        };
        let headers = [("X-Hook-Secret", "s-1")].into_iter().collect();
        source.answer(&headers, &Verified::of(body.as_bytes()))
    }

    #[test]
    fn salesforce_hears_its_acknowledgement() {
        let said = answer("salesforce", "", "<x/>").unwrap();
        assert_eq!(said.content_type, "text/xml");
        assert!(said.body.contains("<Ack>true</Ack>"));
    }

    #[test]
    fn toggls_ping_hears_its_code_and_an_event_hears_nothing() {
        let echo = "handshake = { echo_field = \"validation_code\" }";
        let ping = r#"{"payload":"ping","validation_code":"c\u002d1"}"#;
        let said = answer("toggl", echo, ping).unwrap();
        assert_eq!(said.body, r#"{"validation_code":"c\u002d1"}"#);
        assert_eq!(answer("toggl", echo, r#"{"event_id":1}"#), None);
        assert_eq!(answer("toggl", echo, "not json"), None);
        assert_eq!(answer("moco", "", "{}"), None);
    }

    #[test]
    fn a_header_comes_back_as_it_came() {
        let echo = "handshake = { echo_header = \"x-hook-secret\" }";
        let said = answer("toggl", echo, "{}").unwrap();
        assert_eq!(said.header, Some(("x-hook-secret".into(), "s-1".into())));
    }
}
