//! The firm of this world: a contract that was sold, its project in Odoo, and who works.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::{Books, Connection, Ledger};
use domain::book::WhenLocked;
use domain::command::{Cap, Command, Company, CreateOrder, CreateProject, LineBilling, OrderLine};
use domain::judge::confirm_link;
use domain::record::Posted;
use domain::{Lane, LaneShard, Record, Reference, State, Version};
use jiff::SignedDuration;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::fate::Plan;
use crate::names;
use crate::odoo::{Erp, Fields};
use crate::table::Tables;
use crate::worker::Worker;
use crate::world::{BEGINNING, Things, World};

const BOOK: &str = domain::book::DEMO;
/// What the book of a firm says beside it that gathers time.
const GATHERING: &str =
    "#: flows.toml\n[[flows]]\nflow = \"time\"\ntrigger = \"micro_batch\"\nevery = \"2m\"\n";
/// The PSA project that the work is on.
pub const PROJECT: &str = "412";
/// The deal that was won.
pub const DEAL: &str = "16024871101";
/// Who works, as the PSA and Odoo name them. Their names in the PSA are personal data.
pub const MEMBERS: [(&str, &str); 2] = [
    ("AConsultant", "hr_demo.alice"),
    ("BArchitect", "hr_demo.bob"),
];
/// What is sold by the hour: the work role, the service, and the line of the deal.
pub const ROLES: [(&str, &str, &str); 2] = [
    ("Senior Consultant", "senior_consultant", "1"),
    ("Architect", "architect", "2"),
];

/// The world before anything happens.
#[derive(Debug, Clone)]
pub struct Firm {
    /// The ledger with the contract, and the book.
    pub tables: Tables,
    /// Odoo with the contract, the project and the employees.
    pub odoo: Erp,
}

/// A fact of the CRM.
fn crm(entity: &str, id: &str) -> Reference {
    Reference::new("hubspot", "48807704", entity, id)
}

/// A fact of the PSA.
pub fn psa(entity: &str, id: &str) -> Reference {
    Reference::new("connectwise", "Cobalt", entity, id)
}

fn company() -> Company {
    Company {
        id: 1,
        zone: "America/New_York".to_owned(),
    }
}

impl Firm {
    /// Its contract is in Odoo; the PSA project is linked to it, or not yet.
    pub async fn found(linked: bool, book: &str) -> Self {
        let mut things = Things::new(0, Plan::Calm, false);
        let mut odoo = Erp::default();
        let ids = odoo_of_the_firm(&mut odoo);
        things.odoo = odoo;
        let world = World::new(None, things);
        let founder = Worker::new(&world, "founder".to_owned(), SignedDuration::ZERO);
        let connection = founder.connection();
        let books = Books::new(&connection, names::CONTROL);
        let (now, by) = (world.now(), "founder");
        let version = books.publish(book, by, "", now).await.expect("a book");
        let other = "somebody else";
        books.approve(&version, other, now).await.expect("approved");
        let activated = books.activate(&version, now, by, now).await;
        activated.expect("the book is accepted");
        contract(&connection, &ids, linked).await;
        let things = world.things();
        Self {
            tables: things.tables.clone(),
            odoo: things.odoo.clone(),
        }
    }
}

/// What the contract stands on in Odoo, by external id.
fn odoo_of_the_firm(odoo: &mut Erp) -> BTreeMap<String, i64> {
    let mut ids = BTreeMap::new();
    let mut put = |model: &str, name: String, fields: Value| {
        let fields: Fields = fields
            .as_object()
            .into_iter()
            .flatten()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        let id = odoo.put(model, Some(&name), fields);
        ids.insert(name, id);
        id
    };
    for (_, employee) in MEMBERS {
        put("hr.employee", employee.to_owned(), json!({"active": true}));
    }
    let order = crm("deal", DEAL).external_id();
    put(
        "sale.order",
        order,
        json!({"name": "S00001", "state": "sale"}),
    );
    for (_, _, line) in ROLES {
        let name = crm("line_item", line).external_id();
        put("sale.order.line", name, json!({"product_id": 1}));
    }
    let project = crm("deal", DEAL).sibling("project").external_id();
    let fields = json!({"name": "Data platform", "active": true, "company_id": 1, "partner_id": 1,
        "account_id": 1, "sale_line_id": 1, "allow_billable": true, "allow_timesheets": true,
        "allocated_hours": 0.0});
    put("project.project", project, fields);
    ids
}

