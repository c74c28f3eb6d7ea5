//! One firm in a running world: its systems, its webhooks, its people.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::StoryError;
use super::eyes::Eyes;
use crate::aws_api::{SECRETS, SQS};
use crate::door::Door;
use crate::functions::Profile;
use crate::progress::Progress;
use crate::stack::{Stack, StackOptions, seed};
use crate::standin::connectwise::ConnectWise;
use crate::standin::hubspot::HubSpot;
use crate::standin::{Webhook, demo};

/// The address under which the sources believe to call us; they sign it.
pub const PUBLIC_BASE_URL: &str = "https://hooks.northwind-consulting.example/v1";

/// The PSA's company id.
pub const COMPANY: &str = "Cobalt";

const CLIENT_SECRET: &str = "demo-hubspot-client-secret-1d5b";
const ACCESS_TOKEN: &str = "demo-hubspot-access-token-77aa";
const SIGNING_KEY: &str = "demo-connectwise-signing-key-90c2";
const CLIENT_ID: &str = "6a5b7f6e-demo-client-id";

/// Everything that the demo knows as secret: no log may contain any of it.
pub const SECRETS_OF_THE_DEMO: [&str; 3] = [CLIENT_SECRET, ACCESS_TOKEN, SIGNING_KEY];

/// How long the functions may take to come to rest.
const PATIENCE: Duration = Duration::from_secs(150);

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
    http: reqwest::Client,
    person: Door,
}

impl Firm {
    /// Starts the firm's systems and a world with our functions, puts the secrets and the book.
    pub async fn open(profile: Profile, progress: &Progress) -> Result<Self, StoryError> {
        let hubspot = HubSpot::new(demo::PORTAL, ACCESS_TOKEN);
        let connectwise = ConnectWise::new(COMPANY, CLIENT_ID, SIGNING_KEY);
        let hubspot_url = hubspot.serve().await.map_err(StoryError::NoPort)?;
        let key_url = connectwise.serve().await.map_err(StoryError::NoPort)?;
        let mut options = StackOptions {
            profile,
            ..StackOptions::standard()
        }
        .with("Environment", "demo")
        .with("HubSpotApiUrl", &hubspot_url)
        .with("SigningKeyBaseUrl", &key_url)
        .with("PublicBaseUrl", PUBLIC_BASE_URL)
        .with("BillingSchedule", "rate(1 minute)")
        .with("BillingState", "DISABLED");
        for (name, seconds) in local_limits()? {
            options = options.with(&name, &seconds);
        }
        let stack = Stack::start(&options, progress).await?;
        let person = person(&stack).await?;
        let firm = Self {
            stack,
            hubspot,
            connectwise,
            sent: Vec::new(),
            http: reqwest::Client::new(),
            person,
        };
        firm.put_secrets().await?;
        let book = include_str!("../../../../infra/books/demo/book.toml");
        firm.console(Method::POST, "book", &json!({"content": book}))
            .await?;
        Ok(firm)
    }

    /// The key that the PSA signs with is known to us; a later one is fetched.
    async fn put_secrets(&self) -> Result<(), StoryError> {
        let hubspot = json!({"client_secrets": [CLIENT_SECRET], "access_token": ACCESS_TOKEN});
        let connectwise = json!({
            "company_id": COMPANY,
            "public_key": "demo-public",
            "private_key": "demo-private-3f1e",
            "client_id": CLIENT_ID,
            "signing_keys": {self.connectwise.key_url(): SIGNING_KEY},
        });
        for (name, value) in [
            ("hubspot", hubspot.to_string()),
            ("connectwise", connectwise.to_string()),
            ("odoo/master", seed::MASTER.key.to_owned()),
            ("odoo/work", seed::WORK.key.to_owned()),
            ("odoo/billing", seed::BILLING.key.to_owned()),
            ("odoo/read", seed::READ.key.to_owned()),
        ] {
            let body = json!({"SecretId": format!("tenon/demo/{name}"), "SecretString": value});
            self.stack
                .aws()
                .json(SECRETS, "PutSecretValue", &body)
                .await?;
        }
        Ok(())
    }

    /// What Odoo shows, to an administrator.
    pub fn eyes(&self) -> Result<Eyes, StoryError> {
        Eyes::new(&self.stack, seed::ADMIN_KEY)
    }

    /// What Odoo shows, and lets do, to a person in finance.
    pub fn finance(&self) -> Result<Eyes, StoryError> {
        Eyes::new(&self.stack, seed::FINANCE.key)
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
        Ok(self.person.ask(method, path, body).await?)
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

/// The local time limits of `infra/limits.json`, as parameters of the template.
fn local_limits() -> Result<Vec<(String, String)>, StoryError> {
    let text = include_str!("../../../../infra/limits.json");
    let limits: Value = serde_json::from_str(text).map_err(StoryError::Limits)?;
    let local = limits["local"].as_object().cloned().unwrap_or_default();
    let pascal = |name: &str| -> String {
        name.split('_')
            .map(|word| {
                word.chars()
                    .take(1)
                    .flat_map(char::to_uppercase)
                    .chain(word.chars().skip(1))
                    .collect::<String>()
            })
            .collect()
    };
    Ok(local
        .iter()
        .map(|(name, seconds)| (pascal(name), seconds.to_string()))
        .collect())
}

/// A person who may use the console, and nothing else.
async fn person(stack: &Stack) -> Result<Door, StoryError> {
    let aws = stack.aws();
    let named = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let user = named("UserName", "stella.steward");
    aws.query(
        "iam",
        "2010-05-08",
        "CreateUser",
        std::slice::from_ref(&user),
    )
    .await?;
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": "execute-api:Invoke",
        "Resource": format!("arn:aws:execute-api:*:*:{}/v1/*/console/*", stack.output("ApiId")?),
    }]});
    let parameters = [
        user,
        named("PolicyName", "console"),
        named("PolicyDocument", &policy.to_string()),
    ];
    aws.query("iam", "2010-05-08", "PutUserPolicy", &parameters)
        .await?;
    let credentials = aws.new_access_key("stella.steward").await?;
    Ok(Door::new(&stack.intake_url()?, credentials))
}

/// Now, by the machine's clock: the story happens today.
#[expect(
    clippy::disallowed_methods,
    reason = "the story happens on the day it is played"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Today where the firm keeps its books: what is due and what is billed is decided by that date.
pub fn today() -> jiff::civil::Date {
    let zone = jiff::tz::TimeZone::get("America/New_York").unwrap_or(jiff::tz::TimeZone::UTC);
    now().to_zoned(zone).date()
}
