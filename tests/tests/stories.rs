//! Each story of `tests/stories` holds on the real Odoo; the kit that plays them can see what does not,
//! and the page that explains them is as true as they are.

#[path = "../../shared/odoo/tests/support/database.rs"]
mod database;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use story_kit::document::BadDocument;
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
fn a_project_closes_and_what_was_worked_in_time_is_billed() {
    holds("project-closes.toml");
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
fn the_only_contract_of_a_customer_is_added_and_of_two_none_is() {
    holds("contract-added.toml");
}

#[test]
fn a_psa_project_is_told_its_order_and_its_project_in_odoo() {
    holds("psa-project-told.toml");
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
    let here = fs::read_to_string(root().join("tests/tests/stories.rs")).expect("this file");
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

/// A step of which nothing holds.
const NOTHING_HOLDS: &str = r#"
name = "wrong"
book_text = "x"

[[steps]]
name = "Nothing of this is so"

[[steps.expect]]
odoo = "res.company"
where = [["id", "=", 1]]
fields = { name = "Northwind Consulting Ltd", currency_id = "EUR", id = 1 }

[[steps.expect]]
exceptions = { count = 0 }

[[steps.expect]]
outcomes = { held = 0 }

[[steps.expect]]
record = "hubspot/48807704/deal/16024871101"
state = "posted"

[[steps.expect]]
calls = { sources = { hubspot = 7 }, since = "start" }

[[steps.expect]]
standin = "hubspot/deals/16024871101"
fields = { dealstage = "lost" }

[[steps.expect]]
console = "status"
contains = ["everything is well"]

[[steps.expect]]
dead_letters = 1
"#;

/// Guards the kit itself: everything that is wrong in a step is told, with what was found, and what
/// comes after it is not played.
#[test]
fn what_does_not_hold_is_told_line_by_line() {
    let mut story = story("incomplete-deal.toml");
    let wrong: Story = story_kit::document::Document::read(NOTHING_HOLDS)
        .and_then(|document| document.parse())
        .expect("a story");
    let last = story.steps.pop().expect("a second step");
    story.steps.extend(wrong.steps);
    story.steps.push(last);
    let report = play(&story, &odoo()).expect("it is played");
    assert!(!report.holds() && report.left_out == 1, "{report}");
    let told = &report.steps[1].wrong;
    let expected = [
        "currency_id\n  expected  \"EUR\"\n  found     [1, \"USD\"]",
        "name\n  expected  \"Northwind Consulting Ltd\"\n  found     \"Northwind Consulting Inc\"",
        "questions for people\n  expected  0\n  found     1; open are\n    deal_incomplete for sales",
        "facts that are held\n  expected  0\n  found     1",
        "state of hubspot/48807704/deal/16024871101\n  expected  posted\n  found     held",
        "calls of hubspot\n  expected  7\n  found     ",
        "dealstage\n  expected  \"lost\"\n  found     \"closedwon\"",
        "words of the console's status\n  expected  everything is well\n  found     {",
        "dead letters\n  expected  1\n  found     0",
    ];
    assert_eq!(told.len(), expected.len(), "{report}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.contains(expected), "{told}\nshould have\n{expected}");
    }
    assert!(
        report
            .to_string()
            .contains("does NOT hold; 1 later steps were not played")
    );
}

#[test]
fn a_story_that_was_left_behind_needs_nothing_beside_it() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("left-behind");
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("incomplete-deal.json");
    let left = serde_json::to_string_pretty(&story("incomplete-deal.toml")).expect("JSON");
    assert!(
        !left.contains("firm.toml") && !left.contains("infra/books"),
        "{left}"
    );
    fs::write(&file, left).expect("a file");
    let again = format::load(&file).unwrap_or_else(|error| panic!("{error}"));
    let (first, second) = (odoo(), odoo());
    let one = play(&story("incomplete-deal.toml"), &first).expect("it is played");
    let other = play(&again, &second).expect("it is played");
    assert_eq!(one.to_string(), other.to_string());
    assert!(one.holds(), "{one}");
}

#[test]
fn a_mistake_in_a_story_is_told_with_file_and_line() {
    let error = |name: &str, text: &str| match written(name, text) {
        Ok(_) => panic!("{text} is taken"),
        Err(error) => error.to_string(),
    };
    let said = error(
        "unknown",
        "name = \"x\"\nbook_text = \"\"\n[[steps]]\nnmae = \"y\"\n",
    );
    assert!(
        said.contains("story.toml: line 4: unknown field `nmae`"),
        "{said}"
    );
    let book = format!("book = {:?}\n", root().join("infra/books/demo"));
    let two = "[[steps]]\nname = \"y\"\nadvance = \"1m\"\nreplay = \"forwards\"\n";
    let said = error("two", &format!("name = \"x\"\n{book}{two}"));
    assert!(
        said.contains("step 1, \"y\"") && said.contains("advance and replay"),
        "{said}"
    );
    let stray = "[[steps]]\nname = \"y\"\n[[steps.expect]]\ndead_letters = 0\nstate = \"held\"\n";
    let said = error("stray", &format!("name = \"x\"\n{book}{stray}"));
    assert!(
        said.contains("state says nothing beside dead_letters"),
        "{said}"
    );
    let said = error(
        "book",
        "name = \"x\"\nbook_text = \"entitys = 1\"\nsteps = []\n",
    );
    assert!(said.contains("entitys"), "{said}");
    let said = error("none", "name = \"x\"\nbook = \"nowhere\"\nsteps = []\n");
    assert!(said.contains("nowhere"), "{said}");
    assert!(matches!(
        written("toml", "name = "),
        Err(BadStory::Document {
            problem: BadDocument::NotToml(_),
            ..
        })
    ));
}

/// The example of the page, as it stands there.
#[test]
fn the_storys_example_in_the_book_holds() {
    let page = tests::file("docs/stories.md");
    let example = page
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let example = example.expect("the page has an example");
    let example = example.replace(
        "my-book",
        &root().join("infra/books/demo").to_string_lossy(),
    );
    let story = written("example", &example).unwrap_or_else(|error| panic!("{error}"));
    let report = play(&story, &odoo()).expect("it is played");
    assert!(report.holds(), "{report}");
}

/// Every key of the format is explained, and every key that is explained exists.
#[test]
fn the_page_on_stories_names_every_key() {
    let page = tests::file("docs/stories.md");
    let code: String = ["mod", "action", "expect"]
        .map(|file| tests::file(&format!("tests/story_kit/src/format/{file}.rs")))
        .concat();
    let renamed = [("who", "as"), ("domain", "where")];
    let fields = code
        .lines()
        .filter_map(|line| line.strip_prefix("    pub ")?.split_once(':'));
    let mut known = 0;
    for (field, _) in fields {
        let key = renamed
            .iter()
            .find(|(ours, _)| *ours == field)
            .map_or(field, |(_, key)| key);
        assert!(
            page.contains(&format!("`{key}`")),
            "the page does not explain `{key}`"
        );
        known += 1;
    }
    assert!(known > 50, "{known}");
}
