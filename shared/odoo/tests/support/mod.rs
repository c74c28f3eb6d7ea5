//! The real Odoo of the tests, and a contract to play with.

pub mod counted;
pub mod database;

use std::sync::Arc;
use std::time::Duration;

use domain::Reference;
use domain::book::WhenLocked;
use domain::command::{
    BillingContact, Cap, Company, ConfirmOrder, CreateCustomer, CreateOrder, CreateProject,
    DraftInvoice, InvoiceLine, LineBilling, LogTime, OrderLine,
};
use domain::customer::{Address, Hints};
use domain::event::Personal;
use domain::record::Posted;
use jiff::civil::date;
use odoo::time::{self, TimeRow};
use odoo::{
    ApiKey, Context, HttpWire, Memory, Odoo, OdooConfig, OdooError, OlderWire, Wire, customer,
    order, project,
};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use counted::Counted;

/// The administrator of the local seed; like the keys below, it opens nothing but a database that
/// the tests made themselves.
pub const ADMIN_KEY: &str = "f6f6f6f6000000000000000000000000000000f6";

/// The keys of the service users.
pub const KEYS: [(&str, &str); 4] = [
    ("master", "a1a1a1a1000000000000000000000000000000a1"),
    ("work", "b2b2b2b2000000000000000000000000000000b2"),
    ("billing", "c3c3c3c3000000000000000000000000000000c3"),
    ("read", "d4d4d4d4000000000000000000000000000000d4"),
];

/// A database of its own, and one connection per service user of the local seed.
pub struct World {
    pub master: Odoo,
    pub work: Odoo,
    pub billing: Odoo,
    pub reader: Odoo,
    pub finance: Odoo,
    pub admin: Odoo,
    url: String,
    database: String,
}

impl World {
    pub fn new() -> Self {
        let (url, database) = database::fresh();
        Self::of(url, database)
    }

    /// The users of a database that is there already.
    pub fn of(url: String, database: String) -> Self {
        let admin = at(&url, &database, ADMIN_KEY);
        let user = |key: &str| admin.with_key(ApiKey::new(key));
        Self {
            master: user(KEYS[0].1),
            work: user(KEYS[1].1),
            billing: user(KEYS[2].1),
            reader: user(KEYS[3].1),
            finance: user("e5e5e5e5000000000000000000000000000000e5"),
            admin,
            url,
            database,
        }
    }

    /// The same service users, who ask as older versions are asked.
    pub fn over_the_older_api(self) -> Self {
        let wire = HttpWire::new(&self.url, Duration::from_secs(120)).unwrap();
        let wire: Arc<dyn Wire> = Arc::new(OlderWire::new(Arc::new(wire), 19));
        let older = |name: &str| {
            let key = KEYS.iter().find(|(user, _)| *user == name).unwrap().1;
            let key = ApiKey::new(&format!("svc-{name}:{key}"));
            Odoo::over(Arc::clone(&wire), self.database.clone(), key)
        };
        Self {
            master: older("master"),
            work: older("work"),
            billing: older("billing"),
            reader: older("read"),
            ..self
        }
    }

    /// The work user, with every call noted.
    pub fn counted(&self) -> (Odoo, Arc<Counted>) {
        let wire = HttpWire::new(&self.url, Duration::from_secs(120)).unwrap();
        let wire = Arc::new(Counted::new(wire));
        let odoo = Odoo::over(wire.clone(), self.database.clone(), ApiKey::new(KEYS[1].1));
        (odoo, wire)
    }

    /// Entries that are new, logged by the work user.
    pub async fn log(&self, rows: &[TimeRow]) -> Vec<Result<Posted, OdooError>> {
        time::insert(&self.work, &memory(), &company(), rows).await
    }

    /// A second company, which keeps its books in euros; every service user may work for it.
    pub async fn second_company(&self) -> Company {
        let find = json!({"domain": [["name", "=", "EUR"]]});
        let context = Context::of(&company()).with("active_test", json!(false));
        let found: Vec<i64> = (self.admin)
            .call("res.currency", "search", &context, find)
            .await
            .unwrap();
        let activate = json!({"ids": found, "vals": {"active": true}});
        raw(&self.admin, "res.currency", "write", activate)
            .await
            .unwrap();
        let values = json!({"vals_list": {"name": "Northwind Europe", "currency_id": found[0]}});
        let made = raw(&self.admin, "res.company", "create", values)
            .await
            .unwrap();
        let id = made[0].as_i64().unwrap();
        let users = json!({"domain": [["login", "in", ["admin", "svc-master", "svc-work", "svc-billing", "svc-read"]]]});
        let users = raw(&self.admin, "res.users", "search", users)
            .await
            .unwrap();
        let join = json!({"ids": users, "vals": {"company_ids": [[4, id]]}});
        raw(&self.admin, "res.users", "write", join).await.unwrap();
        Company {
            id,
            zone: "Europe/Brussels".to_owned(),
        }
    }

