//! A partner that was there before becomes a customer of ours: it gets the external id that every
//! later posting names, and none of its values changes.
//!
//! Only an administrator may write external ids; `load` gives one to what it creates. So a bare,
//! archived partner is created under it and merged into the one that is there by Odoo's own wizard,
//! which moves the external id. Until it is merged, nobody sees the bare one.
//! <https://github.com/odoo/odoo/blob/19.0/odoo/addons/base/wizard/base_partner_merge.py>

use domain::Reference;
use domain::command::{BillingContact, CreateCustomer};
use domain::customer::{Noted, mailbox};
use domain::record::Posted;
use serde::Deserialize;
use serde_json::{Value, json};

use super::fields::found;
use super::{create_contact, give_pricelist, give_terms};
use crate::answer::OrFalse;
use crate::load::{Cells, flag};
use crate::{Context, Odoo, OdooError};

const MODEL: &str = "res.partner";
const WIZARD: &str = "base.partner.merge.automatic.wizard";

#[derive(Deserialize)]
struct Partner {
    id: i64,
    active: bool,
    is_company: bool,
    r#type: OrFalse<String>,
    email: OrFalse<String>,
    parent_id: OrFalse<i64>,
    company_id: OrFalse<i64>,
}

const FIELDS: [&str; 6] = [
    "active",
    "is_company",
    "type",
    "email",
    "parent_id",
    "company_id",
];

impl Partner {
    /// What we made to carry an external id, and have not merged yet. What we make else is a company
    /// or an invoice contact.
    fn is_bare(&self) -> bool {
        !self.active && !self.is_company && self.r#type.0.as_deref() == Some("contact")
    }
}

/// Makes the partner `partner_id` the customer. What it has stays as it is; payment terms are given
/// where it has none in this company, and the billing contact where none of its contacts has that
/// address. [`Posted::others`] is the contact.
pub async fn adopt(
    odoo: &Odoo,
    reference: &Reference,
    customer: &CreateCustomer,
    partner_id: i64,
) -> Result<Posted, OdooError> {
    let context = Context::of(&customer.company);
    let id = match named(odoo, &context, reference).await? {
        // It may have been merged into another one since: then that one is the customer.
        Some(there) if !there.is_bare() => there.id,
        Some(_) | None => {
            let partner = read(odoo, &context, partner_id).await?;
            check(&partner, customer)?;
            take_on(odoo, &context, reference, &partner).await?
        }
    };
    give_terms(odoo, &context, id, customer).await?;
    give_pricelist(odoo, &context, id, customer).await?;
    let base = found(odoo, &context, id).await?;
    let mut others = Vec::new();
    if let Some(contact) = &customer.billing_contact {
        let contact_id = adopt_contact(odoo, &context, id, contact, customer).await;
        others.push(contact_id.map_err(|error| error.without(&contact.name.0))?);
    }
    Ok(Posted {
        model: MODEL.to_owned(),
        id,
        others,
        name: None,
        customer: Noted {
            base,
            rejected: Vec::new(),
        },
    })
}

fn check(partner: &Partner, customer: &CreateCustomer) -> Result<(), OdooError> {
    let id = partner.id;
    let wrong = |what: &str| Err(OdooError::differs(format!("partner {id} {what}")));
    if partner.parent_id.0.is_some() {
        return wrong("is a contact: name the company that it belongs to");
    }
    match partner.company_id.0 {
        Some(company) if company != customer.company.id => {
            wrong("belongs to another company of this Odoo alone")
        }
        _ if !partner.active => wrong("is archived in Odoo"),
        _ => Ok(()),
    }
}

/// The contact of this company with that address, if there is one; else a new one.
pub(super) async fn adopt_contact(
    odoo: &Odoo,
    context: &Context,
    company: i64,
    contact: &BillingContact,
    customer: &CreateCustomer,
) -> Result<i64, OdooError> {
    match named(odoo, context, &contact.reference).await? {
        Some(there) if !there.is_bare() => return Ok(there.id),
        Some(_) | None => {}
    }
    let email = mailbox(&contact.email.0);
    let arguments = json!({
        "domain": [["parent_id", "=", company], ["email", "=ilike", format!("%{email}%")]],
        "fields": FIELDS, "order": "id", "load": null,
    });
    let found: Vec<Partner> = match email.is_empty() {
        true => Vec::new(),
        false => odoo.call(MODEL, "search_read", context, arguments).await?,
    };
    let same = |partner: &&Partner| {
        let theirs = partner.email.0.as_deref().map(mailbox);
        theirs.as_deref() == Some(email.as_str())
    };
    let chosen = found.iter().filter(same);
    let is_invoice = |partner: &&Partner| partner.r#type.0.as_deref() == Some("invoice");
    match chosen.clone().find(is_invoice).or(chosen.clone().next()) {
        Some(there) => take_on(odoo, context, &contact.reference, there).await,
        None => create_contact(odoo, context, company, contact, customer).await,
    }
}

/// Gives our external id to a partner. Each step finds what the one before it left.
async fn take_on(
    odoo: &Odoo,
    context: &Context,
    reference: &Reference,
    partner: &Partner,
) -> Result<i64, OdooError> {
    let mut cells = Cells::default();
    cells.set("id", reference.external_id());
    cells.set("name", "Tenon");
    cells.set("is_company", flag(false));
    cells.set("active", flag(false));
    cells.set("ref", reference.id());
    // What the wizard finds empty it would fill.
    cells.set("lang", "");
    // Only an administrator may merge different addresses.
    if let Some(email) = &partner.email.0 {
        cells.set("email", email);
    }
    let bare = odoo
        .load_one(context, MODEL, &cells.fields, &[cells.row])
        .await?;
    if bare != partner.id {
        merge(odoo, context, bare, partner.id).await?;
    }
    match named(odoo, context, reference).await? {
        Some(there) if there.id == partner.id => Ok(there.id),
        Some(_) | None => Err(OdooError::differs(format!(
            "partner {} did not get our external id",
            partner.id
        ))),
    }
}

async fn merge(odoo: &Odoo, context: &Context, bare: i64, into: i64) -> Result<(), OdooError> {
    let values = json!({
        "state": "selection", "partner_ids": [[6, 0, [bare, into]]], "dst_partner_id": into,
    });
    let made = json!({"vals_list": values});
    let wizard: Value = odoo.call(WIZARD, "create", context, made).await?;
    let arguments = json!({"ids": wizard});
    let _: Value = odoo
        .call(WIZARD, "action_merge", context, arguments)
        .await?;
    Ok(())
}

async fn named(
    odoo: &Odoo,
    context: &Context,
    reference: &Reference,
) -> Result<Option<Partner>, OdooError> {
    match odoo.look_up(context, &reference.external_id()).await? {
        Some(id) => Ok(Some(read(odoo, context, id).await?)),
        None => Ok(None),
    }
}

async fn read(odoo: &Odoo, context: &Context, id: i64) -> Result<Partner, OdooError> {
    odoo.read_one(context, MODEL, id, &FIELDS).await
}
