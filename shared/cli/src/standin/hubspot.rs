//! A stand-in for HubSpot: deals with what belongs to them, its CRM API, and its webhooks.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

pub use super::hubspot_state::Kind;
use super::hubspot_state::{Object, State};
use super::sign::sign_hubspot;
use super::{Clock, Webhook, hubspot_answers, now, serve};

/// The stand-in; clones share everything.
#[derive(Clone)]
pub struct HubSpot(Arc<Mutex<State>>);

impl HubSpot {
    /// An empty account with one private app and its access token.
    pub fn new(portal: u64, token: &str) -> Self {
        Self::with_clock(portal, token, Arc::new(now))
    }

    /// The same, whose clock is another one than the machine's.
    pub fn with_clock(portal: u64, token: &str, clock: Clock) -> Self {
        Self(Arc::new(Mutex::new(State::empty(portal, token, clock))))
    }

    /// Serves the API on a free port; gives its address.
    pub async fn serve(&self) -> io::Result<String> {
        let hubspot = self.clone();
        serve::serve(move |question| hubspot_answers::answer(&mut hubspot.state(), question)).await
    }

    /// Adds an object. Only the properties given here exist on it; an unknown one is refused when
    /// it is written, as HubSpot does.
    pub fn put(&self, kind: Kind, id: &str, properties: &[(&str, Option<&str>)]) {
        let mut state = self.state();
        let now = state.now();
        let properties = properties
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned)))
            .collect();
        let object = Object {
            properties,
            created_at: now,
            updated_at: now,
        };
        state.objects.insert((kind, id.to_owned()), object);
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
        state.write(Kind::Deals, deal, name, value);
        let event = state.changed(Kind::Deals, deal, name, value, "CRM_UI");
        Value::Array(vec![event]).to_string()
    }

    /// A person changes a property of anything, and no webhook tells of it.
    pub fn set_quietly(&self, kind: Kind, id: &str, name: &str, value: &str) {
        self.state().write(kind, id, name, value);
    }

    /// Whether there is such an object.
    pub fn has(&self, kind: Kind, id: &str) -> bool {
        self.state().objects.contains_key(&(kind, id.to_owned()))
    }

    /// The property of a deal as it is now.
    pub fn deal_property(&self, deal: &str, name: &str) -> Option<String> {
        self.property(Kind::Deals, deal, name)
    }

    /// The property of anything as it is now.
    pub fn property(&self, kind: Kind, id: &str, name: &str) -> Option<String> {
        let state = self.state();
        let object = state.objects.get(&(kind, id.to_owned()))?;
        object.properties.get(name)?.clone()
    }

    /// The bodies of the webhooks that tell of changes made through the API since the last call.
    pub fn take_echoes(&self) -> Vec<String> {
        std::mem::take(&mut self.state().echoes)
    }

    /// How many API requests came in, searches aside: those come by the clock.
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
