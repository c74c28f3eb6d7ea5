//! Work and projects that name no contract: the customer's only one is added, where the book says so.

use aws::StoreError;
use domain::Reference;
use domain::Version;
use domain::book::WithoutDeal;
use domain::command::{Command, CreateOrder};
use domain::event::{Approval, PsaProject, TimeEntry};
use domain::judge::{
    Added, CUSTOMER_WORK, Missing, ONLY_CONTRACT, OfCustomer, Verdict, add_contract, confirm_link,
    judge_time, link_of_customers_work, several_contracts,
};
use jiff::civil::Date;

use crate::{Case, Validate};

/// A contract of a customer, as the ledger has it.
struct Known {
    deal: Reference,
    order: CreateOrder,
    is_confirmed: bool,
    last_day: Option<Date>,
}

impl Validate {
    /// Judges an entry, on the contract that is added to it where it names none.
    pub(crate) async fn judge_entry(
        &self,
        case: &Case<'_>,
        entry: &TimeEntry,
    ) -> Result<Verdict, StoreError> {
        let entry = &self.invoiced_there(entry).await?;
        let as_it_is = judge_time(entry, case.book);
        if entry.approval != Approval::Approved || !self.lacks_contract(case, entry).await? {
            return Ok(as_it_is);
        }
        let role = entry.work_role.as_deref().unwrap_or_default();
        let Some(service) = case.book.service_by_role(role) else {
            return Ok(as_it_is);
        };
        let Some(customer) = &entry.customer else {
            return Ok(as_it_is);
        };
        let missing = Missing {
            service: Some(&service.key),
            day: entry.date,
        };
        let added = self.added(case, customer, missing).await?;
        if let Some(link) = self.stays_on(entry, &added).await? {
            return Ok(judge_time(&on(entry, &link), case.book));
        }
        Ok(match (added, &entry.project) {
            (Added::One { deal, company }, project) => {
                let link = match project {
                    Some(project) => {
                        let arrival = Version::at(case.delivery.received_at);
                        confirm_link(project, arrival, &deal, &company, ONLY_CONTRACT)
                    }
                    None => link_of_customers_work(customer, &deal, &company),
                };
                match judge_time(&on(entry, &link.reference), case.book) {
                    Verdict::Go(plan) => Verdict::Go([vec![link], plan].concat()),
                    other @ (Verdict::Hold { .. }
                    | Verdict::Reject { .. }
                    | Verdict::Except(_)
                    | Verdict::Nothing { .. }) => other,
                }
            }
            (Added::Several(deals), None) => {
                Verdict::Except(several_contracts(&entry.reference, &deals))
            }
            // It waits for its project, about which a person is asked.
            (Added::Several(_), Some(_)) | (Added::None, _) => as_it_is,
        })
    }

    /// An entry that is on an invoice of the PSA is approved work, where the PSA invoices the contract.
    async fn invoiced_there(&self, entry: &TimeEntry) -> Result<TimeEntry, StoreError> {
        let (Approval::Invoiced, Some(project)) = (entry.approval, &entry.project) else {
            return Ok(entry.clone());
        };
        let contract = self.ledger.contract_of(project).await?;
        let approval = match contract.is_some_and(|(_, order)| !order.issuer.is_odoo()) {
            true => Approval::Approved,
            false => entry.approval,
        };
        Ok(TimeEntry {
            approval,
            ..entry.clone()
        })
    }

    async fn lacks_contract(&self, case: &Case<'_>, entry: &TimeEntry) -> Result<bool, StoreError> {
        if !adds(case, &entry.reference) {
            return Ok(false);
        }
        let Some(project) = &entry.project else {
            return Ok(true);
        };
        let versions = self.ledger.versions(project).await?;
        // One that waits for its contract's project is linked soon.
        Ok(versions.iter().all(|version| version.command.is_none()))
    }

    /// The link that an entry without a project was put on before: this very version stays there
    /// whatever was sold since, another one as long as its contract still covers it.
    async fn stays_on(
        &self,
        entry: &TimeEntry,
        added: &Added,
    ) -> Result<Option<Reference>, StoreError> {
        if entry.project.is_some() {
            return Ok(None);
        }
        let known = self.ledger.versions(&entry.reference).await?;
        let before = known.iter().find_map(|record| match &record.command {
            Some(Command::LogTime(time)) if time.project.entity() == CUSTOMER_WORK => {
                Some((record.version, time.project.clone()))
            }
            _ => None,
        });
        let Some((version, link)) = before else {
            return Ok(None);
        };
        let Added::Several(deals) = added else {
            return Ok((version == entry.version).then_some(link));
        };
        let contract = self.ledger.contract_of(&link).await?;
        let is_covered = contract.is_some_and(|(deal, _)| deals.contains(&deal));
        Ok((version == entry.version || is_covered).then_some(link))
    }

