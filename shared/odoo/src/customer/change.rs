//! A newer version of a customer on the partner that is there: field by field, as far as the book lets
//! its source.

use domain::command::{BillingContact, CreateCustomer};
use domain::customer::Noted;
use domain::judge::Objection;
use domain::policy::{CustomerField, CustomerOwnership};
use domain::record::Posted;
use domain::{ExceptionClass, Reference};
use serde::Deserialize;
use serde_json::Value;
use tracing::info;

use super::adopt::adopt_contact;
use super::fields::{Values, as_written, found, said, same};
use super::merge::{Before, Merged, merge};
use super::{give_pricelist, give_terms};
use crate::answer::OrFalse;
use crate::{Context, Odoo, OdooError};

const MODEL: &str = "res.partner";

/// What is known of a customer that was posted before.
pub struct Known<'a> {
    /// The versions that Odoo may have, newest first.
    pub earlier: &'a [&'a CreateCustomer],
    /// What was noted when the last of them was posted.
    pub noted: Option<&'a Noted>,
    /// Who owns its fields.
    pub ownership: &'a CustomerOwnership,
}

/// Writes what the newest version changes and its source owns; what it may not change is noted in
/// [`Posted::customer`]. A contact that is new is made, and stays [`Posted::others`].
pub async fn follow(
    odoo: &Odoo,
    reference: &Reference,
    known: &Known<'_>,
    customer: &CreateCustomer,
) -> Result<Posted, OdooError> {
    let context = Context::of(&customer.company);
    let id = odoo.resolve(&context, &reference.external_id()).await?;
    // Before it is looked at: an order may wait for its contact.
    let contact = contact(odoo, &context, id, known, customer).await?;
    give_terms(odoo, &context, id, customer).await?;
    give_pricelist(odoo, &context, id, customer).await?;
    let now = found(odoo, &context, id).await?;
    let after = values(odoo, &context, customer).await?;
    let mut before = Vec::with_capacity(known.earlier.len());
    for earlier in known.earlier {
        before.push(values(odoo, &context, earlier).await?);
    }
    let none = Noted::default();
    let mut noted = known.noted.unwrap_or(&none).clone();
    let before = Before {
        said: &before,
        base: &noted.base,
    };
    let mut merged = merge(known.ownership, &before, &now, &after);
    let mut conflicts = std::mem::take(&mut merged.conflicts);
    let (others, contact) = contact.map_or_else(Default::default, |(contact_id, merged)| {
        (vec![contact_id], merged)
    });
    conflicts.extend(contact.conflicts.iter().cloned());
    if !conflicts.is_empty() {
        return Err(OdooError::Asked(Box::new(both_sides(reference, conflicts))));
    }
    write(odoo, &context, id, &merged).await?;
    if let Some(contact_id) = others.first() {
        write_contact(odoo, &context, *contact_id, &contact).await?;
    }
    told(reference, &merged);
    noted
        .base
        .retain(|field, _| !merged.written.contains_key(field));
    noted.rejected = merged.rejected;
    noted.rejected.extend(contact.rejected);
    name_terms(odoo, &context, &mut noted).await?;
    Ok(Posted {
        model: MODEL.to_owned(),
        id,
        others,
        name: None,
        customer: noted,
    })
}

async fn values(
    odoo: &Odoo,
    context: &Context,
    customer: &CreateCustomer,
) -> Result<Values, OdooError> {
    let term = odoo.resolve(context, &customer.payment_term).await?;
    Ok(said(customer, term))
}

async fn write(odoo: &Odoo, context: &Context, id: i64, merged: &Merged) -> Result<(), OdooError> {
    if merged.written.is_empty() {
        return Ok(());
    }
    let values = as_written(odoo, context, &merged.written).await?;
    odoo.write(context, MODEL, &[id], Value::Object(values))
        .await?;
    check(&found(odoo, context, id).await?, &merged.written)
}

fn check(now: &Values, written: &Values) -> Result<(), OdooError> {
    let mut differences = crate::differences::Differences::default();
    for (field, value) in written {
        if !same(*field, now.get(field), Some(value)) {
            let name = field.name();
            differences.add(format!(
                "the customer's {name} is not the one that was sent"
            ));
        }
    }
    differences.finish()
}

