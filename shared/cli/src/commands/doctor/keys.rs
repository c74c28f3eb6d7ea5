//! The keys with which an Odoo is examined.

use odoo::ApiKey;
use odoo::doctor::{Finding, Keys};

use crate::odoo_keys::{KeysError, KeysFile};

/// The keys of the four service users.
pub fn of_service_users(file: &KeysFile) -> Result<Keys, KeysError> {
    let key = |user| file.key(user).map(ApiKey::new);
    Ok(Keys {
        master: key("master")?,
        work: key("work")?,
        billing: key("billing")?,
        read: key("read")?,
    })
}

/// A warning for every file that others may read.
pub fn warnings(file: &KeysFile) -> impl Iterator<Item = Finding> {
    file.open_to_others().iter().map(|open| {
        let open = open.display();
        let found = format!("others may read {open}");
        Finding::warning("keys file", found, format!("chmod 600 {open}"))
    })
}
