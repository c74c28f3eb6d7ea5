//! What goes back to a source.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Reference;
use crate::book::CrmProperties;
use crate::event::InvoiceStatus;

/// Absolute values to write on a record of a source: writing them twice changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// The record to change, in the source's own ids.
    pub target: Reference,
    /// The source's property names and their new values.
    pub properties: BTreeMap<String, String>,
}

/// The deal whose invoice this is: an invoice's id is the deal's id, a slash and a number.
pub fn deal_of(invoice: &Reference) -> Option<Reference> {
    let (deal, _) = invoice.id().rsplit_once('/')?;
    Some(Reference::new(
        invoice.system(),
        invoice.account(),
        "deal",
        deal,
    ))
}

/// What the deal shows about its invoice.
pub fn of_invoice(status: &InvoiceStatus, names: &CrmProperties) -> Option<Feedback> {
    let properties = BTreeMap::from([
        (names.invoice_number.clone(), status.number.clone()),
        (names.invoice_status.clone(), status.payment_state.clone()),
        (names.invoice_total.clone(), status.total.to_string()),
        (names.invoice_open.clone(), status.residual.to_string()),
    ]);
    Some(Feedback {
        target: deal_of(&status.invoice)?,
        properties,
    })
}
