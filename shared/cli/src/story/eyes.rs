//! What Odoo itself shows, read with a key of its own: never from our memory.

use std::time::Duration;

use domain::DecimalText;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::StoryError;

/// A reader of Odoo.
#[derive(Clone)]
pub struct Eyes {
    http: reqwest::Client,
    url: String,
    database: String,
    key: String,
}

/// An order as Odoo shows it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Order {
    /// Its database id.
    pub id: i64,
    /// Its number.
    pub name: String,
    /// `draft`, `sale`, …
    pub state: String,
    /// Without tax.
    pub amount_untaxed: DecimalText,
    /// The customer's purchase order number.
    pub client_order_ref: String,
    /// Customer: id and name.
    pub partner_id: (i64, String),
}

/// An order line.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct OrderLine {
    /// What the customer reads.
    pub name: String,
    /// Ordered.
    pub product_uom_qty: DecimalText,
    /// Pinned.
    pub price_unit: DecimalText,
    /// In percent.
    pub discount: DecimalText,
    /// Delivered.
    pub qty_delivered: DecimalText,
    /// Invoiced.
    pub qty_invoiced: DecimalText,
    /// Without tax.
    pub price_subtotal: DecimalText,
}

/// A timesheet line.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Timesheet {
    /// Its database id.
    pub id: i64,
    /// The PSA entry's id.
    #[serde(rename = "ref")]
    pub entry: Value,
    /// What was done; for hours that are not billed, why not.
    pub name: String,
    /// Hours.
    pub unit_amount: DecimalText,
    /// Cost, negative.
    pub amount: DecimalText,
    /// The order line that bills it: id and name, or false.
    pub so_line: Value,
    /// The invoice: id and number, or false.
    pub timesheet_invoice_id: Value,
}

/// A line of an invoice.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct InvoiceLine {
    /// What the customer reads.
    pub name: String,
    /// Hours, or units.
    pub quantity: DecimalText,
    /// Per hour or unit.
    pub price_unit: DecimalText,
    /// Without tax.
    pub price_subtotal: DecimalText,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Invoice {
    /// Its database id.
    pub id: i64,
    /// Its number, or `/`.
    pub name: Value,
    /// `draft`, `posted`, `cancel`.
    pub state: String,
    /// Without tax.
    pub amount_untaxed: DecimalText,
    /// Tax.
    pub amount_tax: DecimalText,
    /// With tax.
    pub amount_total: DecimalText,
    /// Still open.
    pub amount_residual: DecimalText,
    /// `not_paid`, `paid`, …
    pub payment_state: String,
}

impl Eyes {
    /// Looks into a database with this key.
    pub fn new(url: &str, database: &str, key: &str) -> Result<Self, StoryError> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(60))
            .build()
            .map_err(StoryError::NoAnswer)?;
        Ok(Self {
            http,
            url: url.trim_end_matches('/').to_owned(),
            database: database.to_owned(),
            key: key.to_owned(),
        })
    }

    /// Calls a method of a model.
    pub async fn call<T: DeserializeOwned>(
        &self,
        model: &str,
        method: &str,
        arguments: Value,
    ) -> Result<T, StoryError> {
        let answer = self
            .http
            .post(format!("{}/json/2/{model}/{method}", self.url))
            .header("authorization", format!("bearer {}", self.key))
            .header("x-odoo-database", &self.database)
            .json(&arguments)
            .send()
            .await
            .map_err(StoryError::NoAnswer)?;
        let status = answer.status().as_u16();
        let text = answer.text().await.map_err(StoryError::NoAnswer)?;
        serde_json::from_str(&text).map_err(|cause| StoryError::Odoo {
            call: format!("{model}.{method}"),
            status,
            answer: text.chars().take(300).collect(),
            cause,
        })
    }

    /// All records of a model that match.
    pub async fn search<T: DeserializeOwned>(
        &self,
        model: &str,
        domain: Value,
        fields: &[&str],
    ) -> Result<Vec<T>, StoryError> {
        let arguments = json!({"domain": domain, "fields": fields, "order": "id", "context": {"active_test": false}});
        self.call(model, "search_read", arguments).await
    }

    /// The orders that come from the CRM.
    pub async fn orders(&self) -> Result<Vec<Order>, StoryError> {
        let fields = [
            "name",
            "state",
            "amount_untaxed",
            "client_order_ref",
            "partner_id",
        ];
        self.search(
            "sale.order",
            json!([["origin", "like", "hubspot"]]),
            &fields,
        )
        .await
    }

    /// An order's lines.
    pub async fn order_lines(&self, order: i64) -> Result<Vec<OrderLine>, StoryError> {
        let fields = [
            "name",
            "product_uom_qty",
            "price_unit",
            "discount",
            "qty_delivered",
            "qty_invoiced",
            "price_subtotal",
        ];
        self.search(
            "sale.order.line",
            json!([["order_id", "=", order]]),
            &fields,
        )
        .await
    }

    /// All timesheet lines that name an entry of the PSA (Odoo has some of its own).
    pub async fn timesheets(&self) -> Result<Vec<Timesheet>, StoryError> {
        let fields = [
            "ref",
            "name",
            "unit_amount",
            "amount",
            "so_line",
            "timesheet_invoice_id",
        ];
        self.search(
            "account.analytic.line",
            json!([["project_id", "!=", false], ["ref", "!=", false]]),
            &fields,
        )
        .await
    }

    /// All customer invoices and credit notes.
    pub async fn invoices(&self) -> Result<Vec<Invoice>, StoryError> {
        let fields = [
            "name",
            "state",
            "amount_untaxed",
            "amount_tax",
            "amount_total",
            "amount_residual",
            "payment_state",
        ];
        let types = json!([["move_type", "in", ["out_invoice", "out_refund"]]]);
        self.search("account.move", types, &fields).await
    }

    /// Every record that the story could touch, with the stamp of its last change: if two
    /// fingerprints are equal, nothing in Odoo changed in between.
    pub async fn fingerprint(&self) -> Result<Vec<(String, Value)>, StoryError> {
        let mut all = Vec::new();
        for model in [
            "res.partner",
            "sale.order",
            "sale.order.line",
            "project.project",
            "account.analytic.account",
            "account.analytic.line",
            "account.move",
            "account.move.line",
            "account.payment",
        ] {
            let found: Value = self
                .search(model, json!([]), &["write_date"])
                .await
                .map(Value::Array)?;
            all.push((model.to_owned(), found));
        }
        Ok(all)
    }
}
