//! A firm with an Odoo, and contracts to post time for.

use cli::cache::Cache;
use cli::progress::Progress;
use cli::stack::{DATABASE, Installed, OdooWorld, seed};
use domain::book::WhenLocked;
use domain::command::{
    Cap, Command, Company, ConfirmOrder, CreateCustomer, CreateOrder, CreateProject, LineBilling,
    LinkProject, LogTime, OrderLine,
};
use domain::customer::{Address, Hints};
use domain::event::Personal;
use domain::record::Posted;
use domain::{Lane, LaneShard, Record, Reference, Version};
use jiff::Timestamp;
use jiff::civil::date;
use odoo::{ApiKey, HttpWire, Odoo, customer, order, project};
use rust_decimal::Decimal;
use std::sync::Arc;
use std::time::Duration;

/// The running Odoo.
pub struct Firm {
    /// Its servers.
    pub world: OdooWorld,
    /// What they were made from.
    pub installed: Installed,
}

impl Firm {
    /// Starts them, on a fresh database.
    pub fn start() -> Self {
        let cache = Cache::locate().expect("a cache");
        let installed = Installed::ensure(&cache, &Progress::new()).expect("Odoo");
        let world = OdooWorld::start(&installed).expect("Odoo starts");
        Self { world, installed }
    }

    /// Odoo as one of the service users.
    pub fn odoo(&self, key: &str) -> Odoo {
        let wire = HttpWire::new(self.world.url(), Duration::from_secs(120)).expect("a client");
        Odoo::over(Arc::new(wire), DATABASE.to_owned(), ApiKey::new(key))
    }
}

/// A signed contract with its project in Odoo, and the PSA project that is linked to it.
pub struct Contract {
    /// What distinguishes it.
    name: String,
    order: CreateOrder,
    order_id: i64,
    /// The Odoo project.
    pub project_id: i64,
}

/// Where everything is billed.
pub fn company() -> Company {
    Company {
        id: 1,
        zone: "America/New_York".to_owned(),
    }
}

impl Contract {
    /// Makes it in Odoo as the function does.
    pub async fn make(firm: &Firm, name: &str) -> Self {
        let odoo = firm.odoo(seed::MASTER.key);
        let client = Reference::new("hubspot", "1", "company", "1");
        let new = CreateCustomer {
            company: company(),
            name: "Fabrikam Inc".to_owned(),
            vat: None,
            country: Some("US".to_owned()),
            payment_term: seed::PAYMENT_TERM_30_DAYS.to_owned(),
            billing_contact: None,
            address: Address::default(),
            language: None,
            currency: None,
            hints: Hints::default(),
        };
        customer::create(&odoo, &client, &new)
            .await
            .expect("a customer");
        let mut contract = Self {
            name: name.to_owned(),
            order: ordered(name, &client),
            order_id: 0,
            project_id: 0,
        };
        let deal = contract.reference("deal");
        let made = order::create(&odoo, &deal, &contract.order).await;
        contract.order_id = made.expect("an order").id;
        let confirm = ConfirmOrder {
            company: company(),
            order: deal.clone(),
            signed_on: date(2026, 9, 15),
            credit: None,
            project_made_by: None,
        };
        let confirmed = order::confirm(&odoo, contract.order_id, &confirm).await;
        confirmed.expect("a signed order");
        let new = CreateProject {
            company: company(),
            order: deal,
            customer: client,
            default_line: Some(contract.reference("line_item")),
            name: format!("Delivery {name}"),
            milestones: Vec::new(),
            budget_hours: None,
            template: None,
            made_by: None,
            earned: Vec::new(),
        };
        let made = project::create(&odoo, &contract.reference("deal_project"), &new).await;
        contract.project_id = made.expect("a project").id;
        contract
    }

    fn reference(&self, entity: &str) -> Reference {
        Reference::new("hubspot", "1", entity, &self.name)
    }

