//! Which project in Odoo a PSA project stands for. Never guessed from a name.

use super::contract_added::{Added, ONLY_CONTRACT, contracts};
use super::link::confirm_link;
use super::{Objection, Verdict};
use crate::command::Company;
use crate::event::PsaProject;
use crate::{ExceptionClass, Reference};

/// A PSA project links by itself only when it carries the id of a deal that we know; otherwise a
/// steward confirms the link.
///
/// `deal` is the deal that [`PsaProject::deal_id`] names, with the company of its contract, when
/// there is such a contract.
///
/// `added` is what the contracts of its customer say, where the project names no deal.
pub fn judge_project(
    project: &PsaProject,
    deal: Option<(&Reference, &Company)>,
    added: Added,
) -> Verdict {
    let link = |deal, company, by| {
        let (reference, version) = (&project.reference, project.version);
        Verdict::Go(vec![confirm_link(reference, version, deal, company, by)])
    };
    match (deal, added) {
        (Some((deal, company)), _) => link(deal, company, "deal id in the project"),
        (None, Added::One { deal, company }) => link(&deal, &company, ONLY_CONTRACT),
        (None, Added::Several(deals)) => {
            let mut question = unlinked(project);
            question.items.extend(contracts(&deals));
            Verdict::Except(question)
        }
        (None, Added::None) => Verdict::Except(unlinked(project)),
    }
}

fn unlinked(project: &PsaProject) -> Objection {
    let items = match &project.deal_id {
        Some(id) => vec![format!(
            "the project names deal {id:?}, which is no contract we know"
        )],
        None => vec!["the project names no deal".to_owned()],
    };
    Objection {
        code: "project_not_linked",
        class: ExceptionClass::DataQuality,
        sentence: format!(
            "PSA project {} is not linked to a contract; its time waits",
            project.reference.id()
        ),
        items,
        fix: format!(
            "Confirm the link: tenon crosswalk confirm {} <deal>",
            project.reference
        ),
        owner: "steward",
    }
}
