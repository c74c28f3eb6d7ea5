//! Facts of an account that the book does not name: nobody has said by whose words they are judged.

use super::Objection;
use crate::{ExceptionClass, Reference};

/// A fact of an account that no table `[[crm]]` or `[[psa]]` names.
pub(super) fn not_in_book(fact: &Reference, part: &str) -> Objection {
    let (source, account) = (fact.system(), fact.account());
    Objection {
        code: "account_not_in_book",
        class: ExceptionClass::DataQuality,
        sentence: format!("The book names no [[{part}]] with the account {account} of {source}"),
        items: vec![format!("{}: {}", fact.entity(), fact.id())],
        fix: format!(
            "Add the account to the book as a [[{part}]] of its own, then have its records sent again; or stop it from sending."
        ),
        owner: "steward",
    }
}
