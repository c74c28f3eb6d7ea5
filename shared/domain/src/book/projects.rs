//! How the projects of a PSA are followed in Odoo.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::PsaCreate;

/// `[psa.projects]`: what Odoo's project takes over from the PSA's. Without it, a PSA project is
/// linked and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct PsaProjects {
    /// The source's own status words → what they mean. Without any, status is not followed; with
    /// some, a word that is not here is a question.
    pub status: BTreeMap<String, ProjectState>,
    /// What a status means → external id of the stage in Odoo that the project goes to, for example
    /// `project.project_project_stage_2`. A state without one leaves the stage alone.
    pub stages: BTreeMap<ProjectState, String>,
    /// Whose name Odoo's project has.
    pub name: NamedBy,
    /// Whether the project's code becomes the reference of its analytic account in Odoo.
    pub code: bool,
    /// The caption of the project's custom field that holds the code, where the source has none of
    /// its own.
    pub code_field: Option<String>,
    /// What becomes of a project, or of approved work, that names no contract.
    pub without_deal: WithoutDeal,
    /// Written: custom fields of the PSA's project, by their captions. In ConnectWise only.
    pub fields: PsaFields,
    /// How a project is created in the PSA; none is without it.
    pub create: Option<PsaCreate>,
}

impl PsaProjects {
    /// Whether anything is taken over.
    pub fn is_followed(&self) -> bool {
        !self.status.is_empty() || self.code || self.name == NamedBy::Psa
    }
}

/// What a PSA project shows of Odoo, by the captions of its custom fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct PsaFields {
    /// Written: the order's number in Odoo.
    pub order_name: Option<String>,
    /// Written: its database id.
    pub order_id: Option<String>,
    /// Written: the project's name in Odoo.
    pub project_name: Option<String>,
    /// Written: its database id.
    pub project_id: Option<String>,
}

/// Where a project stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProjectState {
    /// It is worked on, or may be.
    Open,
    /// It rests; what was worked on it still comes.
    OnHold,
    /// It is over: nothing that was worked later comes to it.
    Closed,
}

impl ProjectState {
    /// Its name in the book and in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::OnHold => "on_hold",
            Self::Closed => "closed",
        }
    }
}

/// What becomes of a project, or of approved work, that names no contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WithoutDeal {
    /// A person is asked.
    #[default]
    Ask,
    /// The customer's only contract that covers it is added; of several, or without any, a person is
    /// asked.
    OnlyContract,
}

/// Whose name a project in Odoo has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NamedBy {
    /// The deal's.
    #[default]
    Crm,
    /// The PSA project's; a name that a person gave it in Odoo stays.
    Psa,
}

/// Who makes a contract's project in Odoo. A confirmed order keeps it.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectMaker {
    /// Tenon does, after the confirmation. The products of the contract create nothing on an order.
    Tenon,
    /// Odoo does, at the confirmation, as the products of the contract say.
    Odoo,
}

impl ProjectMaker {
    /// The book's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tenon => "tenon",
            Self::Odoo => "odoo",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::Book;
    use crate::book::tests::TEXT;

    #[test]
    fn status_words_mean_something_and_a_meaning_that_does_not_exist_is_refused() {
        let with = |rest: &str| Book::parse(&format!("{TEXT}\n[psa.projects]\n{rest}"));
        let book = with("status = { \"Closed\" = \"closed\" }\nname = \"psa\"").unwrap();
        let projects = &book.psa.first().projects;
        assert_eq!(projects.status["Closed"], ProjectState::Closed);
        assert!(projects.is_followed());
        assert!(
            !Book::parse(TEXT)
                .unwrap()
                .psa
                .first()
                .projects
                .is_followed()
        );
        let error = with("status = { \"Closed\" = \"over\" }")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("psa.projects") && error.contains("on_hold"),
            "{error}"
        );
        assert!(with("states = {}").is_err());
    }
}
