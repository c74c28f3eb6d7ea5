//! The protocol of versions, lease and Odoo over every order of its steps.

use stateright::{Checker, HasDiscoveries, Model};
use tests::protocol::{Mutant, Protocol};

#[test]
fn every_order_of_steps_posts_once_and_loses_nothing() {
    let checker = Protocol { mutant: None }.checker().spawn_bfs().join();
    checker.assert_properties();
    assert!(
        checker.unique_state_count() > 50_000,
        "{}",
        checker.unique_state_count()
    );
}

#[test]
fn every_fault_that_is_put_in_is_found() {
    for (mutant, property) in [
        (
            Mutant::ShortLease,
            "nobody sends while another's call may run",
        ),
        (Mutant::NoExternalId, "Odoo has the fact once"),
        (Mutant::NoReadBack, "the newest ends in Odoo"),
        (Mutant::NoPredecessor, "the newest ends in Odoo"),
        (Mutant::NoPointerAgain, "nothing is lost"),
        (
            Mutant::UncertainGivesBack,
            "nobody sends while another's call may run",
        ),
    ] {
        let mutant = Protocol {
            mutant: Some(mutant),
        };
        let name = mutant.mutant;
        let first = HasDiscoveries::AnyFailures;
        let checker = mutant.checker().finish_when(first).spawn_bfs().join();
        assert!(
            checker.discovery(property).is_some(),
            "{name:?} is not seen: {property}"
        );
    }
}
