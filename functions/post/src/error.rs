//! What can go wrong with a partition.

use aws::StoreError;
use domain::NextStep;
use domain::judge::Objection;
use domain::record::Posted;
use jiff::Timestamp;
use jiff::civil::Date;
use odoo::OdooError;

/// What became of a record.
pub type Outcome = Result<Posted, PostError>;

/// A record could not be posted, or a partition not be drained.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// A table, queue or secret.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Odoo.
    #[error(transparent)]
    Odoo(#[from] OdooError),
    /// The lane's Odoo user has no key.
    #[error("the secret {name} has no value: put the API key of the lane's Odoo user there")]
    NoKey {
        /// The secret.
        name: String,
    },
    /// A record stands on another that is not in Odoo.
    #[error("{reference} needs {needs}, which is not posted")]
    NotThere {
        /// The record.
        reference: String,
        /// What it stands on.
        needs: String,
    },
    /// The customer has a newer version, which goes first: it may bring the invoice's contact.
    #[error("{customer} is being changed; its order waits for that")]
    CustomerFirst {
        /// The customer.
        customer: String,
    },
    /// The contract sells no such service by the hour on that day.
    #[error("contract {deal} has no order line for the service {service} on {day}")]
    NoLine {
        /// The contract.
        deal: String,
        /// The service.
        service: String,
        /// The day of the work.
        day: Date,
    },
    /// A rule leaves a question that only a person can answer.
    #[error("{}: {}", .0.sentence, .0.items.join("; "))]
    Asked(Box<Objection>),
    /// The ledger was rebuilt and knows that the contract is in Odoo, but not what it says.
    #[error(
        "contract {deal} is in Odoo, and its source has not sent it again since the ledger was lost"
    )]
    NotReplayed {
        /// The contract.
        deal: String,
    },
    /// The ledger was rebuilt and knew the record; by now it is gone.
    #[error("it was deleted in Odoo; it is not made again")]
    Deleted,
    /// A mistake of ours, for which the log has the place.
    #[error("our own program failed on it")]
    Panicked,
}

impl PostError {
    /// What may be done.
    pub const fn next_step(&self) -> NextStep {
        match self {
            Self::Store(error) => error.next_step(),
            Self::Odoo(error) => error.next_step(),
            Self::NoKey { .. } | Self::NotReplayed { .. } | Self::CustomerFirst { .. } => {
                NextStep::Retry
            }
            Self::NotThere { .. }
            | Self::NoLine { .. }
            | Self::Asked(_)
            | Self::Deleted
            | Self::Panicked => NextStep::Park,
        }
    }

    /// Until when it makes no sense to try again, when that is known.
    pub const fn rest_until(&self) -> Option<Timestamp> {
        match self {
            Self::Odoo(error) => error.rest_until(),
            Self::Store(_)
            | Self::NoKey { .. }
            | Self::NotThere { .. }
            | Self::CustomerFirst { .. }
            | Self::NoLine { .. }
            | Self::Asked(_)
            | Self::NotReplayed { .. }
            | Self::Deleted
            | Self::Panicked => None,
        }
    }

    /// Whether another key would help.
    pub const fn is_about_the_key(&self) -> bool {
        matches!(self, Self::NoKey { .. } | Self::Odoo(OdooError::KeyRefused))
    }

    /// A stable code for the exception.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Asked(question) | Self::Odoo(OdooError::Asked(question)) => question.code,
            Self::Store(_) => "ledger_unreadable",
            Self::Odoo(OdooError::Differs { .. }) => "odoo_differs",
            Self::Odoo(OdooError::NotAllowed { .. }) => "odoo_not_allowed",
            Self::Odoo(OdooError::TooLarge) => "too_large",
            Self::Odoo(OdooError::Defect { .. }) => "defect",
            Self::Odoo(
                OdooError::Unreachable(_)
                | OdooError::NotNow(_)
                | OdooError::KeyRefused
                | OdooError::OutOfTime
                | OdooError::NoAnswer { .. }
                | OdooError::Busy { .. }
                | OdooError::Refused { .. }
                | OdooError::Unreadable { .. },
            ) => "odoo_refused",
            Self::NoKey { .. } => "no_key",
            Self::NotThere { .. } => "not_there",
            Self::CustomerFirst { .. } => "customer_first",
            Self::NoLine { .. } => "no_order_line",
            Self::NotReplayed { .. } => "not_replayed",
            Self::Deleted => "deleted_in_odoo",
            Self::Panicked => "program_failed",
        }
    }

    /// The question that a rule asks, with its own words and owner. Its fix ends where the record's
    /// name follows.
    pub fn question(&self) -> Option<&Objection> {
        match self {
            Self::Asked(question) | Self::Odoo(OdooError::Asked(question)) => Some(question),
            Self::Store(_)
            | Self::Odoo(_)
            | Self::NoKey { .. }
            | Self::NotThere { .. }
            | Self::CustomerFirst { .. }
            | Self::NoLine { .. }
            | Self::NotReplayed { .. }
            | Self::Deleted
            | Self::Panicked => None,
        }
    }

    /// Every single thing that is wrong.
    pub fn items(&self) -> Vec<String> {
        if let Some(question) = self.question() {
            return question.items.clone();
        }
        if let Self::Odoo(OdooError::Differs { differences }) = self {
            return differences.clone();
        }
        vec![aws::Chain(self).to_string()]
    }
}