async fn contract(connection: &Connection, ids: &BTreeMap<String, i64>, linked: bool) {
    let ledger = Ledger::new(connection, names::LEDGER);
    let deal = crm("deal", DEAL);
    let project = deal.sibling("project");
    let posted = |model: &str, reference: &Reference| Posted {
        model: model.to_owned(),
        id: ids[&reference.external_id()],
        others: Vec::new(),
        name: None,
        customer: domain::customer::Noted::default(),
    };
    let order = Command::CreateOrder(order());
    keep(&ledger, &deal, order, posted("sale.order", &deal)).await;
    let create = Command::CreateProject(CreateProject {
        company: company(),
        order: deal.clone(),
        customer: crm("company", "1"),
        default_line: Some(crm("line_item", "1")),
        name: "Data platform".to_owned(),
        milestones: Vec::new(),
        budget_hours: None,
        template: None,
        made_by: None,
        earned: Vec::new(),
    });
    let there = posted("project.project", &project);
    keep(&ledger, &project, create, there.clone()).await;
    if linked {
        let link = confirm_link(
            &psa("project", PROJECT),
            Version(1),
            &deal,
            &company(),
            "steward",
        );
        keep(&ledger, &psa("project", PROJECT), link.command, there).await;
    }
}

async fn keep(ledger: &Ledger, reference: &Reference, command: Command, posted: Posted) {
    let fingerprint = command.fingerprint().expect("a command is JSON");
    let shard = LaneShard::of(Lane::Master, reference);
    let now = BEGINNING.parse().expect("a time");
    let record = Record {
        command: Some(command),
        correlation: "founding".to_owned(),
        ..Record::new(reference.clone(), Version(1), fingerprint, shard, now)
    };
    ledger.accept(&record).await.expect("a calm world");
    let settled = Record {
        state: State::Posted,
        posted: Some(posted),
        ..record
    };
    ledger.settle(&[settled]).await.expect("a calm world");
}

fn order() -> CreateOrder {
    let line = |(_, service, line): (&str, &str, &str)| OrderLine {
        reference: crm("line_item", line),
        service: service.to_owned(),
        product: format!("catalogue.{service}"),
        description: service.to_owned(),
        quantity: Decimal::from(100),
        unit_price: Decimal::from(160),
        discount_percent: Decimal::ZERO,
        billing: LineBilling::TimeAndMaterials,
        from: None,
        until: None,
        only: None,
        unit: None,
        tax: None,
    };
    CreateOrder {
        company: company(),
        customer: crm("company", "1"),
        invoice_contact: None,
        currency: "USD".to_owned(),
        payment_term: "account.account_payment_term_30days".to_owned(),
        purchase_order: "PO-1".to_owned(),
        origin: DEAL.to_owned(),
        lines: ROLES.into_iter().map(line).collect(),
        expected_untaxed: Decimal::from(32_000),
        salesperson: None,
        cap: Cap::default(),
        when_locked: WhenLocked::Ask,
        approvers: 1,
        credit: None,
        issuer: domain::book::Issuer::Odoo,
        project_made_by: None,
    }
}

/// The order line in Odoo that bills this work role.
pub fn order_line(odoo: &Erp, role: &str) -> Option<i64> {
    let (_, _, line) = ROLES.into_iter().find(|(name, ..)| *name == role)?;
    odoo.id_of(&crm("line_item", line).external_id())
}

/// A founded firm for each answer to whether its project is linked.
pub async fn firms() -> Arc<[[Firm; 2]; 2]> {
    let at_once = [
        Firm::found(false, BOOK).await,
        Firm::found(true, BOOK).await,
    ];
    let book = format!("{BOOK}{GATHERING}");
    let gathers = [
        Firm::found(false, &book).await,
        Firm::found(true, &book).await,
    ];
    Arc::new([at_once, gathers])
}
