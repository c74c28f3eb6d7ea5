//! The project of a contract, as the newest version of the contract has it.

use domain::command::CreateProject;
use domain::judge::Objection;
use domain::record::Posted;
use domain::{ExceptionClass, Reference};

use crate::project::create;
use crate::project_adopt::adopt;
use crate::project_values::change;
use crate::{Context, Odoo, OdooError};

/// The project as the newest version of its contract has it: created when it is not there, or found
/// where Odoo makes it; changed when it is. `earlier` are the versions that Odoo may have, newest first;
/// `there` is its id in Odoo, where that is known.
pub async fn follow(
    odoo: &Odoo,
    reference: &Reference,
    earlier: &[&CreateProject],
    there: Option<i64>,
    project: &CreateProject,
) -> Result<Posted, OdooError> {
    let of_another = |before: &&CreateProject| before.is_odoos() != project.is_odoos();
    if earlier.iter().any(of_another) {
        return Err(OdooError::Asked(Box::new(another_maker(project))));
    }
    if project.is_odoos() {
        return match there {
            Some(id) => change(odoo, id, earlier, project).await,
            None => adopt(odoo, earlier, project).await,
        };
    }
    let context = Context::of(&project.company);
    let existing = match earlier.is_empty() {
        true => None,
        false => odoo.look_up(&context, &reference.external_id()).await?,
    };
    match existing {
        Some(id) => change(odoo, id, earlier, project).await,
        None => create(odoo, reference, project).await,
    }
}

fn another_maker(project: &CreateProject) -> Objection {
    let (before, now) = match project.is_odoos() {
        true => ("tenon", "odoo"),
        false => ("odoo", "tenon"),
    };
    Objection {
        code: "project_maker_changed",
        class: ExceptionClass::BusinessRule,
        sentence: format!(
            "The book says now that the project of deal {} is made by {now}, and it was made by {before}",
            project.order.id()
        ),
        items: vec!["a confirmed order keeps its project (contracts.project_made_by)".to_owned()],
        fix: "Say in the book who made it, for this customer, and send the deal again".to_owned(),
        owner: "finance",
    }
}
