//! The link between a project of the PSA and a contract.

use super::Planned;
use crate::command::{Command, Company, LinkProject};
use crate::{Lane, LaneShard, Reference, Version};

/// The link, once somebody or an exact id vouches for it.
pub fn confirm_link(
    project: &Reference,
    version: Version,
    deal: &Reference,
    company: &Company,
    by: &str,
) -> Planned {
    Planned {
        reference: project.clone(),
        version,
        shard: LaneShard::of(Lane::Master, deal),
        waits_for: Some(deal.sibling("project")),
        command: Command::LinkProject(LinkProject {
            company: company.clone(),
            deal: deal.clone(),
            by: by.to_owned(),
        }),
    }
}
