//! What else a book refers to in Odoo: units of measure, fiscal positions and taxes, cost centres, the
//! languages of customers, and the stages of projects.

use std::collections::BTreeSet;

use domain::book::{Book, NO_FISCAL_POSITION, ServiceUnit};
use serde_json::json;

use super::Users;
use super::finding::{Examination, Finding};
use super::needs::WORK;
use super::there::{exists, unknown};
use crate::{Context, Odoo, OdooError};

pub(super) async fn examine(
    users: &Users,
    context: &Context,
    book: &Book,
    examination: &mut Examination,
) {
    let master = &users.master;
    for unit in units(book) {
        let problem = exists(master, context, "unit of measure", unit, None).await;
        examination.findings.extend(problem);
    }
    let profiles = &book.tax_profiles;
    let positions: BTreeSet<&String> = (profiles.iter())
        .filter_map(|profile| profile.fiscal_position.as_ref())
        .filter(|position| *position != NO_FISCAL_POSITION)
        .collect();
    for position in positions {
        let model = Some("account.fiscal.position");
        let problem = exists(master, context, "fiscal position", position, model).await;
        examination.findings.extend(problem);
    }
    let taxes: BTreeSet<&String> = profiles
        .iter()
        .flat_map(|one| &one.taxes)
        .flatten()
        .collect();
    for tax in taxes {
        let problem = exists(master, context, "tax", tax, Some("account.tax")).await;
        examination.findings.extend(problem);
    }
    for center in &book.cost_centers {
        let (odoo, model) = (users.of(&WORK), Some("account.analytic.account"));
        let problem = exists(odoo, context, "cost centre", &center.account, model).await;
        examination.findings.extend(problem);
    }
    let languages: BTreeSet<&String> = (book.crm.iter())
        .flat_map(|crm| crm.languages.values())
        .collect();
    for language in languages {
        let problem = installed(master, context, language).await;
        examination.findings.extend(problem);
    }
    let stages: BTreeSet<&String> = (book.psa.iter())
        .flat_map(|psa| psa.projects.stages.values())
        .collect();
    for stage in stages {
        let (what, model) = ("stage of projects", Some("project.project.stage"));
        let problem = exists(master, context, what, stage, model).await;
        examination.findings.extend(problem);
    }
}

/// Those that a service is counted in.
fn units(book: &Book) -> BTreeSet<&str> {
    let used = book.services.iter().filter_map(|service| service.unit);
    used.map(|unit| match unit {
        ServiceUnit::Hour => book.units.hour.as_str(),
        ServiceUnit::Day => book.units.day.as_str(),
        ServiceUnit::Unit => book.units.unit.as_str(),
    })
    .collect()
}

async fn installed(odoo: &Odoo, context: &Context, code: &str) -> Option<Finding> {
    let name = format!("language {code}");
    let arguments = json!({"domain": [["code", "=", code]]});
    let found: Result<i64, OdooError> = odoo
        .call("res.lang", "search_count", context, arguments)
        .await;
    match found {
        Ok(0) => Some(Finding::failure(
            "book",
            format!("the {name} is not installed in Odoo"),
            "install it under Settings, Languages, or correct crm.languages in the book",
        )),
        Ok(_) => None,
        Err(error) => Some(unknown(&name, &error)),
    }
}