    fn psa_project(&self) -> Reference {
        Reference::new("psa", "1", "project", &self.name)
    }

    /// Where its time is pending.
    pub fn shard(&self) -> LaneShard {
        LaneShard::of(Lane::Work, &self.psa_project())
    }

    /// The order and the project's link, with their ids in Odoo.
    pub fn posted(&self) -> [(Record, Posted); 2] {
        let posted = |model: &str, id| Posted {
            model: model.to_owned(),
            id,
            others: Vec::new(),
            name: None,
            customer: domain::customer::Noted::default(),
        };
        let link = Command::LinkProject(LinkProject {
            company: company(),
            deal: self.reference("deal"),
            by: "steward".to_owned(),
        });
        let order = Command::CreateOrder(self.order.clone());
        [
            (
                self.record(self.reference("deal"), order),
                posted("sale.order", self.order_id),
            ),
            (
                self.record(self.psa_project(), link),
                posted("project.project", self.project_id),
            ),
        ]
    }

    /// The entries' external id, number and text: what people and the reference see of them.
    pub fn entry(&self, number: usize) -> (Reference, String) {
        let id = format!("{}-{number}", self.name);
        let text = format!("Migration of the data platform, work package {number}");
        (Reference::new("psa", "1", "time_entry", id), text)
    }

    /// An approved entry, as it is taken into the ledger.
    pub fn approved(&self, number: usize) -> Record {
        let (reference, text) = self.entry(number);
        let time = LogTime {
            project: self.psa_project(),
            service: "senior".to_owned(),
            employee: employee(number).to_owned(),
            date: date(2026, 10, 6),
            worked: hours(number),
            billable: hours(number),
            unbilled_because: None,
            coding: domain::command::Coding::default(),
            narration: Personal(text),
        };
        self.record(reference, Command::LogTime(time))
    }

    fn record(&self, reference: Reference, command: Command) -> Record {
        let fingerprint = command.fingerprint().expect("JSON");
        let at = Timestamp::UNIX_EPOCH;
        let (version, shard) = (Version(1_790_000_000_000), self.shard());
        Record {
            correlation: format!("delivery-of-{reference}"),
            command: Some(command),
            ..Record::new(reference, version, fingerprint, shard, at)
        }
    }

    /// The external id of the order line that bills the hours.
    pub fn line(&self) -> String {
        self.reference("line_item").external_id()
    }
}

/// Between a quarter of an hour and eight hours.
pub fn hours(number: usize) -> Decimal {
    let quarters = i64::try_from(number % 32 + 1).expect("a small number");
    Decimal::new(quarters * 25, 2)
}

/// Two people do the work.
pub fn employee(number: usize) -> &'static str {
    [seed::ALICE.0, seed::BOB.0][number % 2]
}

fn ordered(name: &str, client: &Reference) -> CreateOrder {
    CreateOrder {
        company: company(),
        customer: client.clone(),
        invoice_contact: None,
        currency: "USD".to_owned(),
        payment_term: seed::PAYMENT_TERM_30_DAYS.to_owned(),
        purchase_order: format!("PO-{name}"),
        origin: format!("Deal {name}"),
        lines: vec![OrderLine {
            reference: Reference::new("hubspot", "1", "line_item", name),
            service: "senior".to_owned(),
            product: seed::SENIOR_CONSULTANT.0.to_owned(),
            description: "Senior consultant".to_owned(),
            quantity: Decimal::from(1000),
            unit_price: Decimal::from(180),
            discount_percent: Decimal::ZERO,
            billing: LineBilling::TimeAndMaterials,
            from: None,
            until: None,
            only: None,
            unit: None,
            tax: None,
        }],
        expected_untaxed: Decimal::from(180_000),
        salesperson: None,
        cap: Cap::default(),
        when_locked: WhenLocked::Ask,
        approvers: 1,
        credit: None,
        issuer: domain::book::Issuer::Odoo,
        project_made_by: None,
    }
}
