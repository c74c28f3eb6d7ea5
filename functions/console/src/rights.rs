//! Who may ask for what. The book says it; who is asking comes from IAM.

use domain::book::Right;

use crate::Console;
use crate::error::ConsoleError;

impl Console {
    /// Refuses what the book does not let somebody do. Before the first book is in force, and where a
    /// book names nobody, IAM alone decides who may use the console.
    pub(crate) async fn allow(&self, person: &str, right: Right) -> Result<(), ConsoleError> {
        match self.may(person, right).await? {
            true => Ok(()),
            false => Err(ConsoleError::NotAllowed(right)),
        }
    }

    /// Whether somebody may do something.
    pub(crate) async fn may(&self, person: &str, right: Right) -> Result<bool, ConsoleError> {
        let now = self.clock.now();
        if self.books.timeline().await?.at(now).is_none() {
            return Ok(true);
        }
        Ok(self.books.active(now).await?.may(person, right))
    }
}

/// What a request needs; none where there is nothing to ask for.
pub(crate) fn needed(method: &str, path: &str) -> Option<Right> {
    Some(match (method, path) {
        (
            "GET",
            "status" | "trace" | "flows" | "assignments" | "dead-letters" | "book/versions"
            | "audit" | "audit/seal",
        )
        | ("POST", "audit/check") => Right::Look,
        ("GET", "book") => Right::SeeAmounts,
        ("POST", "crosswalk" | "customer/link" | "customer/distinct") => Right::Link,
        ("POST", "retry") => Right::Retry,
        ("POST", "contract" | "flows/run" | "flows/promote") => Right::Decide,
        ("POST", "book" | "book/test" | "book/approve") => Right::WriteBook,
        ("POST", "book/activate" | "book/rollback") => Right::ActivateBook,
        ("POST", "dead-letters" | "ledger/rebuild") => Right::Operate,
        _ => return None,
    })
}

/// Whether a request changes something here or in Odoo; what only asks is not written down.
pub(crate) fn changes_something(method: &str, path: &str) -> bool {
    method == "POST" && !["audit/check", "book/test"].contains(&path)
}
