//! The numbers that a source gives its messages, one after the other: a missing one is a lost event.

use crate::Source;
use crate::json;
use crate::reading::Message;

/// Where a message stands among the others of its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Within what the numbers count, for example one webhook.
    pub scope: String,
    /// Its number.
    pub number: u64,
}

impl Source {
    /// The number of a message, where the description says that none is left out. An answer that we
    /// asked for has none.
    #[must_use]
    pub fn sequence(&self, message: &Message<'_>) -> Option<Sequence> {
        let order = self.facts.message.order.as_ref();
        let order = order.filter(|order| order.gapless && !message.is_pulled())?;
        let text = json::text_of(message.body).ok()?;
        Some(Sequence {
            scope: json::id_at(text, order.scope.as_ref()?)?,
            number: json::id_at(text, &order.at)?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::PULLED;

    fn sequence(name: &str, body: &str, header: Option<&str>) -> Option<Sequence> {
        let headers = header.map(|header| (header.to_owned(), String::new()));
        let message = Message {
            account: "tenon",
            received_at: "2026-11-22T12:00:00Z".parse().unwrap(),
            headers: &headers.into_iter().collect::<BTreeMap<_, _>>(),
            body: body.as_bytes(),
        };
        crate::source(name).unwrap().sequence(&message)
    }

    #[test]
    fn a_number_counts_within_its_scope_and_only_where_none_is_left_out() {
        let body = r#"{"Guid":"a1","SequenceNumber":1745500706683617281,"Action":"Update"}"#;
        let expected = Sequence {
            scope: "a1".to_owned(),
            number: 1_745_500_706_683_617_281,
        };
        assert_eq!(sequence("autotask", body, None), Some(expected));
        assert_eq!(sequence("autotask", body, Some(PULLED)), None);
        assert_eq!(sequence("hubspot", body, None), None);
        for other in ["{}", "", "[1]", r#"{"Guid":"a1","SequenceNumber":1.5}"#] {
            assert_eq!(sequence("autotask", other, None), None, "{other}");
        }
    }
}
