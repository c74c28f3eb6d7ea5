//! What people are asked when a contract gets no project in the PSA.

use aws::{Chain, PsaPart};
use domain::ExceptionClass;
use domain::book::Psa;
use domain::command::CreatePsaProject;
use domain::judge::Objection;

use crate::TellError;

/// What happens by itself, and what a person may do instead.
const OR: &str =
    "It is tried again every quarter of an hour. Or create the project in the PSA and link it:";

/// The book does not say whose project it would be.
pub(super) fn no_customer(plan: &CreatePsaProject, known: &[&str]) -> Objection {
    let company = plan.customer.id();
    let item = match known {
        [] => format!("customers: none stands for company {company}"),
        [only] => {
            format!("customers: {only:?} stands for company {company}, and is no id of a company")
        }
        several => format!(
            "customers: {} all stand for company {company}",
            several.join(", ")
        ),
    };
    Objection {
        items: vec![item],
        fix: format!(
            "Say in the book, below the [[psa]] {}, which one it is: customers = {{ ID = \"{company}\" }}. {}",
            plan.account,
            or_link(plan)
        ),
        owner: "steward",
        ..of(plan, "psa_customer_unknown")
    }
}

/// ConnectWise understood the request and refused it.
pub(super) fn not_taken(plan: &CreatePsaProject, part: &PsaPart, said: Vec<String>) -> Objection {
    let what = match part {
        PsaPart::Project => "the project".to_owned(),
        PsaPart::Phase(line) => format!("the phase of milestone {line}"),
    };
    let items = match said.is_empty() {
        true => vec![format!("{what}: refused without a reason")],
        false => said.iter().map(|said| format!("{what}: {said}")).collect(),
    };
    Objection {
        items,
        ..refusal(plan)
    }
}

/// It refused what was asked beside that, or the project is not as the book says.
pub(super) fn refused(plan: &CreatePsaProject, failure: &TellError) -> Objection {
    Objection {
        items: vec![Chain(failure).to_string()],
        ..refusal(plan)
    }
}

/// A lost answer, and a project that may be what it was about.
pub(super) fn uncertain(plan: &CreatePsaProject, id: &str, psa: &Psa) -> Objection {
    let (deal, field) = (plan.deal.id(), &psa.deal_id_field);
    Objection {
        items: vec![format!(
            "project {id} of the customer has its name, and names no deal"
        )],
        fix: format!(
            "If project {id} was made for this deal, write {deal} into its field {field:?}; else give it another name."
        ),
        ..of(plan, "psa_project_uncertain")
    }
}

fn refusal(plan: &CreatePsaProject) -> Objection {
    Objection {
        fix: format!(
            "Correct it where it comes from: the deal, the book ([psa.projects.create] below the [[psa]] {}) or the PSA's settings. {}",
            plan.account,
            or_link(plan)
        ),
        ..of(plan, "psa_project_refused")
    }
}

fn of(plan: &CreatePsaProject, code: &'static str) -> Objection {
    let (deal, source, account) = (plan.deal.id(), &plan.source, &plan.account);
    Objection {
        code,
        class: ExceptionClass::DataQuality,
        sentence: format!("The contract of deal {deal} is not complete in {source} {account}"),
        items: Vec::new(),
        fix: String::new(),
        owner: "operations",
    }
}

fn or_link(plan: &CreatePsaProject) -> String {
    format!("{OR} tenon crosswalk confirm PROJECT {}", plan.deal)
}

#[cfg(test)]
mod tests {
    use domain::Reference;
    use domain::command::Company;

    use super::*;

    #[test]
    fn each_question_names_what_to_do_and_no_name() {
        let deal = Reference::new("hubspot", "1", "deal", "99");
        let plan = CreatePsaProject {
            company: Company {
                id: 1,
                zone: "UTC".to_owned(),
            },
            source: "connectwise".to_owned(),
            account: "Cobalt".to_owned(),
            customer: Reference::new("hubspot", "1", "company", "5"),
            name: "Secret plans of Bob".to_owned(),
            purchase_order: String::new(),
            scope: Vec::new(),
            takes_time: false,
            hours: None,
            starts_on: None,
            ends_on: None,
            milestones: Vec::new(),
            deal,
        };
        let refused = not_taken(&plan, &PsaPart::Phase("7".to_owned()), Vec::new());
        for (question, owner, words) in [
            (
                no_customer(&plan, &[]),
                "steward",
                "customers = { ID = \"5\" }",
            ),
            (no_customer(&plan, &["1", "2"]), "steward", "Cobalt"),
            (
                refused,
                "operations",
                "tenon crosswalk confirm PROJECT hubspot__1__deal__99",
            ),
            (
                not_taken(&plan, &PsaPart::Project, vec!["name: TooLong".to_owned()]),
                "operations",
                "[psa.projects.create]",
            ),
        ] {
            let text = format!(
                "{} {:?} {}",
                question.sentence, question.items, question.fix
            );
            assert_eq!(question.owner, owner);
            assert!(text.contains(words), "{text}");
            assert!(
                !text.contains("Bob") && !question.items.is_empty(),
                "{text}"
            );
        }
    }
}
