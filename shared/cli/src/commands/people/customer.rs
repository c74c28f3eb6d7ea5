//! A steward's decision about a customer that may be in Odoo already.

use clap::Subcommand;
use serde_json::json;

use super::page::word;
use crate::commands::CommandError;
use crate::commands::deployment::Deployment;

/// A decision about a customer.
#[derive(Debug, Subcommand)]
pub enum CustomerDecision {
    /// It is this partner: taken on as it is, nothing of it is overwritten.
    Link {
        /// The customer's reference.
        customer: String,
        /// The partner's id in Odoo.
        partner: i64,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// It is none of the partners that are there: it is made.
    Distinct {
        /// The customer's reference.
        customer: String,
        #[command(flatten)]
        deployment: Deployment,
    },
}

impl CustomerDecision {
    /// Tells the console.
    pub async fn take(self) -> Result<(), CommandError> {
        match self {
            Self::Link {
                customer,
                partner,
                deployment,
            } => {
                let body = json!({"customer": customer, "partner": partner});
                let answer = deployment.post("customer/link", &body).await?;
                deployment.print(&answer, |answer| {
                    println!("{} is partner {partner}", word(answer, "customer"));
                })
            }
            Self::Distinct {
                customer,
                deployment,
            } => {
                let body = json!({"customer": customer});
                let answer = deployment.post("customer/distinct", &body).await?;
                deployment.print(&answer, |answer| {
                    println!("{} is a customer of its own", word(answer, "customer"));
                })
            }
        }
    }
}