    /// The contract that is added to a project which names none.
    pub(crate) async fn added_to_project(
        &self,
        case: &Case<'_>,
        project: &PsaProject,
        day: Date,
    ) -> Result<Added, StoreError> {
        let customer = project.customer.as_ref();
        let Some(customer) = customer.filter(|_| adds(case, &project.reference)) else {
            return Ok(Added::None);
        };
        let service = None;
        self.added(case, customer, Missing { service, day }).await
    }

    async fn added(
        &self,
        case: &Case<'_>,
        customer: &Reference,
        missing: Missing<'_>,
    ) -> Result<Added, StoreError> {
        let Some(buyer) = self.buyer(case, customer).await? else {
            return Ok(Added::None);
        };
        let mut known = Vec::new();
        for deal in self.ledger.of_customer(&buyer).await? {
            known.extend(self.contract(deal, &buyer).await?);
        }
        let contracts: Vec<OfCustomer<'_>> = known.iter().map(Known::seen).collect();
        Ok(add_contract(&contracts, missing))
    }

    /// Which customer of the CRM a PSA's customer is: the book says it, else the contracts to which
    /// its projects are linked, where all of them are one customer's.
    async fn buyer(
        &self,
        case: &Case<'_>,
        customer: &Reference,
    ) -> Result<Option<Reference>, StoreError> {
        let psa = case.book.psa(customer.system(), customer.account());
        let crm = psa.and_then(|psa| case.book.crm_of_projects(psa));
        if let (Some(psa), Some(crm)) = (psa, crm)
            && let Some(id) = psa.customers.get(customer.id())
        {
            return Ok(Some(Reference::new(
                &crm.source,
                &crm.account,
                "company",
                id,
            )));
        }
        let mut buyers = Vec::new();
        for project in self.ledger.of_customer(customer).await? {
            let contract = self.ledger.contract_of(&project).await?;
            buyers.extend(contract.map(|(_, order)| order.customer));
        }
        buyers.sort();
        buyers.dedup();
        Ok(match <[Reference; 1]>::try_from(buyers) {
            Ok([only]) => Some(only),
            Err(_) => None,
        })
    }

    async fn contract(
        &self,
        deal: Reference,
        buyer: &Reference,
    ) -> Result<Option<Known>, StoreError> {
        let order = self.ledger.posted(&deal).await?;
        let Some(Command::CreateOrder(order)) = order.and_then(|record| record.command) else {
            return Ok(None);
        };
        if order.customer != *buyer {
            return Ok(None);
        }
        let signature = self.ledger.posted(&deal.sibling("signature")).await?;
        let cancelled = self.ledger.posted(&deal.sibling("cancellation")).await?;
        let mut last_days = Vec::new();
        for project in self.ledger.linked_projects(&deal).await? {
            last_days.push(self.ledger.last_day_of(&project).await?);
        }
        let all_closed: Option<Vec<Date>> = last_days.into_iter().collect();
        Ok(Some(Known {
            is_confirmed: signature.is_some() && cancelled.is_none(),
            last_day: all_closed.and_then(|days| days.into_iter().max()),
            deal,
            order,
        }))
    }
}

impl Known {
    const fn seen(&self) -> OfCustomer<'_> {
        OfCustomer {
            deal: &self.deal,
            order: &self.order,
            is_confirmed: self.is_confirmed,
            last_day: self.last_day,
        }
    }
}

fn on(entry: &TimeEntry, link: &Reference) -> TimeEntry {
    TimeEntry {
        project: Some(link.clone()),
        ..entry.clone()
    }
}

/// Whether the book has contracts added to what this account tells.
fn adds(case: &Case<'_>, of: &Reference) -> bool {
    let psa = case.book.psa(of.system(), of.account());
    psa.is_some_and(|psa| psa.projects.without_deal == WithoutDeal::OnlyContract)
}
