//! What people ask of a running deployment: `tenon status`, `trace`, `crosswalk`, `book`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

use crate::aws_api::Credentials;
use crate::commands::CommandError;
use crate::door::Door;
use crate::env;

/// Which deployment is asked.
#[derive(Debug, Args)]
pub struct Deployment {
    /// The deployed API: the stack's output ApiUrl.
    #[arg(long, env = "TENON_API_URL", value_name = "URL")]
    api_url: String,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
}

/// Something asked of a deployment.
#[derive(Debug, Subcommand)]
pub enum Question {
    /// What waits, what is held, and what people must decide.
    #[command(
        after_help = "Example:\n  cargo tenon status --api-url https://ID.execute-api.REGION.amazonaws.com/v1"
    )]
    Status {
        #[command(flatten)]
        deployment: Deployment,
    },
    /// What became of a reference or of a record in Odoo.
    #[command(
        after_help = "Examples:\n  cargo tenon trace hubspot__48807704__deal__99\n  cargo tenon trace 'odoo#account.move#17'"
    )]
    Trace {
        /// A reference, or odoo#MODEL#ID.
        identifier: String,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// Say that a PSA project belongs to a contract.
    #[command(
        name = "crosswalk",
        after_help = "Example:\n  cargo tenon crosswalk confirm connectwise___43obalt__project__77 hubspot__48807704__deal__99"
    )]
    Crosswalk {
        #[command(subcommand)]
        decision: Link,
    },
    /// Try a parked record again, because its cause is gone.
    #[command(after_help = "Example:\n  cargo tenon retry hubspot__48807704__invoice__99_2f1")]
    Retry {
        /// The record's reference.
        reference: String,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// Put a book into force.
    #[command(after_help = "Example:\n  cargo tenon book activate my-book.toml")]
    Book {
        #[command(subcommand)]
        decision: BookDecision,
    },
}

/// A steward's decision.
#[derive(Debug, Subcommand)]
pub enum Link {
    /// Link a project to a deal.
    Confirm {
        /// The project's reference.
        project: String,
        /// The deal's reference.
        deal: String,
        #[command(flatten)]
        deployment: Deployment,
    },
}

/// A decision about the book.
#[derive(Debug, Subcommand)]
pub enum BookDecision {
    /// Check a book and make it the active one.
    Activate {
        /// The book's file.
        file: PathBuf,
        #[command(flatten)]
        deployment: Deployment,
    },
}

impl Question {
    /// Asks the console and prints its answer.
    pub async fn ask(self) -> Result<(), CommandError> {
        match self {
            Self::Status { deployment } => {
                let status = deployment.get("status").await?;
                deployment.print(&status, print_status)
            }
            Self::Trace {
                identifier,
                deployment,
            } => {
                let trace = deployment
                    .get(&format!("trace/{}", identifier.replace('#', "~")))
                    .await?;
                deployment.print(&trace, print_trace)
            }
            Self::Crosswalk {
                decision:
                    Link::Confirm {
                        project,
                        deal,
                        deployment,
                    },
            } => {
                let body = json!({"project": project, "deal": deal});
                let answer = deployment.post("crosswalk", &body).await?;
                deployment.print(&answer, print_link)
            }
            Self::Retry {
                reference,
                deployment,
            } => {
                let answer = deployment
                    .post("retry", &json!({"reference": reference}))
                    .await?;
                deployment.print(&answer, |answer| {
                    println!("{} is tried again", word(answer, "reference"));
                })
            }
            Self::Book {
                decision: BookDecision::Activate { file, deployment },
            } => {
                let unreadable = |source| CommandError::Unreadable {
                    file: file.clone(),
                    source,
                };
                let content = std::fs::read_to_string(&file).map_err(unreadable)?;
                let answer = deployment
                    .post("book", &json!({"content": content}))
                    .await?;
                deployment.print(&answer, |answer| {
                    println!("active book: {}", word(answer, "book"))
                })
            }
        }
    }
}

impl Deployment {
    async fn get(&self, path: &str) -> Result<Value, CommandError> {
        Ok(self.door()?.ask(Method::GET, path, &Value::Null).await?)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, CommandError> {
        Ok(self.door()?.ask(Method::POST, path, body).await?)
    }

    fn door(&self) -> Result<Door, CommandError> {
        let (id, secret, token) = env::aws_credentials().ok_or(CommandError::NoCredentials)?;
        Ok(Door::new(
            &self.api_url,
            Credentials::new(&id, &secret, token.as_deref()),
        ))
    }

    fn print(&self, answer: &Value, for_people: impl Fn(&Value)) -> Result<(), CommandError> {
        match self.json {
            true => println!("{answer:#}"),
            false => for_people(answer),
        }
        Ok(())
    }
}

fn print_status(status: &Value) {
    for lane in list(status, "lanes") {
        let pending = lane.get("pending").and_then(Value::as_u64).unwrap_or(0);
        if pending > 0 {
            println!(
                "{:<10} {pending} pending, {}",
                word(lane, "partition"),
                word(lane, "state")
            );
        }
    }
    for state in ["waiting", "held"] {
        for record in list(status, state) {
            println!(
                "{state:<10} {}\n           {}",
                word(record, "reference"),
                word(record, "reason")
            );
        }
    }
    for exception in list(status, "exceptions") {
        println!(
            "exception  for {}: {}",
            word(exception, "owner"),
            word(exception, "sentence")
        );
        for item in list(exception, "items") {
            println!("           - {}", item.as_str().unwrap_or_default());
        }
        println!("           {}", word(exception, "fix"));
    }
    let quiet = ["waiting", "held", "exceptions"]
        .iter()
        .all(|name| list(status, name).is_empty());
    if quiet {
        println!("nothing waits, nothing is held, no open exceptions");
    }
}

fn print_trace(trace: &Value) {
    println!("{}", word(trace, "identifier"));
    for version in list(trace, "versions") {
        let odoo = version.get("odoo").filter(|odoo| odoo.is_object());
        let place = odoo.map(|odoo| format!("  {} {}", word(odoo, "model"), word(odoo, "id")));
        println!(
            "  {}  {:<10} {}{}  book {}",
            word(version, "changed_at"),
            word(version, "state"),
            word(version, "command"),
            place.unwrap_or_default(),
            word(version, "book")
        );
        if let Some(reason) = version.get("reason").and_then(Value::as_str) {
            println!("      {reason}");
        }
    }
    for link in list(trace, "links") {
        println!(
            "  is {}  ({}, {})",
            word(link, "to"),
            word(link, "by"),
            word(link, "since")
        );
    }
}

fn print_link(answer: &Value) {
    println!(
        "{} belongs to {}",
        word(answer, "project"),
        word(answer, "deal")
    );
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn word(value: &Value, name: &str) -> String {
    match value.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => "-".to_owned(),
        Some(other) => other.to_string(),
    }
}
