//! What people ask of a running deployment: `tenon status`, `trace`, `crosswalk`, `flow`,
//! `dead-letters`.

mod assignments;
mod audit;
mod customer;
mod dead_letters;
mod flows;
mod page;
mod status;
mod trace;

use clap::Subcommand;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::commands::CommandError;
use crate::commands::deployment::Deployment;
use customer::CustomerDecision;
pub use page::word;

const IDS: &str = "An ID is any of these:\n  \
    501                                   the id in the CRM or PSA\n  \
    time_entry:501                        with its kind: deal, company, invoice, project, time_entry\n  \
    connectwise time_entry 501            with its system as well\n  \
    INV/2026/00001, S00001                an invoice's or order's name in Odoo\n  \
    'odoo#account.move#17'                a record of Odoo\n  \
    6a0b7f6e-3f6e-4f0c-9e4e-0123456789ab  a delivery, as it was answered and as the logs name it\n  \
    billing run 2026-11-22                a billing run\n  \
    hubspot__48807704__deal__99           our own name for it\n\nExamples:\n  \
    cargo tenon trace time_entry:501\n  cargo tenon trace INV/2026/00001 --json";

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
    /// What became of an id: where it is in Odoo, on which invoice, or why it is not there.
    #[command(after_help = IDS)]
    Trace {
        /// Any id that you have in hand; it may be several words.
        #[arg(required = true, value_name = "ID")]
        identifier: Vec<String>,
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
    /// Confirm a contract that the book leaves to people (confirm_on = "manual", approve_from).
    #[command(
        after_help = "Examples:\n  cargo tenon contract confirm hubspot__48807704__deal__99\n  \
        cargo tenon contract confirm hubspot__48807704__deal__99 --signed-on 2026-11-20"
    )]
    Contract {
        #[command(subcommand)]
        decision: ContractDecision,
    },
    /// When each flow goes to Odoo, how far, and what it holds back.
    #[command(after_help = flows::EXAMPLES)]
    Flow {
        #[command(subcommand)]
        question: flows::FlowQuestion,
    },
    /// Who is to work on which project, as the PSA plans it.
    #[command(after_help = "Examples:\n  cargo tenon assignments\n  \
        cargo tenon assignments productive__17__project__77")]
    Assignments {
        /// The project's reference; every project when missing.
        project: Option<String>,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// What happened, written down so that nothing can be changed unnoticed.
    #[command(after_help = audit::EXAMPLES)]
    Audit {
        #[command(subcommand)]
        question: audit::AuditQuestion,
    },
    /// Decide about a customer that may be in Odoo already.
    #[command(
        after_help = "Examples:\n  cargo tenon customer link hubspot__48807704__company__9075112200 41\n  \
        cargo tenon customer distinct hubspot__48807704__company__9075112200"
    )]
    Customer {
        #[command(subcommand)]
        decision: CustomerDecision,
    },
    /// Try a parked record again, because its cause is gone.
    #[command(after_help = "Example:\n  cargo tenon retry hubspot__48807704__invoice__99_2f1")]
    Retry {
        /// The record's reference.
        reference: String,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// The messages that nobody could handle, and why.
    #[command(
        args_conflicts_with_subcommands = true,
        after_help = "Examples:\n  cargo tenon dead-letters\n  \
        cargo tenon dead-letters redrive deliveries   # back to their queue, when the cause is gone"
    )]
    DeadLetters {
        #[command(subcommand)]
        decision: Option<Redrive>,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// The work list, when it was lost.
    Ledger {
        #[command(subcommand)]
        decision: LedgerDecision,
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

/// A decision about a contract.
#[derive(Debug, Subcommand)]
pub enum ContractDecision {
    /// Confirm its draft order in Odoo; the project follows by itself.
    Confirm {
        /// The deal's reference.
        deal: String,
        /// The order's date [default: today, where the order is sold].
        #[arg(long, value_name = "DAY")]
        signed_on: Option<String>,
        #[command(flatten)]
        deployment: Deployment,
    },
}

/// A decision about dead letters.
#[derive(Debug, Subcommand)]
pub enum Redrive {
    /// Send the dead letters of a queue back to it.
    Redrive {
        /// The queue, for example deliveries.
        queue: String,
        #[command(flatten)]
        deployment: Deployment,
    },
}

/// A decision about the ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerDecision {
    /// Note everything of ours that is in Odoo as posted. Afterwards replay the sources: what is
    /// there is compared, and nothing comes twice.
    #[command(after_help = "Example:\n  cargo tenon ledger rebuild")]
    Rebuild {
        #[command(flatten)]
        deployment: Deployment,
    },
}

impl ContractDecision {
    async fn take(self) -> Result<(), CommandError> {
        let Self::Confirm {
            deal,
            signed_on,
            deployment,
        } = self;
        let body = json!({"deal": deal, "signed_on": signed_on});
        let answer = deployment.post("contract", &body).await?;
        deployment.print(&answer, |answer| {
            let deal = word(answer, "deal");
            match answer.get("needed") {
                Some(needed) => {
                    let agreed = word(answer, "agreed");
                    println!(
                        "{deal}: {agreed} of {needed} people agree; others have to confirm it too"
                    );
                }
                None => println!("{deal} is confirmed as of {}", word(answer, "signed_on")),
            }
        })
    }
}

impl Question {
    /// Asks the console and prints its answer.
    pub async fn ask(self) -> Result<(), CommandError> {
        match self {
            Self::Status { deployment } => {
                let status = deployment.get("status").await?;
                deployment.print(&status, status::print)
            }
            Self::Trace {
                identifier,
                deployment,
            } => {
                let asked = identifier.join(" ");
                let asked = utf8_percent_encode(&asked, NON_ALPHANUMERIC);
                let trace = deployment.get(&format!("trace?id={asked}")).await?;
                deployment.print(&trace, trace::print)
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
            Self::Contract { decision } => decision.take().await,
            Self::Flow { question } => question.ask().await,
            Self::Assignments {
                project,
                deployment,
            } => assignments::ask(project, &deployment).await,
            Self::Audit { question } => question.ask().await,
            Self::Customer { decision } => decision.take().await,
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
            Self::DeadLetters {
                decision,
                deployment,
            } => match decision {
                None => dead_letters::list_all(&deployment).await,
                Some(Redrive::Redrive { queue, deployment }) => {
                    dead_letters::redrive(&queue, &deployment).await
                }
            },
            Self::Ledger {
                decision: LedgerDecision::Rebuild { deployment },
            } => rebuild(&deployment).await,
        }
    }
}

async fn rebuild(deployment: &Deployment) -> Result<(), CommandError> {
    let answer = deployment.post("ledger/rebuild", &json!({})).await?;
    deployment.print(&answer, |_| {
        println!("every lane notes now what Odoo has of it; tenon trace ID shows a record");
    })
}

fn print_link(answer: &Value) {
    println!(
        "{} belongs to {}",
        word(answer, "project"),
        word(answer, "deal")
    );
}
