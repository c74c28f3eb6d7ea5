//! Each story of `tests/stories` holds on the real Odoo.

#[path = "../../../shared/odoo/tests/support/database.rs"]
mod database;
mod kit;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use story_kit::format::{self, BadStory, Story};
use story_kit::functions::Place;
use story_kit::play::play;
use tests::root;

/// What several stories share: it is none itself.
const SHARED: &str = "firm.toml";

fn odoo() -> Place {
    let (url, database) = database::fresh();
    Place { url, database }
}

fn story(name: &str) -> Story {
    let file = root().join("tests/stories").join(name);
    format::load(&file).unwrap_or_else(|error| panic!("{error}"))
}

/// What a text says that lies in a folder of its own.
fn written(name: &str, text: &str) -> Result<Story, BadStory> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("story.toml");
    fs::write(&file, text).expect("a file");
    format::load(&file)
}

fn holds(name: &str) {
    let report = play(&story(name), &odoo()).expect("it is played");
    assert!(report.holds(), "{report}");
}

#[test]
fn a_deal_is_won_signed_worked_on_and_billed() {
    holds("deal-to-invoice.toml");
}

#[test]
fn two_cost_centres_earn_what_is_sold_in_shares() {
    holds("cost-centers-earn.toml");
}

#[test]
fn a_deal_without_everything_is_one_question_and_nothing_in_odoo() {
    holds("incomplete-deal.toml");
}

#[test]
fn an_old_version_comes_late_and_changes_nothing() {
    holds("late-version.toml");
}

#[test]
fn odoo_is_away_and_its_answers_are_lost() {
    holds("odoo-away.toml");
}

#[test]
fn the_company_decides_and_not_the_users_default() {
    holds("other-company.toml");
}

#[test]
fn people_come_by_their_own_doors_and_strangers_nowhere() {
    holds("people.toml");
}

#[test]
fn somebody_unmapped_is_a_question_until_the_book_has_them() {
    holds("unmapped-person.toml");
}

#[test]
fn what_people_may_is_what_the_book_lets_their_role() {
    holds("roles-of-people.toml");
}

#[test]
fn reverse_charge_is_expected_and_whatever_says_otherwise_stops() {
    holds("tax-profile.toml");
}

#[test]
fn a_service_is_sold_by_the_day_and_hours_are_billed_as_days() {
    holds("service-in-days.toml");
}

#[test]
fn time_is_posted_with_the_employee_and_the_cost_centre() {
    holds("cost-centers.toml");
}

#[test]
fn a_customer_has_its_language_and_a_pricelist_in_its_currency() {
    holds("customer-language.toml");
}

#[test]
fn each_hour_has_the_price_of_its_person_role_and_contract() {
    holds("rates-of-people.toml");
}

#[test]
fn a_large_contract_is_confirmed_by_two_people() {
    holds("contract-approval.toml");
}

#[test]
fn each_hour_has_the_price_of_its_day() {
    holds("rate-cards.toml");
}

#[test]
fn the_same_change_waits_for_its_turn_or_goes_at_once() {
    holds("flow-timing.toml");
}

#[test]
fn a_flow_that_is_only_watched_shows_nothing_in_odoo_and_the_report_shows_its_money() {
    holds("flow-shadow.toml");
}

#[test]
fn flow_by_flow_from_off_over_drafts_to_all_the_way() {
    holds("flow-drafts.toml");
}

#[test]
fn a_plan_is_gathered_and_kept_here_and_work_that_is_not_sold_is_noticed() {
    holds("assignments.toml");
}

#[test]
fn odoo_makes_the_project_and_time_is_posted_and_billed_on_it() {
    holds("project-by-odoo.toml");
}

#[test]
fn odoo_makes_the_milestones_and_each_is_billed_once() {
    holds("project-by-odoo-milestones.toml");
}

#[test]
fn a_project_that_odoo_made_and_somebody_deleted_is_not_brought_back() {
    holds("project-by-odoo-deleted.toml");
}

#[test]
fn a_project_is_made_by_odoo_or_by_tenon_and_never_by_both() {
    holds("project-never-mixed.toml");
}

#[test]
fn a_project_closes_and_what_was_worked_in_time_is_billed() {
    holds("project-closes.toml");
}

#[test]
fn the_only_contract_of_a_customer_is_added_and_of_two_none_is() {
    holds("contract-added.toml");
}

#[test]
fn a_psa_project_is_told_its_order_and_its_project_in_odoo() {
    holds("psa-project-told.toml");
}

#[test]
fn a_contract_gets_its_project_and_its_phases_in_the_psa_once() {
    holds("psa-project-created.toml");
}

#[test]
fn a_project_that_a_person_made_in_the_psa_is_left_as_it_is() {
    holds("psa-project-of-people.toml");
}

#[test]
fn what_the_psa_invoices_is_in_odoo_for_its_cost_and_never_billed() {
    holds("psa-invoices.toml");
}

#[test]
fn stages_and_payment_states_have_words_and_an_unmapped_one_is_a_question() {
    holds("status-words.toml");
}

#[test]
fn a_third_psa_is_a_few_lines_in_the_book() {
    holds("another-psa.toml");
}

#[test]
fn a_changed_book_says_what_would_have_gone_another_way() {
    holds("book-tried.toml");
}

#[test]
fn an_event_is_judged_by_the_book_of_its_time() {
    holds("book-of-its-time.toml");
}

#[test]
fn customers_that_are_in_odoo_are_not_made_again() {
    holds("customer-duplicates.toml");
}

#[test]
fn one_customer_under_several_names_is_one_partner() {
    holds("customer-merges.toml");
}

#[test]
fn each_field_of_a_customer_has_an_owner() {
    holds("customer-ownership.toml");
}

#[test]
fn every_story_is_played_by_a_test() {
    let here = fs::read_to_string(root().join("tests/tests/stories/main.rs")).expect("this file");
    let files = fs::read_dir(root().join("tests/stories")).expect("the stories");
    let names: BTreeSet<String> = files
        .flatten()
        .map(|file| file.file_name().to_string_lossy().into_owned())
        .collect();
    assert!(names.len() > 7, "{names:?}");
    for name in names.iter().filter(|name| *name != SHARED) {
        assert!(
            here.contains(&format!("holds(\"{name}\")")),
            "nobody plays {name}"
        );
    }
}
