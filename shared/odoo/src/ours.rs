//! What we posted, as Odoo knows it: every record under an external id of ours.
//!
//! Reading `ir.model.data` takes an administrator; `get_metadata` tells the external id of a record
//! to whoever may read it.

use domain::Reference;
use domain::command::Company;
use serde::Deserialize;
use serde_json::json;

use crate::answer::OrFalse;
use crate::{Context, Odoo, OdooError};

/// The module of our external ids.
const MODULE: &str = "tenon.";

/// A record that we posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ours {
    /// Its database id.
    pub id: i64,
    /// What it was posted under.
    pub reference: Reference,
}

/// A part of a model's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Those of them that we posted.
    pub ours: Vec<Ours>,
    /// The last id that was looked at; none when there are no more.
    pub last: Option<i64>,
}

#[derive(Deserialize)]
struct Metadata {
    id: i64,
    xmlid: OrFalse<String>,
}

/// Whether the record of a reference is still there.
pub async fn is_there(
    odoo: &Odoo,
    company: &Company,
    reference: &Reference,
) -> Result<bool, OdooError> {
    let (context, external_id) = (Context::of(company), reference.external_id());
    Ok(odoo.look_up(&context, &external_id).await?.is_some())
}

/// The records of a model after an id, at most `most` of them, archived ones too, in two calls.
pub async fn page(
    odoo: &Odoo,
    companies: &[i64],
    model: &str,
    after: i64,
    most: usize,
) -> Result<Page, OdooError> {
    let context = Context::companies(companies).with("active_test", json!(false));
    let search = json!({"domain": [["id", ">", after]], "order": "id", "limit": most});
    let ids: Vec<i64> = odoo.call(model, "search", &context, search).await?;
    let found: Vec<Metadata> = match ids.is_empty() {
        true => Vec::new(),
        false => {
            let ids = json!({"ids": ids});
            odoo.call(model, "get_metadata", &context, ids).await?
        }
    };
    let ours = |record: Metadata| {
        let reference = record.xmlid.0?.strip_prefix(MODULE)?.parse().ok()?;
        let id = record.id;
        Some(Ours { id, reference })
    };
    Ok(Page {
        ours: found.into_iter().filter_map(ours).collect(),
        last: ids.last().copied(),
    })
}
