//! Whether anything new may be agreed with a customer. Odoo itself never blocks: a person puts a tag
//! on the customer, and takes it away again.

use domain::ExceptionClass;
use domain::command::CreditCheck;
use domain::judge::Objection;
use serde_json::json;

use crate::{Context, Odoo, OdooError};

/// Nothing, or the question why not. `what` is what was about to be done.
pub(crate) async fn allows(
    odoo: &Odoo,
    context: &Context,
    check: Option<&CreditCheck>,
    what: &str,
) -> Result<(), OdooError> {
    let Some(check) = check else {
        return Ok(());
    };
    let customer = odoo.resolve(context, &check.customer.external_id()).await?;
    let arguments = json!({
        "domain": [["id", "=", customer], ["category_id.name", "=", check.tag]], "limit": 1,
    });
    let held: Vec<i64> = odoo
        .call("res.partner", "search", context, arguments)
        .await?;
    match held.is_empty() {
        true => Ok(()),
        false => Err(OdooError::Asked(Box::new(on_hold(check, what)))),
    }
}

fn on_hold(check: &CreditCheck, what: &str) -> Objection {
    let (customer, tag) = (check.customer.id(), &check.tag);
    Objection {
        code: "credit_hold",
        class: ExceptionClass::BusinessRule,
        sentence: format!("Customer {customer} is on credit hold: {what} waits"),
        items: vec![format!("the customer has the tag {tag:?} in Odoo")],
        fix: "When the hold is lifted, take the tag from the customer in Odoo, then: tenon retry"
            .to_owned(),
        owner: "finance",
    }
}
