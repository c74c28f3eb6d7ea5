//! One set of cases, run against every service that stands for another one.
//!
//! The simulation proves something about the engine only as far as its table, queue and Odoo behave
//! as the real ones do. So what the engine counts on is written down once, as cases, and every
//! subject is held to them: MiniStack, dynoxide (a DynamoDB that its authors check against AWS) and
//! the simulated table; MiniStack's and the simulated queue; the real and the simulated Odoo.

mod emulated_queue;
mod odoo_answers;
mod queue;
mod real_odoo;
mod records;
mod simulated;
mod subjects;
#[path = "../../../shared/odoo/tests/support/mod.rs"]
#[expect(dead_code, reason = "these cases need a part of it")]
mod support;
mod table;
mod table_lease;
mod table_size;

use emulated_queue::EmulatedQueue;
use tests::emulator::Emulator;

#[tokio::test(flavor = "multi_thread")]
async fn ministack_keeps_the_contract_of_the_table() {
    let emulator = Emulator::start();
    every_table_case(async || subjects::emulated(&emulator).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dynoxide_keeps_the_contract_of_the_table() {
    every_table_case(subjects::embedded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ministack_keeps_the_contract_of_the_queue() {
    let emulator = Emulator::start();
    queue::every_case(async || EmulatedQueue::create(&emulator).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_odoo_keeps_the_contract_of_odoo() {
    odoo_answers::every_case(&real_odoo::RealOdoo::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_odoo_keeps_it_over_the_older_api_as_well() {
    odoo_answers::every_case(&real_odoo::RealOdoo::over_the_older_api().await).await;
}

#[tokio::test(start_paused = true)]
async fn the_simulated_table_keeps_the_contract_of_the_table() {
    every_table_case(simulated::tables).await;
}

#[tokio::test(start_paused = true)]
async fn the_simulated_queue_keeps_the_contract_of_the_queue() {
    queue::every_case(simulated::SimulatedQueue::create).await;
}

#[tokio::test(start_paused = true)]
async fn the_simulated_odoo_keeps_the_contract_of_odoo() {
    odoo_answers::every_case(&simulated::OdooInMemory::new().await).await;
}

/// Each case gets tables of its own.
async fn every_table_case(fresh: impl AsyncFn() -> subjects::Tables) {
    table::every_case(&fresh).await;
    table_lease::every_case(&fresh).await;
    table_size::every_case(&fresh).await;
}
