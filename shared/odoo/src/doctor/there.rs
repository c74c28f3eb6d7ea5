//! Whether something that a book names is there.

use serde::Deserialize;

use super::finding::Finding;
use super::server::words;
use crate::{Context, Odoo, OdooError};

#[derive(Deserialize)]
struct Active {
    active: bool,
}

/// Something that only has to be there. `active_of` names its model where it may be archived.
pub(super) async fn exists(
    odoo: &Odoo,
    context: &Context,
    what: &str,
    external_id: &str,
    active_of: Option<&str>,
) -> Option<Finding> {
    let name = format!("{what} {external_id}");
    let id = match odoo.look_up(context, external_id).await {
        Ok(Some(id)) => id,
        Ok(None) => return Some(missing(&name)),
        Err(error) => return Some(unknown(&name, &error)),
    };
    let found: Active = match odoo.read_one(context, active_of?, id, &["active"]).await {
        Ok(found) => found,
        Err(error) => return Some(unknown(&name, &error)),
    };
    (!found.active).then(|| {
        let fix = "take it out of the archive in Odoo, or name another in the book";
        Finding::failure("book", format!("{name} is archived"), fix)
    })
}

/// That something is not there.
pub(super) fn missing(name: &str) -> Finding {
    let fix = "create it in Odoo under this external id, or correct the book";
    Finding::failure("book", format!("{name} does not exist in Odoo"), fix)
}

/// That nobody knows whether it is.
pub(super) fn unknown(name: &str, error: &OdooError) -> Finding {
    let fix = "check the users' rights and companies above, then the book";
    Finding::failure("book", format!("{name}: {}", words(error)), fix)
}
