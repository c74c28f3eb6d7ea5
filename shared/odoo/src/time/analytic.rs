//! The cost centre of a timesheet line: an analytic account in the column of its plan, beside the
//! project's own account.
//!
//! Odoo has one column for each root plan, `x_plan<id>_id`, and `account_id` for that of projects:
//! <https://github.com/odoo/odoo/blob/19.0/addons/analytic/models/analytic_plan.py>

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::cost_center::{self, Account};
use crate::memory::Memory;
use crate::{Context, Odoo, OdooError};

/// The model of timesheet lines.
pub(super) const MODEL: &str = "account.analytic.line";

/// Account ids by column.
pub(super) type Analytic = BTreeMap<String, i64>;

/// The column of each account; or why nothing is known.
pub(super) type Columns = Result<BTreeMap<i64, Result<String, OdooError>>, OdooError>;

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
    let found = cost_center::read(odoo, context, &unknown).await?;
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
    let column = column_of(account).filter(|column| there.contains_key(column));
    let wrong = account.wrong(column.is_none());
    (column.filter(|_| wrong.is_none()))
        .ok_or_else(|| OdooError::differs(wrong.unwrap_or_default()))
}

/// Where an account goes.
pub(super) fn of(account: i64, columns: &Columns) -> Result<Analytic, OdooError> {
    let columns = columns.as_ref().map_err(Clone::clone)?;
    let column = columns.get(&account).ok_or(OdooError::Defect {
        what: "the plan of a cost centre was not asked for",
    })?;
    Ok(BTreeMap::from([(column.clone()?, account)]))
}

/// The same columns as a `load` names them.
pub(super) fn fields(columns: &BTreeSet<String>) -> Vec<String> {
    columns
        .iter()
        .map(|column| format!("{column}/.id"))
        .collect()
}
