//! What a book refers to in Odoo.

use std::collections::BTreeSet;

use domain::book::{Book, Entity, NOBODY, ProjectMaker, Service, ServiceBilling};
use serde::Deserialize;
use serde_json::json;

use super::finding::{Examination, Finding};
use super::needs::WORK;
use super::there::{exists, missing, unknown};
use super::{Users, references};
use crate::answer::OrFalse;
use crate::{Context, Odoo, OdooError, project_maker};

#[derive(Deserialize)]
struct Product {
    active: bool,
    service_policy: OrFalse<String>,
    service_tracking: OrFalse<String>,
}

#[derive(Deserialize)]
struct Currency {
    name: String,
}

#[derive(Deserialize)]
struct Company {
    currency_id: i64,
}

pub(super) async fn examine(users: &Users, book: &Book, examination: &mut Examination) {
    let master = &users.master;
    let companies: Vec<i64> = book.entities.values().map(|e| e.odoo_company).collect();
    let context = Context::companies(&companies);
    let before = examination.failures().count();
    for (key, entity) in &book.entities {
        let problem = currency(master, key, entity).await;
        examination.findings.extend(problem);
    }
    for service in &book.services {
        let makers = book.project_makers(service);
        let problem = product(master, &context, service, &makers).await;
        examination.findings.extend(problem);
    }
    for external_id in book.employees.iter().map(|employee| &employee.odoo) {
        let problem = exists(users.of(&WORK), &context, "employee", external_id, None).await;
        examination.findings.extend(problem);
    }
    for external_id in book.payment_terms.values() {
        let model = Some("account.payment.term");
        let problem = exists(master, &context, "payment term", external_id, model).await;
        examination.findings.extend(problem);
    }
    references::examine(users, &context, book, examination).await;
    for template in book
        .contracts
        .iter()
        .filter_map(|rule| rule.template.as_ref())
    {
        let model = Some("project.project");
        let problem = exists(master, &context, "project template", template, model).await;
        examination.findings.extend(problem);
    }
    let tags = book.contracts.iter();
    for tag in tags.filter_map(|rule| rule.credit_hold_tag.as_ref()) {
        examination
            .findings
            .extend(tagged(master, &context, tag).await);
    }
    for user in salespeople(book) {
        let problem = exists(master, &context, "salesperson", user, Some("res.users")).await;
        examination.findings.extend(problem);
    }
    if examination.failures().count() == before {
        let found = format!(
            "{} companies, {} products, {} employees and {} payment terms are there",
            book.entities.len(),
            book.services.len(),
            book.employees.len(),
            book.payment_terms.len()
        );
        examination.add(Finding::ok("book", found));
    }
}

async fn currency(odoo: &Odoo, key: &str, entity: &Entity) -> Option<Finding> {
    let context = Context::companies(&[entity.odoo_company]);
    let found = async {
        let id = entity.odoo_company;
        let company: Company = odoo
            .read_one(&context, "res.company", id, &["currency_id"])
            .await?;
        odoo.read_one::<Currency>(&context, "res.currency", company.currency_id, &["name"])
            .await
    };
    match found.await {
        Ok(found) if found.name == entity.currency => None,
        Ok(found) => Some(Finding::failure(
            "book",
            format!(
                "entities.{key}: company {} keeps its books in {}, the book says {}",
                entity.odoo_company, found.name, entity.currency
            ),
            "correct the entity's currency or company in the book",
        )),
        Err(error) => Some(unknown(&format!("entities.{key}"), &error)),
    }
}

async fn product(
    odoo: &Odoo,
    context: &Context,
    service: &Service,
    makers: &BTreeSet<Option<ProjectMaker>>,
) -> Option<Finding> {
    let name = format!("product {}", service.product);
    let id = match odoo.look_up(context, &service.product).await {
        Ok(Some(id)) => id,
        Ok(None) => return Some(missing(&name)),
        Err(error) => return Some(unknown(&name, &error)),
    };
    let fields = ["active", "service_policy", "service_tracking"];
    let found: Product = match odoo.read_one(context, "product.product", id, &fields).await {
        Ok(found) => found,
        Err(error) => return Some(unknown(&name, &error)),
    };
    let (policy, shown) = match service.billing {
        ServiceBilling::TimeAndMaterials => ("delivered_timesheet", "Based on Timesheets"),
        ServiceBilling::FixedFee | ServiceBilling::Recurring => {
            ("delivered_manual", "Based on Delivered Quantity (Manual)")
        }
        ServiceBilling::Milestone => ("delivered_milestones", "Based on Milestones"),
        ServiceBilling::Retainer => ("ordered_prepaid", "Prepaid/Fixed Price"),
    };
    let mut wrong = Vec::new();
    if !found.active {
        wrong.push("it is archived".to_owned());
    }
    if found.service_policy.0.as_deref() != Some(policy) {
        let is = found.service_policy.0.as_deref().unwrap_or("none");
        wrong.push(format!(
            "its invoicing policy is {is}, needed is {policy} ({shown})"
        ));
    }
    let tracking = found.service_tracking.0.as_deref();
    for maker in makers.iter().flatten() {
        let is = project_maker::wrong(*maker, Some(policy), tracking);
        wrong.extend(is.map(|is| {
            let maker = maker.name();
            format!("{is} where contracts.project_made_by is {maker:?}")
        }));
    }
    if wrong.is_empty() && makers.contains(&None) && tracking.is_some_and(|word| word != "no") {
        let found = format!("{name} creates projects or tasks on an order (Create on Order)");
        let fix = "set it to Nothing, as Tenon makes one project for each contract, or say \
                   project_made_by in all [[contracts]] that sell it";
        return Some(Finding::warning("book", found, fix));
    }
    (!wrong.is_empty()).then(|| {
        let fix = "correct the product in Odoo before it is sold: order lines keep what they had";
        Finding::failure("book", format!("{name}: {}", wrong.join("; ")), fix)
    })
}

/// The users whom the book's deal owners are, each once.
fn salespeople(book: &Book) -> BTreeSet<&String> {
    let owners = book.crm.iter().flat_map(|crm| crm.owners.values());
    owners.filter(|user| *user != NOBODY).collect()
}

/// A tag that nobody has made holds nobody.
async fn tagged(odoo: &Odoo, context: &Context, tag: &str) -> Option<Finding> {
    let name = format!("contact tag {tag:?}");
    let arguments = json!({"domain": [["name", "=", tag]]});
    let found: Result<u64, OdooError> = odoo
        .call("res.partner.category", "search_count", context, arguments)
        .await;
    match found {
        Ok(0) => {
            let fix = "make the tag in Odoo under Contacts, Configuration, or correct the book";
            let found = format!("{name} does not exist in Odoo: it would hold nobody");
            Some(Finding::failure("book", found, fix))
        }
        Ok(_) => None,
        Err(error) => Some(unknown(&name, &error)),
    }
}
