//! Everything a function needs of AWS: the ledger and its sister tables, queues, secrets, logs.
//!
//! `infra/KEYS.md` says what every key means; [`keys`] is the only place that spells them.

mod agreements;
mod assignments;
mod audit;
mod bells;
mod billing;
mod books;
mod checked_clock;
mod clock;
mod compressed;
mod connect;
mod contents;
mod control;
mod crosswalk;
mod dead_letters;
mod environment;
mod error;
mod exceptions;
mod files;
mod found;
mod gate;
mod gate_metrics;
mod heard;
mod held_back;
mod identities;
mod index;
mod item;
pub mod keys;
mod lease;
mod ledger;
mod losses;
mod messages;
mod metrics;
mod partition;
mod person;
mod pointers;
mod psa_creations;
mod psa_projects;
mod queue;
mod recorded;
mod runs;
mod secrets;
mod settle;
mod source_gate;
mod sqs_batch;
mod sunset;
mod telemetry;
mod tokens;
mod tries;

pub use agreements::Agreements;
pub use assignments::KeptAssignment;
pub use audit::Audit;
pub use bells::Bells;
pub use billing::{Billing, OrderBook};
pub use books::{BookRefusal, Books, PublishedBook};
pub use clock::{Clock, FixedClock, SystemClock};
pub use connect::Connection;
pub use control::{Cursor, Cursors};
pub use crosswalk::{Crosswalk, Link};
pub use dead_letters::{DeadLetter, DeadLetters};
pub use environment::{BadEnvironment, Environment};
pub use error::StoreError;
pub use exceptions::Exceptions;
pub use files::{Files, OpenFile};
pub use gate::OdooGate;
pub use heard::{Heard, LastHeard};
pub use held_back::HeldPointer;
pub use identities::Identities;
pub use lease::{Lease, Release, Take};
pub use ledger::{Accepted, Ledger, Pending};
pub use losses::{AccountLoss, Loss, Losses};
pub use messages::{
    Bell, FeedbackDue, KeyRefresh, MessageError, Rebuild, Released, UnitDue, read as read_message,
};
pub use partition::Partition;
pub use psa_creations::{Asked, PsaCreation, PsaCreations, PsaPart};
pub use queue::Queue;
pub use recorded::{Recorded, RecordedPage, RecordedPlace, Recorder, Recordings};
pub use runs::{EntityRuns, Runs};
pub use secrets::{Secret, Secrets};
pub use settle::Settled;
pub use source_gate::{
    Account, Allowance, Allowed, Asking, Entry, Leave, Refusal, Renewal, SourceGate,
};
pub use sqs_batch::{MessageOutcome, handle_batch};
pub use sunset::Sunset;
pub use telemetry::{Chain, init as init_telemetry};
pub use tokens::{RandomTokens, Tokens};
pub use tries::{Sent, Tries};
