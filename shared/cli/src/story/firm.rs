//! One firm in a running world: its systems, its webhooks, its people.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::StoryError;
use super::eyes::Eyes;
use super::their_odoo::OdooKeys;
use crate::aws_api::SQS;
use crate::door::Door;
use crate::running::Person;
use crate::stack::Stack;
use crate::standin::connectwise::ConnectWise;
use crate::standin::hubspot::HubSpot;
use crate::standin::{Webhook, demo};

/// The address under which the sources believe to call us; they sign it.
pub const PUBLIC_BASE_URL: &str = "https://hooks.northwind-consulting.example/v1";

/// The PSA's company id.
pub const COMPANY: &str = "Cobalt";

pub(super) const CLIENT_SECRET: &str = "demo-hubspot-client-secret-1d5b";
pub(super) const ACCESS_TOKEN: &str = "demo-hubspot-access-token-77aa";
pub(super) const SIGNING_KEY: &str = "demo-connectwise-signing-key-90c2";
pub(super) const CLIENT_ID: &str = "6a5b7f6e-demo-client-id";

/// Everything that the demo knows as secret: no log may contain any of it.
pub const SECRETS_OF_THE_DEMO: [&str; 3] = [CLIENT_SECRET, ACCESS_TOKEN, SIGNING_KEY];

/// How long the functions may take to come to rest.
const PATIENCE: Duration = Duration::from_secs(300);

/// A webhook that was sent, to be sent again.
pub enum Sent {
    /// To be signed anew for the moment of its sending, as HubSpot does at every attempt.
    HubSpot(String),
    /// Signed once: ConnectWise signs no time.
    ConnectWise(Webhook),
}

/// One firm in a running world.
pub struct Firm {
    /// PostgreSQL, Odoo, the emulator and our functions.
    pub stack: Stack,
    /// Its CRM.
    pub hubspot: HubSpot,
    /// Its PSA.
    pub connectwise: ConnectWise,
    /// Every webhook so far, in order.
    pub sent: Vec<Sent>,
    pub(super) http: reqwest::Client,
    pub(super) keys: OdooKeys,
    pub(super) person: Person,
    pub(super) approver: Person,
    pub(super) door: Door,
}

impl Firm {
    /// What Odoo shows, to an administrator.
    pub fn eyes(&self) -> Result<Eyes, StoryError> {
        self.look_with(&self.keys.admin)
    }

    /// What Odoo shows, and lets do, to a person in finance.
    pub fn finance(&self) -> Result<Eyes, StoryError> {
        self.look_with(&self.keys.finance)
    }

    fn look_with(&self, key: &str) -> Result<Eyes, StoryError> {
        Eyes::new(self.stack.odoo_url(), self.stack.odoo_database(), key)
    }

    /// HubSpot calls us; answers our status.
    pub async fn hubspot_sends(&mut self, body: String) -> Result<u16, StoryError> {
        let status = self.send(&Sent::HubSpot(body.clone())).await?;
        self.sent.push(Sent::HubSpot(body));
        Ok(status)
    }

    /// ConnectWise calls us; answers our status.
    pub async fn connectwise_sends(&mut self, webhook: Webhook) -> Result<u16, StoryError> {
        let sent = Sent::ConnectWise(webhook);
        let status = self.send(&sent).await?;
        self.sent.push(sent);
        Ok(status)
    }

    /// Sends a webhook as its vendor does.
    pub async fn send(&self, sent: &Sent) -> Result<u16, StoryError> {
        match sent {
            Sent::HubSpot(body) => {
                let path = format!("/in/hubspot/{}", demo::PORTAL);
                let url = format!("{PUBLIC_BASE_URL}{path}");
                let webhook = HubSpot::signed(CLIENT_SECRET, &url, body.clone());
                self.post(&path, &webhook).await
            }
            Sent::ConnectWise(webhook) => {
                self.post(&format!("/in/connectwise/{COMPANY}"), webhook)
                    .await
            }
        }
    }

    /// Posts anything to a path of the deployed API; answers the status.
    pub async fn post(&self, path: &str, webhook: &Webhook) -> Result<u16, StoryError> {
        let mut request = self
            .http
            .post(format!("{}{path}", self.stack.intake_url()?));
        for (name, value) in &webhook.headers {
            request = request.header(*name, value);
        }
        let answer = request
            .body(webhook.body.clone())
            .send()
            .await
            .map_err(StoryError::NoAnswer)?;
        Ok(answer.status().as_u16())
    }

    /// A person asks the console; signed with that person's own credentials.
    pub async fn console(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<Value, StoryError> {
        Ok(self.door.ask(method, path, body).await?)
    }

    /// What the console says about everything.
    pub async fn status(&self) -> Result<Value, StoryError> {
        self.console(Method::GET, "status", &Value::Null).await
    }

    /// Waits until nothing is under way: no message in any queue, nothing pending in the ledger.
    pub async fn rest(&self) -> Result<(), StoryError> {
        self.wait_until("everything came to rest", async || {
            Ok(self.messages().await? == 0 && self.pending().await? == 0)
        })
        .await
    }

    /// Waits until something holds three times in a row, half a second apart: between a table's
    /// stream and the next queue a message is nowhere to be seen for a moment.
    pub async fn wait_until(
        &self,
        what: &str,
        holds: impl AsyncFn() -> Result<bool, StoryError>,
    ) -> Result<(), StoryError> {
        let began = Instant::now();
        let mut in_a_row = 0;
        while in_a_row < 3 {
            if began.elapsed() > PATIENCE {
                return Err(StoryError::Restless {
                    what: what.to_owned(),
                    status: Box::new(self.status().await?),
                });
            }
            in_a_row = if holds().await? { in_a_row + 1 } else { 0 };
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        Ok(())
    }

    async fn messages(&self) -> Result<u64, StoryError> {
        let mut sum = 0;
        for url in self.stack.output("Queues")?.split(',') {
            sum += self.messages_in(url).await?;
        }
        Ok(sum)
    }

    /// How many messages are in a queue, visible or not.
    pub async fn messages_in(&self, url: &str) -> Result<u64, StoryError> {
        let body = json!({"QueueUrl": url, "AttributeNames": ["All"]});
        let answer = self
            .stack
            .aws()
            .json(SQS, "GetQueueAttributes", &body)
            .await?;
        let count = |name: &str| {
            answer["Attributes"][name]
                .as_str()
                .and_then(|n| n.parse::<u64>().ok())
                .unwrap_or(0)
        };
        Ok(count("ApproximateNumberOfMessages")
            + count("ApproximateNumberOfMessagesNotVisible")
            + count("ApproximateNumberOfMessagesDelayed"))
    }

    async fn pending(&self) -> Result<u64, StoryError> {
        let status = self.status().await?;
        let lanes = status["lanes"].as_array().cloned().unwrap_or_default();
        Ok(lanes
            .iter()
            .filter_map(|lane| lane["pending"].as_u64())
            .sum())
    }

    /// An operator turns the deployed billing schedule on; it fires every minute from now on.
    pub async fn enable_billing(&self) -> Result<(), StoryError> {
        let path = "/schedules/tenon-demo-billing";
        let aws = self.stack.aws();
        let mut schedule = aws.rest("scheduler", Method::GET, path, None).await?;
        schedule["State"] = json!("ENABLED");
        aws.rest("scheduler", Method::PUT, path, Some(&schedule))
            .await?;
        Ok(())
    }
}