/// The billing contact's id, and what becomes of its fields; one that is new is made as it should be.
async fn contact(
    odoo: &Odoo,
    context: &Context,
    company: i64,
    known: &Known<'_>,
    customer: &CreateCustomer,
) -> Result<Option<(i64, Merged)>, OdooError> {
    let Some(contact) = &customer.billing_contact else {
        return Ok(None);
    };
    let id = adopt_contact(odoo, context, company, contact, customer).await;
    let id = id.map_err(|error| error.without(&contact.name.0))?;
    let earlier = known.earlier.iter();
    let earlier = earlier.filter_map(|earlier| earlier.billing_contact.as_ref());
    let said: Vec<Values> = earlier
        .filter(|earlier| earlier.reference == contact.reference)
        .map(of_contact)
        .collect();
    if said.is_empty() {
        return Ok(Some((id, Merged::default())));
    }
    let before = Before {
        said: &said,
        base: &Values::new(),
    };
    let now = contact_found(odoo, context, id).await?;
    let merged = merge(known.ownership, &before, &now, &of_contact(contact));
    Ok(Some((id, merged)))
}

fn of_contact(contact: &BillingContact) -> Values {
    let said = [
        (CustomerField::ContactName, &contact.name.0),
        (CustomerField::ContactEmail, &contact.email.0),
    ];
    let said = said.into_iter().filter(|(_, value)| !value.is_empty());
    said.map(|(field, value)| (field, value.clone())).collect()
}

async fn contact_found(odoo: &Odoo, context: &Context, id: i64) -> Result<Values, OdooError> {
    #[derive(Deserialize)]
    struct Contact {
        name: OrFalse<String>,
        email: OrFalse<String>,
        active: bool,
    }
    let fields = ["name", "email", "active"];
    let found: Contact = odoo.read_one(context, MODEL, id, &fields).await?;
    if !found.active {
        return Err(OdooError::differs(
            "the billing contact is archived in Odoo",
        ));
    }
    let found = [
        (CustomerField::ContactName, found.name.0),
        (CustomerField::ContactEmail, found.email.0),
    ];
    let found = found.into_iter();
    Ok(found
        .filter_map(|(field, value)| Some((field, value?)))
        .collect())
}

async fn write_contact(
    odoo: &Odoo,
    context: &Context,
    id: i64,
    merged: &Merged,
) -> Result<(), OdooError> {
    if merged.written.is_empty() {
        return Ok(());
    }
    let values = as_written(odoo, context, &merged.written).await?;
    odoo.write(context, MODEL, &[id], Value::Object(values))
        .await?;
    check(&contact_found(odoo, context, id).await?, &merged.written)
}

/// Payment terms as everybody names them.
async fn name_terms(odoo: &Odoo, context: &Context, noted: &mut Noted) -> Result<(), OdooError> {
    let terms = |field| field == CustomerField::PaymentTerms;
    for rejected in noted.rejected.iter_mut().filter(|one| terms(one.field)) {
        let id = rejected.value.take().and_then(|id| id.parse::<i64>().ok());
        if let Some(id) = id {
            let names = odoo
                .names_of(context, "account.payment.term", &[id])
                .await?;
            rejected.value = names.into_iter().next().map(|(name, _)| name);
        }
    }
    Ok(())
}

fn told(reference: &Reference, merged: &Merged) {
    for field in &merged.restored {
        info!(%reference, field = field.name(), "a person's value was overwritten: the field is the CRM's");
    }
    for rejected in &merged.rejected {
        let (field, owner) = (rejected.field.name(), rejected.owner.name());
        info!(%reference, field, owner, "change rejected: not owner");
    }
}

fn both_sides(reference: &Reference, items: Vec<String>) -> Objection {
    Objection {
        code: "customer_conflict",
        class: ExceptionClass::BusinessRule,
        sentence: format!(
            "Customer {} cannot follow the CRM by itself",
            reference.id()
        ),
        items,
        fix: "Make both sides say the same, or let the book decide (ownership.customer) and change the \
              customer in the CRM once more. When both sides say the same: tenon retry"
            .to_owned(),
        owner: "steward",
    }
}
