//! What the stand-in for HubSpot knows: its objects, how they belong together, and what it has yet
//! to tell.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Clock;

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

impl Kind {
    /// The kind that a path calls so.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "deals" => Some(Self::Deals),
            "companies" => Some(Self::Companies),
            "contacts" => Some(Self::Contacts),
            "line_items" => Some(Self::LineItems),
            _ => None,
        }
    }
}

/// One CRM object.
pub(super) struct Object {
    pub(super) properties: BTreeMap<String, Option<String>>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

/// Everything the stand-in knows.
pub(super) struct State {
    clock: Clock,
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
    pub(super) fn empty(portal: u64, token: &str, clock: Clock) -> Self {
        Self {
            clock,
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

    /// The vendor's clock.
    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Writes one property. Two changes never share an instant, as their order is told by it.
    pub(super) fn write(&mut self, kind: Kind, id: &str, name: &str, value: &str) {
        let now = self.now();
        let Some(object) = self.objects.get_mut(&(kind, id.to_owned())) else {
            return;
        };
        let next = object.updated_at + SignedDuration::from_millis(1);
        object.updated_at = now.max(next);
        // HubSpot keeps no empty text: writing one clears the property.
        let value = (!value.is_empty()).then(|| value.to_owned());
        object.properties.insert(name.to_owned(), value);
    }

    /// Remembers the webhooks that a change through the API causes.
    pub(super) fn echo(&mut self, kind: Kind, id: &str, properties: &[(String, String)]) {
        let events = properties
            .iter()
            .map(|(name, value)| self.changed(kind, id, name, value, "INTEGRATION"))
            .collect();
        self.echoes.push(Value::Array(events).to_string());
    }

    pub(super) fn changed(
        &mut self,
        kind: Kind,
        id: &str,
        name: &str,
        value: &str,
        source: &str,
    ) -> Value {
        let extra = json!({ "propertyName": name, "propertyValue": value });
        let event = match kind {
            Kind::Deals => "deal.propertyChange",
            Kind::Companies => "company.propertyChange",
            Kind::Contacts => "contact.propertyChange",
            Kind::LineItems => "line_item.propertyChange",
        };
        self.event(event, id, source, extra)
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
            "occurredAt": self.now().as_millisecond(),
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
