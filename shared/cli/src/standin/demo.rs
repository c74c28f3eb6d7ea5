//! The deal of the story: what a firm would have in HubSpot on the day it is won.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::hubspot::{HubSpot, Kind};

/// The HubSpot account of the demo.
pub const PORTAL: u64 = 48_807_704;

/// The deal's id.
pub const DEAL: &str = "16024871101";

/// The deal's name.
pub const DEAL_NAME: &str = "Data platform for Acme";

/// Its amount: 100 h × 160 − 10 % + 20 h × 210 + 3 × 10,000.
pub const AMOUNT: &str = "48600";

/// The company that buys.
pub const COMPANY: &str = "9075112200";

/// Who receives the invoices.
pub const CONTACT: &str = "138017612137";

/// Adds the deal with its company, contact and line items. The legal entity and the purchase
/// order number are still missing; nothing is signed. The first instalment is due on the first
/// day of the month of `today`, the others a month apart.
pub fn add_deal(hubspot: &HubSpot, today: Date) {
    add_customer(hubspot);
    hubspot.put(
        Kind::Deals,
        DEAL,
        &[
            ("dealname", Some(DEAL_NAME)),
            ("dealstage", Some("contractsent")),
            ("amount", Some(AMOUNT)),
            ("deal_currency_code", Some("USD")),
            ("hubspot_owner_id", Some("76023669")),
            ("payment_terms", Some("Net 30")),
            ("legal_entity", None),
            ("po_number", None),
            ("contract_signed_on", None),
            ("odoo_invoice_number", None),
            ("odoo_invoice_status", None),
            ("odoo_invoice_total", None),
            ("odoo_invoice_open", None),
        ],
    );
    hubspot.associate(DEAL, Kind::Companies, COMPANY);
    hubspot.associate(DEAL, Kind::Contacts, CONTACT);
    let senior = Line::new("Senior consultant", "SVC-SENIOR", "100", "160");
    let architect = Line::new("Architect", "SVC-ARCH", "20", "210");
    let mut lines = vec![
        Line {
            discount: Some("10"),
            ..senior
        },
        architect,
    ];
    let names = [
        "Delivery of the design",
        "Delivery of the platform",
        "Handover",
    ];
    for (months, name) in (0_i64..).zip(names) {
        let due = today.first_of_month().saturating_add(months.months());
        let line = Line::new(name, "SVC-FIXED", "1", "10000");
        lines.push(Line {
            due: Some(due),
            ..line
        });
    }
    for (position, line) in lines.iter().enumerate() {
        line.add(hubspot, position);
    }
}

fn add_customer(hubspot: &HubSpot) {
    hubspot.put(
        Kind::Companies,
        COMPANY,
        &[
            ("name", Some("Acme Manufacturing LLC")),
            ("country", Some("United States")),
            ("hs_country_code", Some("US")),
            ("vat_number", None),
        ],
    );
    hubspot.put(
        Kind::Contacts,
        CONTACT,
        &[
            ("firstname", Some("Pat")),
            ("lastname", Some("Payer")),
            ("email", Some("pat.payer@acme-manufacturing.example")),
        ],
    );
}

/// A line item to be.
struct Line<'a> {
    name: &'a str,
    sku: &'a str,
    quantity: &'a str,
    price: &'a str,
    discount: Option<&'a str>,
    due: Option<Date>,
}

impl<'a> Line<'a> {
    const fn new(name: &'a str, sku: &'a str, quantity: &'a str, price: &'a str) -> Self {
        Self {
            name,
            sku,
            quantity,
            price,
            discount: None,
            due: None,
        }
    }

    fn add(&self, hubspot: &HubSpot, position: usize) {
        let id = (20_811_000_001 + position).to_string();
        let due = self.due.map(|due| due.to_string());
        hubspot.put(
            Kind::LineItems,
            &id,
            &[
                ("name", Some(self.name)),
                ("hs_sku", Some(self.sku)),
                ("quantity", Some(self.quantity)),
                ("price", Some(self.price)),
                ("hs_discount_percentage", self.discount),
                ("discount", None),
                ("hs_recurring_billing_start_date", due.as_deref()),
                ("hs_position_on_quote", Some(&position.to_string())),
            ],
        );
        hubspot.associate(DEAL, Kind::LineItems, &id);
    }
}