    /// Address and database.
    pub fn place(&self) -> (&str, &str) {
        (&self.url, &self.database)
    }
}

/// The name of a fact in the CRM.
pub fn reference(entity: &str, id: &str) -> Reference {
    Reference::new("hubspot", "48807704", entity, id)
}

/// A connection to a database at any address.
pub fn at(url: &str, database: &str, key: &str) -> Odoo {
    Odoo::new(OdooConfig {
        url: url.to_owned(),
        database: database.to_owned(),
        key: ApiKey::new(key),
        read_timeout: Duration::from_secs(60),
    })
    .unwrap()
}

/// A call as it is, for what people do in Odoo.
pub async fn raw(odoo: &Odoo, model: &str, method: &str, body: Value) -> Result<Value, OdooError> {
    let context = Context::of(&company());
    odoo.call(model, method, &context, body).await
}

/// The database id of `module.name`, as whoever asks sees it.
pub async fn named_id(odoo: &Odoo, external_id: &str) -> Value {
    let (module, name) = external_id.split_once('.').unwrap();
    let find = json!({"module": module, "xml_id": name});
    let found = raw(odoo, "ir.model.data", "check_object_reference", find).await;
    found.unwrap()[1].clone()
}

/// Reads one record with all the named fields.
pub async fn record(odoo: &Odoo, model: &str, id: i64, fields: &[&str]) -> Value {
    let arguments = json!({"ids": [id], "fields": fields, "load": null});
    raw(odoo, model, "read", arguments).await.unwrap()[0].clone()
}

pub fn company() -> Company {
    Company {
        id: 1,
        zone: "America/New_York".to_owned(),
    }
}

/// A worker that has seen nothing yet.
pub fn memory() -> Memory {
    Memory::new(Duration::from_secs(60))
}

pub fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A contract with two lines by hours and one instalment.
pub struct Deal {
    pub customer: Reference,
    pub contact: Reference,
    pub deal: Reference,
    pub project: Reference,
    pub order: CreateOrder,
    /// Outside the United States the seeded fiscal position replaces the tax by 0 %.
    pub country: &'static str,
}

impl Deal {
    pub fn new(id: &str) -> Self {
        let customer = reference("company", "1");
        let contact = reference("contact", "1");
        let line =
            |name: &str, product: &str, quantity: &str, price: &str, discount: &str| OrderLine {
                reference: reference("line_item", &format!("{id}/{name}")),
                service: name.to_owned(),
                product: format!("catalogue.{product}"),
                description: format!("Work: {name}"),
                quantity: number(quantity),
                unit_price: number(price),
                discount_percent: number(discount),
                billing: match product {
                    "fixed_fee" => LineBilling::Instalment {
                        due: date(2026, 10, 1),
                    },
                    _ => LineBilling::TimeAndMaterials,
                },
                from: None,
                until: None,
                only: None,
                unit: None,
                tax: None,
            };
        let order = CreateOrder {
            company: company(),
            customer: customer.clone(),
            invoice_contact: Some(contact.clone()),
            currency: "USD".to_owned(),
            payment_term: "account.account_payment_term_30days".to_owned(),
            purchase_order: format!("PO-{id}"),
            origin: format!("Deal {id}"),
            lines: vec![
                line("senior", "senior_consultant", "40", "180", "10"),
                line("architect", "architect", "20", "220.50", "0"),
                line("kickoff", "fixed_fee", "1", "5000", "0"),
            ],
            expected_untaxed: number("15890.00"),
            salesperson: None,
            cap: Cap::default(),
            when_locked: WhenLocked::Ask,
            approvers: 1,
            credit: None,
            issuer: domain::book::Issuer::Odoo,
            project_made_by: None,
        };
        Self {
            customer,
            contact,
            deal: reference("deal", id),
            project: reference("deal_project", id),
            order,
            country: "US",
        }
    }

    pub fn line(&self, position: usize) -> &Reference {
        &self.order.lines[position].reference
    }

