//! What became of the invoices we posted.

use std::collections::BTreeMap;

use domain::event::InvoiceStatus;
use domain::{DecimalText, Reference, Version};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::json;

use crate::answer::OrFalse;
use crate::{Context, Odoo, OdooError};

const MODEL: &str = "account.move";
const PAGE: usize = 500;
/// The rest follows with the next call: it starts at the largest stamp of this one.
const PAGES: usize = 20;

/// Invoices that Odoo changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// The invoices of ours, oldest change first.
    pub invoices: Vec<InvoiceStatus>,
    /// The largest stamp seen, of any invoice; `since` when there was none.
    pub until: Timestamp,
}

#[derive(Deserialize)]
struct Invoice {
    id: i64,
    name: String,
    payment_state: String,
    amount_total: DecimalText,
    amount_residual: DecimalText,
    currency_id: i64,
    write_date: DateTime,
}

#[derive(Deserialize)]
struct Metadata {
    id: i64,
    xmlid: OrFalse<String>,
}

#[derive(Deserialize)]
struct Currency {
    id: i64,
    name: String,
}

/// Posted customer invoices and credit notes that changed at or after `since`.
///
/// Odoo stamps a change with the start of its transaction and commits later, so the caller goes
/// back by more than Odoo's longest request and recognises what it already has by its version.
pub async fn changed_since(
    odoo: &Odoo,
    companies: &[i64],
    since: Timestamp,
) -> Result<Changed, OdooError> {
    let context = Context::companies(companies);
    let mut changed = Changed {
        invoices: Vec::new(),
        until: since,
    };
    for page in 0..PAGES {
        let found = page_of(odoo, &context, companies, since, page * PAGE).await?;
        let last = found.len() < PAGE;
        for invoice in &found {
            changed.until = changed.until.max(stamp(invoice)?);
        }
        changed.invoices.extend(ours(odoo, &context, found).await?);
        if last {
            break;
        }
    }
    Ok(changed)
}

async fn page_of(
    odoo: &Odoo,
    context: &Context,
    companies: &[i64],
    since: Timestamp,
    offset: usize,
) -> Result<Vec<Invoice>, OdooError> {
    let since = since.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let arguments = json!({
        "domain": [
            ["move_type", "in", ["out_invoice", "out_refund"]],
            ["state", "=", "posted"],
            ["company_id", "in", companies],
            ["write_date", ">=", since],
        ],
        "fields": [
            "name", "payment_state", "amount_total", "amount_residual", "currency_id", "write_date",
        ],
        "order": "write_date, id", "limit": PAGE, "offset": offset, "load": null,
    });
    odoo.call(MODEL, "search_read", context, arguments).await
}

/// Those with an external id of ours that names an invoice.
async fn ours(
    odoo: &Odoo,
    context: &Context,
    found: Vec<Invoice>,
) -> Result<Vec<InvoiceStatus>, OdooError> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = found.iter().map(|invoice| invoice.id).collect();
    let metadata: Vec<Metadata> = odoo
        .call(MODEL, "get_metadata", context, json!({"ids": ids}))
        .await?;
    let names: BTreeMap<i64, Reference> = (metadata.into_iter())
        .filter_map(|record| Some((record.id, invoice_reference(record.xmlid.0?.as_str())?)))
        .collect();
    let currencies = currencies(odoo, context, &found).await?;
    let mut invoices = Vec::new();
    for invoice in found {
        let Some(reference) = names.get(&invoice.id) else {
            continue;
        };
        invoices.push(InvoiceStatus {
            invoice: reference.clone(),
            version: Version::at(stamp(&invoice)?),
            number: invoice.name,
            payment_state: invoice.payment_state,
            total: invoice.amount_total.0,
            residual: invoice.amount_residual.0,
            currency: currencies
                .get(&invoice.currency_id)
                .cloned()
                .unwrap_or_default(),
        });
    }
    Ok(invoices)
}

fn invoice_reference(external_id: &str) -> Option<Reference> {
    let reference: Reference = external_id.strip_prefix("tenon.")?.parse().ok()?;
    (reference.entity() == "invoice").then_some(reference)
}

async fn currencies(
    odoo: &Odoo,
    context: &Context,
    found: &[Invoice],
) -> Result<BTreeMap<i64, String>, OdooError> {
    let mut ids: Vec<i64> = found.iter().map(|invoice| invoice.currency_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let named: Vec<Currency> = odoo.read(context, "res.currency", &ids, &["name"]).await?;
    Ok((named.into_iter())
        .map(|currency| (currency.id, currency.name))
        .collect())
}

fn stamp(invoice: &Invoice) -> Result<Timestamp, OdooError> {
    (invoice.write_date.to_zoned(TimeZone::UTC))
        .map(|zoned| zoned.timestamp())
        .map_err(|error| OdooError::Unreadable {
            reason: error.to_string(),
        })
}
