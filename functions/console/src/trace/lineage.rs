//! Gathers what belongs to one fact, from the deal to the payment. Every step is a strongly
//! consistent read of a known key, and the number of reads is bounded.

use aws::Pending;
use domain::billing::{Allocation, Manifest, Unit, invoice_of};
use domain::command::{Command, LogTime};
use domain::feedback::deal_of;
use domain::{Record, Reference};

use super::known::Known;
use crate::Console;
use crate::error::ConsoleError;

/// How many time entries of a contract, lines of a list, or invoices are shown at once.
pub const SHOWN: usize = 12;

/// How far a chain of "waits for" is followed.
const WAITS: usize = 6;

/// A fact in its chain, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lineage {
    /// The deal, which is the order in Odoo.
    pub deal: Option<Known>,
    /// Who buys.
    pub customer: Option<Known>,
    /// Its confirmation.
    pub signature: Option<Known>,
    /// The contract's project in Odoo.
    pub project: Option<Known>,
    /// The PSA's projects that stand for it, with their time.
    pub psa: Vec<PsaProject>,
    /// Its invoices.
    pub invoices: Vec<Invoice>,
    /// How many invoices are not shown.
    pub more_invoices: usize,
    /// A fact that belongs to no contract yet.
    pub alone: Option<Known>,
    /// What the asked fact waits for, then what that waits for, and so on.
    pub waits: Vec<Known>,
    /// What waits for the asked fact.
    pub waiters: Vec<Pending>,
}

/// A project of the PSA with some of its time.
#[derive(Debug, Clone, PartialEq)]
pub struct PsaProject {
    /// The project; it may not have been named yet.
    pub known: Known,
    /// Its time, newest day first.
    pub entries: Vec<Entry>,
    /// How many entries are not shown.
    pub more: usize,
}

/// A time entry, and what became of its hours.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The entry.
    pub known: Known,
    /// What it bills; none before it is in Odoo.
    pub unit: Option<Unit>,
    /// On which invoices it is.
    pub allocations: Vec<Allocation>,
}

/// An invoice with its steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Invoice {
    /// Its draft.
    pub draft: Known,
    /// Its time, linked.
    pub links: Known,
    /// Its posting.
    pub posting: Known,
    /// What Odoo shows of its payment.
    pub status: Known,
    /// What it bills, as frozen; only where it was asked for.
    pub manifest: Option<Manifest>,
}

impl Lineage {
    /// What is known of one of its facts.
    pub fn find(&self, reference: &Reference) -> Option<&Known> {
        let contract = [&self.deal, &self.customer, &self.signature, &self.project];
        let psa = self.psa.iter().flat_map(|project| {
            let entries = project.entries.iter().map(|entry| &entry.known);
            std::iter::once(&project.known).chain(entries)
        });
        let invoices = self.invoices.iter().flat_map(Invoice::steps);
        (contract.into_iter().flatten())
            .chain(psa)
            .chain(invoices)
            .chain(&self.alone)
            .find(|known| known.reference == *reference)
    }
}

impl Invoice {
    /// Its steps in their order.
    pub fn steps(&self) -> [&Known; 4] {
        [&self.draft, &self.links, &self.posting, &self.status]
    }

    /// Its number in Odoo, once it is posted.
    pub fn number(&self) -> Option<&str> {
        self.posting.posted()?.posted.as_ref()?.name.as_deref()
    }
}

impl Console {
    /// The chain that a fact belongs to.
    pub(crate) async fn lineage(
        &self,
        asked: &Reference,
        psa: &[&str],
    ) -> Result<Lineage, ConsoleError> {
        let mut lineage = match asked.entity() {
            "time_entry" => self.of_entry(asked).await?,
            "project" if psa.contains(&asked.system()) => self.of_psa_project(asked).await?,
            "deal" | "signature" | "project" => self.of_deal(&asked.sibling("deal")).await?,
            "company" => self.of_customer(asked).await?,
            "invoice" | "invoice_links" | "invoice_posting" | "invoice_status" => {
                self.of_invoice(asked).await?
            }
            _ => Lineage::default(),
        };
        if lineage.find(asked).is_none() {
            lineage.alone = Some(self.known(asked).await?);
        }
        if let Some(known) = lineage.find(asked).cloned() {
            lineage.waits = self.waits(&known).await?;
        }
        let most = i32::try_from(SHOWN).unwrap_or(i32::MAX);
        lineage.waiters = self.ledger.waiters(asked, most).await?;
        Ok(lineage)
    }

