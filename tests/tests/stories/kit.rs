//! The kit that plays the stories can see what does not hold, and the page that explains them is as true
//! as they are.

use std::fs;
use std::path::PathBuf;

use story_kit::document::BadDocument;
use story_kit::format::{self, BadStory, Story};
use story_kit::play::play;
use tests::root;

use super::{odoo, story, written};

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
