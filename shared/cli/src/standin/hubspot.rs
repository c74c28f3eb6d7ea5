//! A stand-in for HubSpot: deals with what belongs to them, its CRM API, and its webhooks.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::sign::sign_hubspot;
use super::{Webhook, hubspot_answers, now, serve};

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
    echoes: Vec<String>,
}

/// The stand-in; clones share everything.
#[derive(Clone)]
pub struct HubSpot(Arc<Mutex<State>>);

impl HubSpot {
    /// An empty account with one private app and its access token.
    pub fn new(portal: u64, token: &str) -> Self {
        Self(Arc::new(Mutex::new(State {
            portal,
            token: token.to_owned(),
            objects: BTreeMap::new(),
            associations: BTreeMap::new(),
            requests: 0,
            busy_for: 0,
            next_event: 3_816_279_480,
            echoes: Vec::new(),
        })))
    }

    /// Serves the API on a free port; gives its address.
    pub async fn serve(&self) -> io::Result<String> {
        let hubspot = self.clone();
        serve::serve(move |question| hubspot_answers::answer(&mut hubspot.state(), question)).await
    }

    /// Adds an object. Only the properties given here exist on it; an unknown one is refused when
    /// it is written, as HubSpot does.
    pub fn put(&self, kind: Kind, id: &str, properties: &[(&str, Option<&str>)]) {
        let now = now();
        let properties = properties
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned)))
            .collect();
        let object = Object {
            properties,
            created_at: now,
            updated_at: now,
        };
        self.state().objects.insert((kind, id.to_owned()), object);
    }

    /// Associates an object with a deal.
    pub fn associate(&self, deal: &str, kind: Kind, id: &str) {
        let mut state = self.state();
        let associated = state.associations.entry(deal.to_owned()).or_default();
        associated.push((kind, id.to_owned()));
    }

    /// The body of the webhook that tells of a new deal.
    pub fn created(&self, deal: &str) -> String {
        let extra = json!({ "changeFlag": "CREATED" });
        let event = self.state().event("deal.creation", deal, "CRM_UI", extra);
        Value::Array(vec![event]).to_string()
    }

    /// A person changes a property; gives the body of the webhook that tells of it.
    pub fn set_property(&self, deal: &str, name: &str, value: &str) -> String {
        let mut state = self.state();
        state.write(deal, name, value);
        let event = state.changed(deal, name, value, "CRM_UI");
        Value::Array(vec![event]).to_string()
    }

    /// The property of a deal as it is now.
    pub fn deal_property(&self, deal: &str, name: &str) -> Option<String> {
        let state = self.state();
        let deal = state.objects.get(&(Kind::Deals, deal.to_owned()))?;
        deal.properties.get(name)?.clone()
    }

    /// The bodies of the webhooks that tell of changes made through the API since the last call.
    pub fn take_echoes(&self) -> Vec<String> {
        std::mem::take(&mut self.state().echoes)
    }

    /// How many API requests came in.
    pub fn requests(&self) -> u64 {
        self.state().requests
    }

    /// Answers the next requests with 429.
    pub fn be_busy_for(&self, requests: u64) {
        self.state().busy_for = requests;
    }

    /// A webhook body, signed now for the address it will be sent to.
    pub fn signed(client_secret: &str, url: &str, body: String) -> Webhook {
        let sent_ms = now().as_millisecond();
        Webhook {
            headers: sign_hubspot(client_secret, "POST", url, &body, sent_ms),
            body,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
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

    fn changed(&mut self, deal: &str, name: &str, value: &str, source: &str) -> Value {
        let extra = json!({ "propertyName": name, "propertyValue": value });
        self.event("deal.propertyChange", deal, source, extra)
    }

    fn event(&mut self, kind: &str, deal: &str, source: &str, extra: Value) -> Value {
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
