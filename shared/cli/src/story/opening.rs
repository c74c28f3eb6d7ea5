//! How a firm is opened: its systems, a world with our functions, its secrets, its book, its people.

use reqwest::Method;
use serde_json::{Value, json};

use super::StoryError;
use super::day::now;
use super::firm::{
    ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, COMPANY, Firm, PUBLIC_BASE_URL, SIGNING_KEY,
};
use super::their_odoo::{OdooKeys, TheirOdoo};
use crate::aws_api::{SECRETS, xml};
use crate::door::Door;
use crate::functions::Profile;
use crate::progress::Progress;
use crate::running::{Person, RunningWorld, this_checkout};
use crate::stack::{Stack, StackOptions};
use crate::standin::connectwise::ConnectWise;
use crate::standin::demo;
use crate::standin::hubspot::HubSpot;

/// The person who uses the console.
const STEWARD: &str = "stella.steward";
/// The person who approves what the first one wrote.
const APPROVER: &str = "frank.finance";
/// Before anything that happens in the story.
const EVER: &str = "2020-01-01T00:00:00Z";
/// IAM's version of the API.
const IAM: &str = "2010-05-08";

impl Firm {
    /// Starts the firm's systems and a world with our functions and an Odoo of its own, puts the
    /// secrets and the book.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn open(profile: Profile, progress: &Progress) -> Result<Self, StoryError> {
        Self::open_with(profile, None, progress).await
    }

    /// As [`Firm::open`], with somebody else's Odoo where one is given.
    ///
    /// # Errors
    /// When something does not start, or the Odoo is one in which the demo must not write.
    pub async fn open_with(
        profile: Profile,
        theirs: Option<&TheirOdoo>,
        progress: &Progress,
    ) -> Result<Self, StoryError> {
        if let Some(theirs) = theirs {
            theirs.examine().await?;
        }
        let hubspot = HubSpot::new(demo::PORTAL, ACCESS_TOKEN);
        let connectwise = ConnectWise::new(COMPANY, CLIENT_ID, SIGNING_KEY);
        let hubspot_url = hubspot.serve().await.map_err(StoryError::NoPort)?;
        let connectwise_url = connectwise.serve().await.map_err(StoryError::NoPort)?;
        let mut options = StackOptions {
            profile,
            foreign: theirs.map(|theirs| theirs.odoo.clone()),
            ..StackOptions::standard()
        }
        .with("Environment", "demo")
        .with("HubSpotApiUrl", &hubspot_url)
        .with("SigningKeyBaseUrl", &connectwise_url)
        .with("ConnectWiseApiUrl", &connectwise_url)
        .with("PublicBaseUrl", PUBLIC_BASE_URL)
        .with("BillingSchedule", "rate(1 minute)")
        .with("BillingState", "DISABLED")
        // This Odoo serves nobody else.
        .with("OdooCallsPerSecond", "1000")
        .with("OdooCallsInFlight", "64");
        for (name, seconds) in local_limits()? {
            options = options.with(&name, &seconds);
        }
        let stack = Stack::start(&options, progress).await?;
        let person = new_person(&stack, STEWARD).await?;
        let approver = new_person(&stack, APPROVER).await?;
        let firm = Self {
            door: Door::new(&stack.intake_url()?, person.credentials()),
            keys: theirs.map_or_else(OdooKeys::seeded, |theirs| theirs.keys.clone()),
            stack,
            hubspot,
            connectwise,
            sent: Vec::new(),
            http: reqwest::Client::new(),
            person,
            approver,
        };
        firm.put_secrets().await?;
        firm.adopt(super::BOOK).await?;
        Ok(firm)
    }

    /// One person publishes a book, another one approves it, and whatever happened or happens is
    /// judged by it.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn adopt(&self, book: &str) -> Result<(), StoryError> {
        let published = json!({"content": book, "note": "the demo's"});
        let published = self.console(Method::POST, "book", &published).await?;
        let version = json!({"book": published["book"]});
        let other = Door::new(&self.stack.intake_url()?, self.approver.credentials());
        other.ask(Method::POST, "book/approve", &version).await?;
        let from = json!({"book": published["book"], "from": EVER});
        self.console(Method::POST, "book/activate", &from).await?;
        Ok(())
    }

    /// Writes down what people need to know about this world, in a file of its run folder: their
    /// commands find it there.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn announce(&self, command: &str) -> Result<RunningWorld, StoryError> {
        let world = self.described(command)?;
        world.write(self.stack.run_folder())?;
        Ok(world)
    }

    /// What people need to know about this world.
    ///
    /// # Errors
    /// When the template has no address.
    pub fn described(&self, command: &str) -> Result<RunningWorld, StoryError> {
        Ok(RunningWorld {
            command: command.to_owned(),
            process: rustix::process::getpid().as_raw_nonzero().get(),
            checkout: this_checkout(),
            started_at: now(),
            odoo_url: self.stack.odoo_url().to_owned(),
            odoo_database: self.stack.odoo_database().to_owned(),
            endpoint_url: self.stack.endpoint_url().to_owned(),
            api_url: self.stack.intake_url()?,
            person: self.person.clone(),
            approver: self.approver.clone(),
        })
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
            ("odoo/master", self.keys.master.clone()),
            ("odoo/work", self.keys.work.clone()),
            ("odoo/billing", self.keys.billing.clone()),
            ("odoo/read", self.keys.read.clone()),
        ] {
            let body = json!({"SecretId": format!("tenon/demo/{name}"), "SecretString": value});
            self.stack
                .aws()
                .json(SECRETS, "PutSecretValue", &body)
                .await?;
        }
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
async fn new_person(stack: &Stack, name: &str) -> Result<Person, StoryError> {
    let aws = stack.aws();
    let named = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let user = named("UserName", name);
    let of_user = std::slice::from_ref(&user);
    aws.query("iam", IAM, "CreateUser", of_user).await?;
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": "execute-api:Invoke",
        "Resource": format!("arn:aws:execute-api:*:*:{}/v1/*/console/*", stack.output("ApiId")?),
    }]});
    let parameters = [
        user.clone(),
        named("PolicyName", "console"),
        named("PolicyDocument", &policy.to_string()),
    ];
    aws.query("iam", IAM, "PutUserPolicy", &parameters).await?;
    let key = aws.query("iam", IAM, "CreateAccessKey", of_user).await?;
    Ok(Person {
        name: name.to_owned(),
        access_key_id: xml::first_text(&key, "AccessKeyId"),
        secret_access_key: xml::first_text(&key, "SecretAccessKey"),
    })
}