    async fn of_entry(&self, asked: &Reference) -> Result<Lineage, ConsoleError> {
        let known = self.known(asked).await?;
        let Some(project) = known.versions.iter().find_map(log_time) else {
            return Ok(Lineage {
                alone: Some(known),
                ..Lineage::default()
            });
        };
        let project = self.known(&project.project).await?;
        let deal = linked_deal(&project);
        let mut lineage = match &deal {
            Some(deal) => self.contract(deal).await?,
            None => Lineage::default(),
        };
        let entry = self.entry(known, deal.as_ref()).await?;
        if let Some(deal) = &deal {
            let mut numbers: Vec<u32> = entry
                .allocations
                .iter()
                .filter_map(|allocation| number(&allocation.invoice))
                .collect();
            numbers.dedup();
            for number in numbers.into_iter().take(SHOWN) {
                lineage.invoices.push(self.invoice(deal, number).await?);
            }
        }
        lineage.psa = vec![PsaProject {
            known: project,
            entries: vec![entry],
            more: 0,
        }];
        Ok(lineage)
    }

    async fn entry(&self, known: Known, deal: Option<&Reference>) -> Result<Entry, ConsoleError> {
        let (unit, allocations) = match deal {
            Some(deal) => (
                self.billing.unit(deal, &known.reference).await?,
                self.billing.allocations(deal, &known.reference).await?,
            ),
            None => (None, Vec::new()),
        };
        Ok(Entry {
            known,
            unit,
            allocations,
        })
    }

    async fn of_psa_project(&self, asked: &Reference) -> Result<Lineage, ConsoleError> {
        let project = self.known(asked).await?;
        let deal = linked_deal(&project);
        let mut lineage = match &deal {
            Some(deal) => self.of_deal(deal).await?,
            None => Lineage::default(),
        };
        lineage.psa.retain(|other| other.known.reference == *asked);
        if lineage.psa.is_empty() {
            lineage.psa.push(PsaProject {
                known: project,
                entries: Vec::new(),
                more: 0,
            });
        }
        Ok(lineage)
    }

    async fn of_customer(&self, asked: &Reference) -> Result<Lineage, ConsoleError> {
        let known = self.known(asked).await?;
        let mut orders = Vec::new();
        for waiter in self.ledger.waiters(asked, 1).await? {
            orders.extend(self.ledger.versions(&waiter.reference).await?);
        }
        // The delivery that brought the customer brought its deal too.
        if let Some(first) = known.versions.last() {
            orders.extend(self.ledger.brought_by(&first.correlation).await?);
        }
        let deal = orders.iter().find_map(|record| match &record.command {
            Some(Command::CreateOrder(order)) if order.customer == *asked => {
                Some(record.reference.clone())
            }
            _ => None,
        });
        match deal {
            Some(deal) => self.contract(&deal).await,
            None => Ok(Lineage {
                alone: Some(known),
                ..Lineage::default()
            }),
        }
    }

    async fn of_invoice(&self, asked: &Reference) -> Result<Lineage, ConsoleError> {
        let (Some(deal), Some(number)) = (deal_of(asked), number(asked)) else {
            return Ok(Lineage::default());
        };
        let mut lineage = self.contract(&deal).await?;
        let mut invoice = self.invoice(&deal, number).await?;
        invoice.manifest = self.billing.manifest(&deal, number).await?;
        lineage.invoices.push(invoice);
        Ok(lineage)
    }

    /// A contract with everything on it, as far as a page holds it.
    async fn of_deal(&self, deal: &Reference) -> Result<Lineage, ConsoleError> {
        let mut lineage = self.contract(deal).await?;
        let book = self.billing.order(deal).await?;
        let invoices = book.manifests.len();
        lineage.more_invoices = invoices.saturating_sub(SHOWN);
        for manifest in book.manifests.iter().skip(lineage.more_invoices) {
            let invoice = self.invoice(deal, manifest.number).await?;
            lineage.invoices.push(invoice);
        }
        lineage.psa = self.psa_projects(&lineage).await?;
        let is_time = |unit: &&Unit| unit.kind == domain::billing::UnitKind::Time;
        let mut time: Vec<Unit> = book.units.iter().filter(is_time).cloned().collect();
        time.sort_by(|a, b| (b.day, &a.reference).cmp(&(a.day, &b.reference)));
        let more = time.len().saturating_sub(SHOWN);
        for unit in time.into_iter().take(SHOWN) {
            let known = self.known(&unit.reference).await?;
            let of_it = book
                .allocations
                .iter()
                .filter(|allocation| allocation.unit == unit.reference);
            let entry = Entry {
                allocations: of_it.cloned().collect(),
                unit: Some(unit),
                known,
            };
            place(&mut lineage.psa, entry);
        }
        if let Some(last) = lineage.psa.last_mut() {
            last.more = more;
        }
        Ok(lineage)
    }

