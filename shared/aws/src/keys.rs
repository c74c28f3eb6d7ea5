//! The keys of `infra/KEYS.md`, spelled once.

use domain::{LaneShard, Reference, Version};
use jiff::Timestamp;

/// The sort key of a lease: `!` sorts before every reference, so a query of the pointers begins
/// after it.
pub const LEASE: &str = "!lease";

/// The partition of all versions of a fact.
pub fn record(reference: &Reference) -> String {
    format!("r#{reference}")
}

/// The sort key of one version.
pub fn version(version: Version) -> String {
    format!("v#{version}")
}

/// A pending partition.
pub fn pending(shard: LaneShard) -> String {
    format!("p#{shard}")
}

/// The partition of what waits for a reference.
pub fn waiters(awaited: &Reference) -> String {
    format!("w#{awaited}")
}

/// The sort key of a pointer to one version of a fact.
pub fn pointer(reference: &Reference, version: Version) -> String {
    format!("{reference}#{version}")
}

/// Reads a pointer back.
pub fn read_pointer(text: &str) -> Option<(Reference, Version)> {
    let (reference, version) = text.split_once('#')?;
    Some((reference.parse().ok()?, Version(version.parse().ok()?)))
}

/// The partition of the projects that were assigned to somebody.
pub const ASSIGNED: &str = "assigned";

/// The partition of a project's assignments.
pub fn assignments(project: &Reference) -> String {
    format!("s#{project}")
}

/// The partition of the PSA projects that stand for a contract.
pub fn linked(deal: &Reference) -> String {
    format!("l#{deal}")
}

/// The partition of what belongs to a customer: its deals in the CRM, its projects in a PSA.
pub fn of_customer(customer: &Reference) -> String {
    format!("k#{customer}")
}

/// The partition of a company's contracts.
pub fn contracts(company: i64) -> String {
    format!("c#{company}")
}

/// The partition of an order's units, allocations and manifests.
pub fn order(order: &Reference) -> String {
    format!("o#{order}")
}

/// The sort key of a unit.
pub fn unit(unit: &Reference) -> String {
    format!("u#{unit}")
}

/// The sort key of an allocation.
pub fn allocation(unit: &Reference, invoice: &Reference) -> String {
    format!("{}{invoice}", allocations(unit))
}

/// How the sort keys of a unit's allocations begin.
pub fn allocations(unit: &Reference) -> String {
    format!("a#{unit}#")
}

/// The sort key of a manifest.
pub fn manifest(number: u32) -> String {
    format!("m#{number:06}")
}

/// An Odoo record as an identifier of the crosswalk.
pub fn odoo(model: &str, id: i64) -> String {
    format!("odoo#{model}#{id}")
}

/// A name that people read in Odoo, such as an order's or an invoice's, as an identifier of the
/// crosswalk.
pub fn odoo_name(name: &str) -> String {
    format!("odoo#{name}")
}

/// The partition of when each source was last heard: one item per account and way.
pub const HEARD: &str = "heard";

/// The sort key of when an account of a source was last heard in one way.
pub fn heard(source: &str, account: &str, way: &str) -> String {
    format!("{source}#{account}#{way}")
}

/// The partition of what was lost on the way to us: one item per account of a source.
pub const LOSSES: &str = "losses";

/// The sort key of what an account of a source lost.
pub fn losses(source: &str, account: &str) -> String {
    format!("{source}#{account}")
}

/// The partition of which billing runs were due, asked for and done.
pub const RUNS: &str = "runs";

/// The sort key of what is noted of an entity's billing runs.
pub fn run(entity: &str, what: &str) -> String {
    format!("{entity}#{what}")
}

/// The partition of what was decided about a customer; its one item is [`DECISION`].
pub fn identity(customer: &Reference) -> String {
    format!("customer#{customer}")
}

/// The sort key of the decision which partner in Odoo a customer is.
pub const DECISION: &str = "decision";

/// The partition of the gate before one Odoo.
pub fn gate(instance: &str) -> String {
    format!("gate#{instance}")
}

/// The sort key of its one item: who is let in, the shares and the breaker are decided together.
pub const GATE_STATE: &str = "state";

/// The partition of how often one account of a source was asked; its one item is [`GATE_STATE`].
pub fn source_gate(source: &str, account: &str) -> String {
    format!("gate#{source}#{account}")
}

/// The partition of what was taken in one hour.
pub fn recorded(at: Timestamp) -> String {
    format!("h#{}", at.strftime("%Y-%m-%dT%H"))
}

/// The partition of who agreed to a contract.
pub fn agreements(deal: &Reference) -> String {
    format!("contract#{deal}")
}

/// The sort key of somebody's agreement to a version of a deal.
pub fn agreement(version: Version, by: &str) -> String {
    format!("agreed#{version}#{by}")
}

/// The partition of what was created for a deal in PSAs.
pub fn psa_creation(deal: &Reference) -> String {
    format!("psa_project#{deal}")
}

/// The sort key of what was created in one PSA.
pub fn psa_account(source: &str, account: &str) -> String {
    format!("{source}#{account}")
}

/// The partition of a chain of the audit.
pub fn audit(chain: &str) -> String {
    format!("a#{chain}")
}

/// The sort key of a block of a chain.
pub fn block(number: u64) -> String {
    format!("{number:012}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_survives_and_sorts_by_version() {
        let reference = Reference::new("s", "a", "e", "1");
        let (old, new) = (
            pointer(&reference, Version(9)),
            pointer(&reference, Version(10)),
        );
        assert!(old < new);
        assert_eq!(read_pointer(&new), Some((reference, Version(10))));
        assert!(LEASE < old.as_str());
    }
}
