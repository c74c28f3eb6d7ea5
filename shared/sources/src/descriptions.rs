//! The descriptions that ship: one per source, whether its messages are read already or not.

use crate::facts::{Facts, FactsError};

/// A description before it is parsed.
pub struct Description {
    /// The source's name.
    pub name: &'static str,
    /// Its file, within this crate.
    pub file: &'static str,
    /// What is written in it.
    pub text: &'static str,
}

/// Every description there is.
pub const DESCRIPTIONS: [Description; 20] = [
    Description {
        name: "hubspot",
        file: "hubspot/hubspot.toml",
        text: include_str!("hubspot/hubspot.toml"),
    },
    Description {
        name: "salesforce",
        file: "salesforce/salesforce.toml",
        text: include_str!("salesforce/salesforce.toml"),
    },
    Description {
        name: "pipedrive",
        file: "pipedrive/pipedrive.toml",
        text: include_str!("pipedrive/pipedrive.toml"),
    },
    Description {
        name: "connectwise",
        file: "connectwise/connectwise.toml",
        text: include_str!("connectwise/connectwise.toml"),
    },
    Description {
        name: "autotask",
        file: "autotask/autotask.toml",
        text: include_str!("autotask/autotask.toml"),
    },
    Description {
        name: "clockify",
        file: "clockify/clockify.toml",
        text: include_str!("clockify/clockify.toml"),
    },
    Description {
        name: "kantata",
        file: "kantata/kantata.toml",
        text: include_str!("kantata/kantata.toml"),
    },
    Description {
        name: "harvest",
        file: "harvest/harvest.toml",
        text: include_str!("harvest/harvest.toml"),
    },
    Description {
        name: "dataverse",
        file: "dataverse/dataverse.toml",
        text: include_str!("dataverse/dataverse.toml"),
    },
    Description {
        name: "productive",
        file: "productive/productive.toml",
        text: include_str!("productive/productive.toml"),
    },
    Description {
        name: "teamwork",
        file: "teamwork/teamwork.toml",
        text: include_str!("teamwork/teamwork.toml"),
    },
    Description {
        name: "moco",
        file: "moco/moco.toml",
        text: include_str!("moco/moco.toml"),
    },
    Description {
        name: "toggl",
        file: "toggl/toggl.toml",
        text: include_str!("toggl/toggl.toml"),
    },
    Description {
        name: "jira",
        file: "jira/jira.toml",
        text: include_str!("jira/jira.toml"),
    },
    Description {
        name: "bamboohr",
        file: "bamboohr/bamboohr.toml",
        text: include_str!("bamboohr/bamboohr.toml"),
    },
    Description {
        name: "zendesk",
        file: "zendesk/zendesk.toml",
        text: include_str!("zendesk/zendesk.toml"),
    },
    Description {
        name: "paymo",
        file: "paymo/paymo.toml",
        text: include_str!("paymo/paymo.toml"),
    },
    Description {
        name: "personio",
        file: "personio/personio.toml",
        text: include_str!("personio/personio.toml"),
    },
    Description {
        name: "standard-webhooks",
        file: "standard_webhooks/standard-webhooks.toml",
        text: include_str!("standard_webhooks/standard-webhooks.toml"),
    },
    Description {
        name: "generic",
        file: "generic/generic.toml",
        text: include_str!("generic/generic.toml"),
    },
];

/// The description of this name.
#[must_use]
pub fn description(name: &str) -> Option<&'static Description> {
    DESCRIPTIONS.iter().find(|one| one.name == name)
}

impl Description {
    /// Parses and checks the facts.
    pub fn load(&self) -> Result<Facts, FactsError> {
        Facts::parse(self.file, self.text)
    }
}
