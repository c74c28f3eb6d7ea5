//! What the stand-in for HubSpot knows: its objects, how they belong together, and what it has yet
//! to tell.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::now;

/// The object types of the CRM API that are there, as their paths name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A deal.
    Deals,
    /// A company.
    Companies,
    /// A contact.
    Contacts,
    /// A line item.
    LineItems,
}

/// One CRM object.
pub(super) struct Object {
    pub(super) properties: BTreeMap<String, Option<String>>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

/// Everything the stand-in knows.
pub(super) struct State {
    pub(super) portal: u64,
    pub(super) token: String,
    pub(super) objects: BTreeMap<(Kind, String), Object>,
    /// Deal → what is associated with it, in the order of association.
    pub(super) associations: BTreeMap<String, Vec<(Kind, String)>>,
    pub(super) requests: u64,
    pub(super) busy_for: u64,
    next_event: u64,
    pub(super) echoes: Vec<String>,
}

impl State {
    /// An empty account with one private app and its access token.
    pub(super) fn empty(portal: u64, token: &str) -> Self {
        Self {
            portal,
            token: token.to_owned(),
            objects: BTreeMap::new(),
            associations: BTreeMap::new(),
            requests: 0,
            busy_for: 0,
            next_event: 3_816_279_480,
            echoes: Vec::new(),
        }
    }

    /// Writes one property. Two changes never share an instant, as their order is told by it.
    pub(super) fn write(&mut self, deal: &str, name: &str, value: &str) {
        let Some(deal) = self.objects.get_mut(&(Kind::Deals, deal.to_owned())) else {
            return;
        };
        let next = deal.updated_at + SignedDuration::from_millis(1);
        deal.updated_at = now().max(next);
        // HubSpot keeps no empty text: writing one clears the property.
        let value = (!value.is_empty()).then(|| value.to_owned());
        deal.properties.insert(name.to_owned(), value);
    }

    /// Remembers the webhooks that a change through the API causes.
    pub(super) fn echo(&mut self, deal: &str, properties: &[(String, String)]) {
        let events = properties
            .iter()
            .map(|(name, value)| self.changed(deal, name, value, "INTEGRATION"))
            .collect();
        self.echoes.push(Value::Array(events).to_string());
    }

    pub(super) fn changed(&mut self, deal: &str, name: &str, value: &str, source: &str) -> Value {
        let extra = json!({ "propertyName": name, "propertyValue": value });
        self.event("deal.propertyChange", deal, source, extra)
    }

    pub(super) fn event(&mut self, kind: &str, deal: &str, source: &str, extra: Value) -> Value {
        self.next_event += 1;
        let source_id = match source {
            "CRM_UI" => "userId:76023669",
            _ => "16111050",
        };
        let mut event = json!({
            "eventId": self.next_event,
            "subscriptionId": 3_923_622,
            "portalId": self.portal,
            "appId": 16_111_050,
            "occurredAt": now().as_millisecond(),
            "subscriptionType": kind,
            "attemptNumber": 0,
            "objectId": deal.parse::<u64>().unwrap_or_default(),
            "changeSource": source,
            "sourceId": source_id,
        });
        if let (Some(event), Value::Object(extra)) = (event.as_object_mut(), extra) {
            event.extend(extra);
        }
        event
    }
}
