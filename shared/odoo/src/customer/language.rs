//! The language of a customer: what it reads on its orders and invoices.

use domain::ExceptionClass;
use domain::judge::Objection;
use serde_json::json;

use crate::{Context, Odoo, OdooError};

/// Odoo knows many languages and speaks those that were installed.
pub(super) async fn installed(odoo: &Odoo, context: &Context, code: &str) -> Result<(), OdooError> {
    let arguments = json!({"domain": [["code", "=", code]]});
    let found: i64 = odoo
        .call("res.lang", "search_count", context, arguments)
        .await?;
    match found {
        0 => Err(OdooError::Asked(Box::new(not_installed(code)))),
        _ => Ok(()),
    }
}

fn not_installed(code: &str) -> Objection {
    Objection {
        code: "language_not_installed",
        class: ExceptionClass::DataQuality,
        sentence: format!("The customer's language {code} is not installed in Odoo"),
        items: vec![format!("language: {code}")],
        fix:
            "Install the language in Odoo (Settings, Languages), or map the CRM's word to another \
              one (crm.languages), then: tenon retry"
                .to_owned(),
        owner: "steward",
    }
}
