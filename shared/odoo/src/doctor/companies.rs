//! The companies in whose books Tenon works: who may use them, and what is locked.

use jiff::civil::Date;
use serde::Deserialize;

use super::Users;
use super::finding::{Examination, Finding};
use super::needs::BILLING;
use super::users::{Known, failed};
use crate::answer::OrFalse;
use crate::{Context, OdooError};

#[derive(Deserialize)]
struct Locks {
    fiscalyear_lock_date: OrFalse<Date>,
    tax_lock_date: OrFalse<Date>,
    sale_lock_date: OrFalse<Date>,
    hard_lock_date: OrFalse<Date>,
}

const FIELDS: [&str; 4] = [
    "fiscalyear_lock_date",
    "tax_lock_date",
    "sale_lock_date",
    "hard_lock_date",
];

pub(super) async fn examine(
    users: &Users,
    wanted: &[i64],
    known: &[Known],
    today: Date,
    examination: &mut Examination,
) {
    for company in wanted {
        let check = format!("company {company}");
        let without: Vec<&str> = (known.iter())
            .filter(|user| !user.companies.contains(company))
            .map(|user| user.name)
            .collect();
        if without.is_empty() {
            examination.add(locks(users, check, *company, today).await);
        } else {
            let found = format!("may not be used by {}", without.join(", "));
            let fix = "add it to the users' allowed companies";
            examination.add(Finding::failure(check, found, fix));
        }
    }
}

/// What is locked from today on cannot be invoiced today.
async fn locks(users: &Users, check: String, company: i64, today: Date) -> Finding {
    let context = Context::companies(&[company]);
    let billing = users.of(&BILLING);
    let found: Result<Locks, OdooError> = billing
        .read_one(&context, "res.company", company, &FIELDS)
        .await;
    let locks = match found {
        Ok(locks) => locks,
        Err(error) => {
            let unanswered = failed(check.clone(), Some(error));
            return unanswered.unwrap_or_else(|| Finding::ok(check, ""));
        }
    };
    let dates = [
        locks.fiscalyear_lock_date.0,
        locks.tax_lock_date.0,
        locks.sale_lock_date.0,
        locks.hard_lock_date.0,
    ];
    match dates.into_iter().flatten().max() {
        None => Finding::ok(check, "all four may use it; no period is locked"),
        Some(until) if until < today => {
            Finding::ok(check, format!("all four may use it; locked up to {until}"))
        }
        Some(until) => Finding::failure(
            check,
            format!("its books are locked up to {until}: no invoice of today can be posted"),
            "correct the lock dates in Odoo under Accounting",
        ),
    }
}
