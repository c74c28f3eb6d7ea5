//! The cost centre of a timesheet line: an analytic account in the column of its plan, beside the
//! project's own account.
//!
//! Odoo has one column for each root plan, `x_plan<id>_id`, and `account_id` for that of projects:
//! <https://github.com/odoo/odoo/blob/19.0/addons/analytic/models/analytic_plan.py>

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::found::Line;
use super::rows::{Content, MODEL};
use crate::answer::OrFalse;
use crate::load::{Row, link};
use crate::memory::Memory;
use crate::{Context, Odoo, OdooError};

/// The model of cost centres.
pub(super) const ACCOUNT: &str = "account.analytic.account";

/// Account ids by column.
pub(super) type Analytic = BTreeMap<String, i64>;

/// The column of each account; or why nothing is known.
pub(super) type Columns = Result<BTreeMap<i64, Result<String, OdooError>>, OdooError>;

#[derive(Deserialize)]
struct Account {
    id: i64,
    name: String,
    active: bool,
    root_plan_id: OrFalse<i64>,
}

/// The columns of some accounts: two calls for those that are not known yet.
pub(super) async fn columns(
    odoo: &Odoo,
    memory: &Memory,
    context: &Context,
    accounts: &BTreeSet<i64>,
) -> Columns {
    let mut columns: BTreeMap<i64, Result<String, OdooError>> = (memory.columns().into_iter())
        .filter(|(account, _)| accounts.contains(account))
        .map(|(account, column)| (account, Ok(column)))
        .collect();
    let unknown: Vec<i64> = (accounts.iter().copied())
        .filter(|account| !columns.contains_key(account))
        .collect();
    if unknown.is_empty() {
        return Ok(columns);
    }
    let fields = ["name", "active", "root_plan_id"];
    let found: Vec<Account> = odoo.read(context, ACCOUNT, &unknown, &fields).await?;
    let wanted: BTreeSet<String> = found.iter().filter_map(column_of).collect();
    let arguments = json!({"allfields": wanted, "attributes": ["type"]});
    let there: BTreeMap<String, Value> = odoo.call(MODEL, "fields_get", context, arguments).await?;
    for account in &found {
        let column = column(account, &there);
        if let Ok(column) = &column {
            memory.learn_column(account.id, column);
        }
        columns.insert(account.id, column);
    }
    Ok(columns)
}

fn column_of(account: &Account) -> Option<String> {
    let plan = account.root_plan_id.0?;
    Some(format!("x_plan{plan}_id"))
}

fn column(account: &Account, there: &BTreeMap<String, Value>) -> Result<String, OdooError> {
    let name = &account.name;
    if !account.active {
        return Err(OdooError::differs(format!(
            "the cost centre {name:?} is archived in Odoo"
        )));
    }
    (column_of(account).filter(|column| there.contains_key(column))).ok_or_else(|| {
        OdooError::differs(format!(
            "the cost centre {name:?} is in the plan of the projects: its account would take the place of the project's; give cost centres a plan of their own"
        ))
    })
}

/// Where an account goes.
pub(super) fn of(account: i64, columns: &Columns) -> Result<Analytic, OdooError> {
    let columns = columns.as_ref().map_err(Clone::clone)?;
    let column = columns.get(&account).ok_or(OdooError::Defect {
        what: "the plan of a cost centre was not asked for",
    })?;
    Ok(BTreeMap::from([(column.clone()?, account)]))
}

/// The columns that some lines use.
pub(super) fn used<'a>(contents: impl IntoIterator<Item = &'a Content>) -> BTreeSet<String> {
    let columns = contents.into_iter().filter_map(|one| one.analytic.as_ref());
    columns
        .flat_map(|analytic| analytic.keys().cloned())
        .collect()
}

/// Whether two contents say the same, as far as both say something. What Odoo has in the column of
/// another plan is its own.
pub(super) fn is_alike(one: &Content, other: &Content) -> bool {
    let (Some(one), Some(other)) = (&one.analytic, &other.analytic) else {
        return true;
    };
    let within = |one: &Analytic, other: &Analytic| {
        one.iter()
            .all(|(column, account)| other.get(column) == Some(account))
    };
    one.is_empty() == other.is_empty() && (within(one, other) || within(other, one))
}

/// The cells of some columns.
pub(super) fn cells(content: &Content, columns: &BTreeSet<String>) -> Row {
    let of = |column: &String| content.analytic.as_ref()?.get(column).copied();
    columns.iter().map(|column| link(of(column))).collect()
}

/// The same columns as a `load` names them.
pub(super) fn fields(columns: &BTreeSet<String>) -> Vec<String> {
    columns
        .iter()
        .map(|column| format!("{column}/.id"))
        .collect()
}

/// Adds what lines have in some columns; nothing is asked where there are none.
pub(super) async fn read(
    odoo: &Odoo,
    context: &Context,
    columns: &BTreeSet<String>,
    lines: &mut BTreeMap<i64, Line>,
) -> Result<(), OdooError> {
    if columns.is_empty() || lines.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = lines.keys().copied().collect();
    let fields: Vec<&str> = columns.iter().map(String::as_str).collect();
    let rows: Vec<BTreeMap<String, OrFalse<i64>>> =
        odoo.read(context, MODEL, &ids, &fields).await?;
    for mut row in rows {
        let id = row.remove("id").and_then(|id| id.0);
        let Some(line) = id.and_then(|id| lines.get_mut(&id)) else {
            continue;
        };
        let filled = |(column, account): (String, OrFalse<i64>)| Some((column, account.0?));
        line.content.analytic = Some(row.into_iter().filter_map(filled).collect());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rust_decimal::Decimal;

    use super::*;

    fn content(analytic: Option<&[(&str, i64)]>) -> Content {
        let analytic = analytic.map(|all| {
            let own = |(column, account): &(&str, i64)| ((*column).to_owned(), *account);
            all.iter().map(own).collect()
        });
        Content {
            hours: Decimal::ONE,
            date: date(2026, 10, 6),
            employee_id: None,
            project_id: None,
            line_id: None,
            text: String::new(),
            analytic,
        }
    }

    #[test]
    fn what_nobody_says_is_no_difference() {
        let alike = |one, other| is_alike(&content(one), &content(other));
        assert!(
            alike(None, Some(&[("x_plan2_id", 7)])),
            "the source says none"
        );
        assert!(alike(
            Some(&[("x_plan2_id", 7)]),
            Some(&[("x_plan2_id", 7), ("x_plan3_id", 8)])
        ));
        assert!(
            !alike(Some(&[("x_plan2_id", 7)]), Some(&[])),
            "Odoo has none"
        );
        assert!(!alike(
            Some(&[("x_plan2_id", 7)]),
            Some(&[("x_plan2_id", 8)])
        ));
        assert!(!alike(
            Some(&[("x_plan2_id", 7)]),
            Some(&[("x_plan3_id", 7)])
        ));
    }
}
