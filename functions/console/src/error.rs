//! Why a request of a person is not answered.

use aws::{BookRefusal, StoreError};
use domain::NextStep;
use domain::book::{BadBook, Right};
use domain::reference::NotAReference;

/// Why a request is not answered.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// Not signed by anybody IAM knows.
    #[error("nobody is asking: sign the request with AWS credentials")]
    Nobody,
    /// Not among what the book lets them do.
    #[error("the book does not let you {}: it names who may under [[people]]", .0.name())]
    NotAllowed(Right),
    /// Nothing under this path.
    #[error("unknown path: see tenon --help for what can be asked")]
    UnknownPath,
    /// A trace of nothing.
    #[error("nothing was asked: trace needs an id, as in trace?id=501")]
    NothingAsked,
    /// A body that cannot be read.
    #[error("the body cannot be read")]
    BadBody,
    /// A body that lacks something or has something unknown.
    #[error("the body is not what this asks for")]
    BadRequest(#[from] serde_json::Error),
    /// Not a reference.
    #[error(transparent)]
    NotAReference(#[from] NotAReference),
    /// No such contract.
    #[error(
        "{deal} is no contract we know: it is listed by tenon status once its deal is won and complete"
    )]
    NoContract {
        /// What was given.
        deal: String,
    },
    /// The project stands for another one already.
    #[error("{project} is linked to {deal} already")]
    LinkedAlready {
        /// The project.
        project: String,
        /// Its deal.
        deal: String,
    },
    /// Not a contract that waits for a person's confirmation.
    #[error(
        "{deal} is no contract that a person confirms: it has no draft order, is confirmed already, or the book lets its deal confirm it (contracts.confirm_on, contracts.approve_from)"
    )]
    NotToConfirm {
        /// What was given.
        deal: String,
    },
    /// Not a customer that waits for the decision which partner it is.
    #[error(
        "{reference} is no customer that waits for a decision: see tenon status for those that may be in Odoo already"
    )]
    NoCustomerAsked {
        /// What was given.
        reference: String,
    },
    /// Not a record that waits for a person.
    #[error(
        "{reference} is not parked: only a held record that has something to post can be tried again"
    )]
    NotParked {
        /// What was given.
        reference: String,
    },
    /// Its flow holds it back.
    #[error("{reference} is not parked: {reason}; see tenon flow report")]
    HeldBack {
        /// What was given.
        reference: String,
        /// What holds it back.
        reason: String,
    },
    /// Not an entity of the book.
    #[error("{0:?} is no key of [entities] in the book that is valid now")]
    NoEntity(String),
    /// The book does not let the flow go.
    #[error(
        "the flow {flow} is {mode} in the book that is valid now: put a book into force that lets it go, then ask again"
    )]
    FlowStands {
        /// The flow.
        flow: &'static str,
        /// Its mode.
        mode: &'static str,
    },
    /// A version of it is in Odoo: trying a newer one would not change that.
    #[error(
        "{reference} is not parked: a version of it is in Odoo already, and a posted record is never overwritten by itself"
    )]
    InOdooAlready {
        /// What was given.
        reference: String,
    },
    /// Not a queue whose dead letters can be sent back.
    #[error("no queue {queue:?} has dead letters that can be sent back: see tenon dead-letters")]
    NoSuchQueue {
        /// What was given.
        queue: String,
    },
    /// An answer that cannot be written down.
    #[error("the answer cannot be written")]
    Unwritable(#[source] serde_json::Error),
    /// A command that cannot be written down.
    #[error("the link cannot be stored")]
    Unstorable(#[source] serde_json::Error),
    /// Not a time.
    #[error("from: write now, or an instant such as 2026-12-01T00:00:00Z")]
    NoTime(#[source] jiff::Error),
    /// A book that cannot be used.
    #[error(transparent)]
    BadBook(#[from] BadBook),
    /// Nothing to try a book on.
    #[error("this deployment keeps nothing to try a book on: its parameter RecordDays is 0")]
    NothingRecorded,
    /// A decision about a book that is not taken.
    #[error(transparent)]
    Book(#[from] BookRefusal),
    /// A table or queue.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ConsoleError {
    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Nobody | Self::NotAllowed(_) => 403,
            Self::UnknownPath | Self::NoSuchQueue { .. } | Self::NoEntity(_) => 404,
            Self::NothingAsked
            | Self::NoTime(_)
            | Self::BadBody
            | Self::BadRequest(_)
            | Self::NotAReference(_) => 400,
            Self::NothingRecorded
            | Self::NoContract { .. }
            | Self::LinkedAlready { .. }
            | Self::NotToConfirm { .. }
            | Self::NoCustomerAsked { .. }
            | Self::NotParked { .. }
            | Self::HeldBack { .. }
            | Self::FlowStands { .. }
            | Self::InOdooAlready { .. }
            | Self::Book(
                BookRefusal::OwnWork(_)
                | BookRefusal::NotApproved { .. }
                | BookRefusal::ValidAlready(_)
                | BookRefusal::NothingBefore
                | BookRefusal::Overtaken,
            ) => 409,
            Self::Unstorable(_) | Self::Unwritable(_) => 500,
            Self::BadBook(_) => 422,
            Self::Book(BookRefusal::Unknown(_)) => 404,
            Self::Book(BookRefusal::Store(error)) | Self::Store(error) => match error.next_step() {
                NextStep::Retry | NextStep::LookFirst => 503,
                NextStep::Reject | NextStep::Park => 422,
            },
        }
    }
}
