//! HubSpot: thin webhooks about deals, and the API that completes them.
//!
//! Webhook events: <https://developers.hubspot.com/docs/api-reference/webhooks-webhooks-v3/guide>

pub mod deal_fetch;
mod deal_parts;
pub mod feedback;

use std::collections::BTreeSet;

use domain::Reference;
use domain::book::Book;

use crate::json::{self, Object, Unreadable, missing};
use crate::reading::{Fetch, Message, Reading, each};

/// The object type of deals in events that are named `object.*`.
const DEAL_TYPE: &str = "0-3";

/// Reads a batch of events: each about a deal asks for that deal, once per batch. A search that was
/// asked for names deals too.
pub(crate) fn read(
    book: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    if message.is_pulled() {
        let found = Object::parse(text)?.elements("results")?;
        return Ok(each(found, |deal| {
            let id = deal.id("id")?;
            let reference = Reference::new("hubspot", message.account, "deal", id);
            Ok(Reading::Fetch(Fetch { reference }))
        }));
    }
    let mut asked = BTreeSet::new();
    let readings = json::array(text)?
        .into_iter()
        .map(|event| read_event(book, message.account, event.get(), &mut asked))
        .map(|reading| reading.unwrap_or_else(Reading::Unreadable))
        .collect();
    Ok(readings)
}

fn read_event(
    book: &Book,
    account: &str,
    json: &str,
    asked: &mut BTreeSet<String>,
) -> Result<Reading, Unreadable> {
    json::strict(json)?;
    let event = Object::parse(json)?;
    if event.id("portalId")? != account {
        return Ok(Reading::NotForUs("an event of another account"));
    }
    let Some(deal) = deal_of(&event)? else {
        return Ok(Reading::NotForUs("not about a deal"));
    };
    if let Some(property) = event.optional_text("propertyName")?
        && book
            .crm_or_first("hubspot", account)
            .properties
            .is_ours(&property)
    {
        return Ok(Reading::NotForUs("our own change"));
    }
    if !asked.insert(deal.clone()) {
        return Ok(Reading::NotForUs("the same deal again in this message"));
    }
    let reference = Reference::new("hubspot", account, "deal", deal);
    Ok(Reading::Fetch(Fetch { reference }))
}

/// The id of the deal that an event is about, whatever happened to it: what is true now is what
/// is fetched, and a deal that is gone answers so.
fn deal_of(event: &Object<'_>) -> Result<Option<String>, Unreadable> {
    let kind = match event.optional_text("subscriptionType")? {
        Some(kind) => kind,
        // Some of HubSpot's pages name the field so.
        None => event.text("eventType")?,
    };
    let (object, what) = kind.split_once('.').unwrap_or((kind.as_str(), ""));
    let is_deal = |field| Ok(event.optional_id(field)?.as_deref() == Some(DEAL_TYPE));
    let fields: &[&str] = match (object, what) {
        ("deal", "associationChange") => &["fromObjectId"],
        ("deal", "merge") => &["newObjectId", "primaryObjectId", "objectId"],
        ("deal", _) => &["objectId"],
        ("object", "associationChange") if is_deal("fromObjectTypeId")? => &["fromObjectId"],
        ("object", "associationChange") if is_deal("toObjectTypeId")? => &["toObjectId"],
        ("object", "merge") if is_deal("objectTypeId")? => {
            &["newObjectId", "primaryObjectId", "objectId"]
        }
        ("object", _) if is_deal("objectTypeId")? => &["objectId"],
        _ => return Ok(None),
    };
    for field in fields {
        if let Some(id) = event.optional_id(field)? {
            return Ok(Some(id));
        }
    }
    Err(missing(fields.first().copied().unwrap_or("objectId")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{demo_book, read_as};

    const CREATED: &str = r#"{"eventId":1,"subscriptionId":2,"portalId":48807704,"appId":3,"occurredAt":1752613920733,"subscriptionType":"deal.creation","attemptNumber":0,"objectId":99,"changeFlag":"CREATED","changeSource":"CRM_UI","sourceId":"userId:7"}"#;

    fn batch(events: &[&str]) -> Vec<Reading> {
        let body = format!("[{}]", events.join(","));
        read_as("hubspot", "48807704", &demo_book(), body.as_bytes()).unwrap()
    }

    fn changed(property: &str) -> String {
        let name = format!(r#""propertyName":"{property}","propertyValue":"x","changeFlag""#);
        CREATED
            .replace("deal.creation", "deal.propertyChange")
            .replace(r#""changeFlag""#, &name)
    }

    fn fetch(id: &str) -> Reading {
        let reference = Reference::new("hubspot", "48807704", "deal", id);
        Reading::Fetch(Fetch { reference })
    }

    #[test]
    fn whatever_happens_to_a_deal_asks_for_it_once_per_message() {
        let stage = changed("dealstage");
        let readings = batch(&[CREATED, &stage, &stage.replace("99", "100")]);
        let again = Reading::NotForUs("the same deal again in this message");
        assert_eq!(readings, [fetch("99"), again, fetch("100")]);
    }

    #[test]
    fn the_generic_names_mean_the_same() {
        let generic = CREATED
            .replace("deal.creation", "object.propertyChange")
            .replace("\"objectId\"", "\"objectTypeId\":\"0-3\",\"objectId\"");
        assert_eq!(batch(&[&generic]), [fetch("99")]);
        let company = generic.replace("0-3", "0-2");
        assert_eq!(batch(&[&company]), [Reading::NotForUs("not about a deal")]);
        let other_name = CREATED.replace("subscriptionType", "eventType");
        assert_eq!(batch(&[&other_name]), [fetch("99")]);
        let line = r#"{"portalId":48807704,"subscriptionType":"deal.associationChange","associationType":"DEAL_TO_LINE_ITEM","fromObjectId":99,"toObjectId":5}"#;
        assert_eq!(batch(&[line]), [fetch("99")]);
    }

    #[test]
    fn what_we_wrote_ourselves_and_what_is_not_ours_is_left_alone() {
        let echo = changed("odoo_invoice_number");
        let contact = CREATED.replace("deal.", "contact.");
        let elsewhere = CREATED.replace("48807704", "1");
        assert_eq!(
            batch(&[&echo, &contact, &elsewhere]),
            [
                Reading::NotForUs("our own change"),
                Reading::NotForUs("not about a deal"),
                Reading::NotForUs("an event of another account"),
            ]
        );
    }

    #[test]
    fn one_bad_event_does_not_hold_the_others() {
        let no_id = CREATED.replace("objectId", "objectIdd");
        let twice = CREATED.replace("\"eventId\":1", "\"objectId\":1");
        let nul = changed("dealstage\\u0000");
        let surrogate = changed("\\ud800");
        let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
        let readings = batch(&[&no_id, &twice, &nul, &surrogate, &deep, "7", CREATED]);
        let bad = readings
            .iter()
            .filter(|reading| matches!(reading, Reading::Unreadable(_)))
            .count();
        assert_eq!(bad, 6);
        assert_eq!(readings.last(), Some(&fetch("99")));
    }

    #[test]
    fn what_is_no_list_of_events_is_an_error_of_the_whole_message() {
        for body in ["{}", "[{]", "", "null", "[1"] {
            let read = read_as("hubspot", "48807704", &demo_book(), body.as_bytes());
            assert!(read.is_err(), "{body}");
        }
        assert_eq!(batch(&[]), []);
    }
}
