//! A cost centre in Odoo: an analytic account, in a plan of its own beside that of the projects.

use serde::Deserialize;

use crate::answer::OrFalse;
use crate::{Context, Odoo, OdooError};

/// The model of cost centres.
pub(crate) const MODEL: &str = "account.analytic.account";

/// One of them, or a project's account.
#[derive(Deserialize)]
pub(crate) struct Account {
    pub(crate) id: i64,
    name: String,
    active: bool,
    /// The plan at the top of its own.
    pub(crate) root_plan_id: OrFalse<i64>,
}

pub(crate) async fn read(
    odoo: &Odoo,
    context: &Context,
    ids: &[i64],
) -> Result<Vec<Account>, OdooError> {
    let fields = ["name", "active", "root_plan_id"];
    odoo.read(context, MODEL, ids, &fields).await
}

impl Account {
    /// Why nothing may count for it, where that is so: `is_of_projects` says whether it is in the plan
    /// of the projects.
    pub(crate) fn wrong(&self, is_of_projects: bool) -> Option<String> {
        let name = &self.name;
        match (self.active, is_of_projects) {
            (false, _) => Some(format!("the cost centre {name:?} is archived in Odoo")),
            (true, true) => Some(format!(
                "the cost centre {name:?} is in the plan of the projects: its account would take the place of the project's; give cost centres a plan of their own"
            )),
            (true, false) => None,
        }
    }
}
