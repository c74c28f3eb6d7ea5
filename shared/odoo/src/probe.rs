//! Whether Odoo is up.

use serde_json::{Value, json};

use crate::{Context, Odoo, OdooError};

/// Asks the web server, then the database with our key: about 15 ms on an idle Odoo.
pub async fn probe(odoo: &Odoo) -> Result<(), OdooError> {
    let (status, body) = odoo.get("/web/health").await?;
    if status != 200 {
        return Err(OdooError::of_answer(status, &body));
    }
    let nothing = Context::companies(&[]);
    let _: Value = odoo
        .call("res.users", "context_get", &nothing, json!({}))
        .await?;
    Ok(())
}