    pub fn customer(&self) -> CreateCustomer {
        CreateCustomer {
            company: company(),
            name: "Fabrikam Inc".to_owned(),
            vat: None,
            country: Some(self.country.to_owned()),
            payment_term: "account.account_payment_term_30days".to_owned(),
            billing_contact: Some(BillingContact {
                reference: self.contact.clone(),
                name: Personal("Paula Payer".to_owned()),
                email: Personal("paula@fabrikam.example".to_owned()),
            }),
            address: Address::default(),
            language: None,
            currency: None,
            hints: Hints::default(),
        }
    }

    pub fn confirm(&self) -> ConfirmOrder {
        ConfirmOrder {
            company: company(),
            order: self.deal.clone(),
            signed_on: date(2026, 9, 15),
            credit: None,
            project_made_by: self.order.project_made_by,
        }
    }

    pub fn project(&self) -> CreateProject {
        CreateProject {
            company: company(),
            order: self.deal.clone(),
            customer: self.customer.clone(),
            default_line: Some(self.line(0).clone()),
            name: format!("Delivery {}", self.deal.id()),
            milestones: Vec::new(),
            budget_hours: None,
            template: None,
            made_by: self.order.project_made_by,
            earned: Vec::new(),
        }
    }

    /// Customer, confirmed order and project: their ids.
    pub async fn stand_up(&self, world: &World) -> (i64, i64, i64) {
        let master = &world.master;
        let customer = customer::create(master, &self.customer, &self.customer()).await;
        let order = order::create(master, &self.deal, &self.order).await;
        let order_id = order.unwrap().id;
        order::confirm(master, order_id, &self.confirm())
            .await
            .unwrap();
        let project = project::create(master, &self.project, &self.project()).await;
        (customer.unwrap().id, order_id, project.unwrap().id)
    }

    /// What bills `hours` of the first line and, with it, the instalment.
    pub fn invoice(&self, hours: &str, expected: &str) -> DraftInvoice {
        let bill = |position: usize, quantity: &str, marks_delivered| {
            let line = &self.order.lines[position];
            InvoiceLine {
                line: line.reference.clone(),
                quantity: number(quantity),
                unit_price: line.unit_price,
                discount_percent: line.discount_percent,
                units: Vec::new(),
                marks_delivered,
                hours: None,
                tax: None,
            }
        };
        DraftInvoice {
            company: company(),
            order: self.deal.clone(),
            invoice_date: date(2026, 10, 31),
            lines: vec![bill(0, hours, false), bill(2, "1", true)],
            expected_untaxed: number(expected),
        }
    }

    /// An entry of Alice's, billed on the first line.
    pub fn entry(&self, project_id: i64, id: &str, worked: &str, billable: &str) -> TimeRow {
        let account = self.deal.account();
        TimeRow {
            reference: Reference::new("connectwise", account, "time_entry", id),
            project_id,
            line: self.line(0).clone(),
            time: LogTime {
                project: self.project.clone(),
                service: "senior".to_owned(),
                employee: "hr_demo.alice".to_owned(),
                date: date(2026, 10, 6),
                worked: number(worked),
                billable: number(billable),
                unbilled_because: Some("goodwill".to_owned()),
                coding: domain::command::Coding::default(),
                narration: Personal("Workshop".to_owned()),
            },
            on_task: self.order.has_odoos_project(),
        }
    }
}

/// Odoo's own "Create Invoice", as a person uses it: the invoices it made.
pub async fn wizard(odoo: &Odoo, order_id: i64) -> Result<Vec<i64>, OdooError> {
    let before = record(odoo, "sale.order", order_id, &["invoice_ids"]).await;
    let values = json!({
        "sale_order_ids": [[6, 0, [order_id]]], "advance_payment_method": "delivered",
        "deduct_down_payments": true, "consolidated_billing": false,
    });
    let made = raw(
        odoo,
        "sale.advance.payment.inv",
        "create",
        json!({"vals_list": values}),
    )
    .await?;
    let model = "sale.advance.payment.inv";
    raw(odoo, model, "create_invoices", json!({"ids": made})).await?;
    let after = record(odoo, "sale.order", order_id, &["invoice_ids"]).await;
    let known = before["invoice_ids"].as_array().unwrap().clone();
    let all = after["invoice_ids"].as_array().unwrap().iter();
    Ok(all
        .filter(|id| !known.contains(id))
        .map(|id| id.as_i64().unwrap())
        .collect())
}
