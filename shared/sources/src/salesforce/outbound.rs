//! Outbound Messages: a SOAP envelope with up to a hundred notifications.
//!
//! They carry what is true when they are sent, in any order, and the fields that an administrator
//! chose. So each is a hint at its record. The session id in it is never read.
//! <https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_notifications.htm>

use std::collections::BTreeSet;

use domain::Reference;
use roxmltree::Node;

use super::is_same;
use crate::json::{Unreadable, missing};
use crate::reading::{Message, OneReading, Reading, fetch};
use crate::xml;

const TYPE: (&str, &str) = ("http://www.w3.org/2001/XMLSchema-instance", "type");

pub(super) fn read(message: &Message<'_>, text: &str) -> Result<Vec<Reading>, Unreadable> {
    let document = xml::parse(text)?;
    let body = xml::child(document.root_element(), "Body").ok_or_else(|| missing("Body"))?;
    let notifications =
        xml::child(body, "notifications").ok_or_else(|| missing("notifications"))?;
    if !is_same(
        &xml::text(notifications, "OrganizationId")?,
        message.account,
    ) {
        return Ok(vec![Reading::NotForUs("a message of another organization")]);
    }
    let mut asked = BTreeSet::new();
    let each = notifications
        .children()
        .filter(|child| child.tag_name().name() == "Notification")
        .map(|notification| {
            read_one(message.account, notification, &mut asked).unwrap_or_else(Reading::Unreadable)
        });
    Ok(each.collect())
}

fn read_one(account: &str, notification: Node<'_, '_>, asked: &mut BTreeSet<String>) -> OneReading {
    let object = xml::child(notification, "sObject").ok_or_else(|| missing("sObject"))?;
    let kind = object
        .attribute(TYPE)
        .ok_or_else(|| missing("sObject xsi:type"))?;
    let kind = kind.rsplit(':').next().unwrap_or(kind);
    if kind != "Opportunity" {
        return Ok(Reading::NotForUs("not about an opportunity"));
    }
    let id = xml::text(object, "Id")?;
    if !asked.insert(id.clone()) {
        return Ok(Reading::NotForUs(
            "the same opportunity again in this message",
        ));
    }
    Ok(fetch(Reference::new("salesforce", account, "deal", id)))
}