    /// The PSA's projects that stand for the contract's: they share its id in Odoo.
    async fn psa_projects(&self, lineage: &Lineage) -> Result<Vec<PsaProject>, ConsoleError> {
        let posted = lineage.project.as_ref().and_then(Known::posted);
        let Some(project) = posted.and_then(|record| record.posted.as_ref()) else {
            return Ok(Vec::new());
        };
        let identifier = aws::keys::odoo(&project.model, project.id);
        let mut projects = Vec::new();
        for link in self.crosswalk.of(&identifier).await? {
            let Ok(reference) = link.to.parse::<Reference>() else {
                continue;
            };
            let known = self.known(&reference).await?;
            if linked_deal(&known).is_some() {
                projects.push(PsaProject {
                    known,
                    entries: Vec::new(),
                    more: 0,
                });
            }
        }
        Ok(projects)
    }

    /// A contract's own records.
    async fn contract(&self, deal: &Reference) -> Result<Lineage, ConsoleError> {
        let known = self.known(deal).await?;
        let customer = known
            .versions
            .iter()
            .find_map(|record| match &record.command {
                Some(Command::CreateOrder(order)) => Some(order.customer.clone()),
                _ => None,
            });
        let customer = match customer {
            Some(customer) => Some(self.known(&customer).await?),
            None => None,
        };
        let signature = self.known(&deal.sibling("signature")).await?;
        let project = self.known(&deal.sibling("project")).await?;
        Ok(Lineage {
            deal: Some(known),
            customer,
            signature: Some(signature).filter(Known::is_known),
            project: Some(project).filter(Known::is_known),
            ..Lineage::default()
        })
    }

    async fn invoice(&self, deal: &Reference, number: u32) -> Result<Invoice, ConsoleError> {
        let invoice = invoice_of(deal, number);
        Ok(Invoice {
            links: self.known(&invoice.sibling("invoice_links")).await?,
            posting: self.known(&invoice.sibling("invoice_posting")).await?,
            status: self.known(&invoice.sibling("invoice_status")).await?,
            draft: self.known(&invoice).await?,
            manifest: None,
        })
    }

    async fn waits(&self, asked: &Known) -> Result<Vec<Known>, ConsoleError> {
        let mut waits: Vec<Known> = Vec::new();
        let mut next = asked.newest().and_then(|record| record.waits_for.clone());
        while let Some(awaited) = next.take().filter(|_| waits.len() < WAITS) {
            let known = self.known(&awaited).await?;
            next = known.newest().and_then(|record| record.waits_for.clone());
            waits.push(known);
        }
        Ok(waits)
    }
}

/// Puts an entry under its project.
fn place(projects: &mut [PsaProject], entry: Entry) {
    let of = entry
        .known
        .versions
        .iter()
        .find_map(log_time)
        .map(|time| time.project.clone());
    let home = projects
        .iter_mut()
        .find(|project| Some(&project.known.reference) == of.as_ref());
    if let Some(home) = home {
        home.entries.push(entry);
    }
}

fn log_time(record: &Record) -> Option<&LogTime> {
    match &record.command {
        Some(Command::LogTime(time)) => Some(time),
        _ => None,
    }
}

/// The deal that a PSA project is, or is about to be, linked to.
pub fn linked_deal(project: &Known) -> Option<Reference> {
    project
        .versions
        .iter()
        .find_map(|record| match &record.command {
            Some(Command::LinkProject(link)) => Some(link.deal.clone()),
            _ => None,
        })
}

fn number(invoice: &Reference) -> Option<u32> {
    let (_, number) = invoice.id().rsplit_once('/')?;
    number.parse().ok()
}
