//! What the engine counts on when it calls Odoo: `load` above all.
//!
//! What is compared is what the engine reads: ids, values, the kind and the rows of a message, and
//! how a text begins where the engine looks at it.

use odoo::{Context, Odoo, OdooError};
use serde_json::{Value, json};

/// The lines of worked time.
pub const LINES: &str = "account.analytic.line";
const FIELDS: [&str; 9] = [
    "id",
    "project_id/.id",
    "employee_id/.id",
    "date",
    "unit_amount",
    "name",
    "ref",
    "so_line/.id",
    "is_so_line_edited",
];

/// An Odoo with a confirmed contract, and nobody else in it.
pub trait OdooSubject {
    /// As the service user of the lane of work.
    fn work(&self) -> &Odoo;
    /// The contract's project, the order line of its first service, and Alice.
    fn places(&self) -> Places;
    /// A person deletes a line of time.
    async fn delete(&self, id: i64);
    /// A person changes the hours of a line of time.
    async fn edit(&self, id: i64, hours: &str);
}

/// Where time goes.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// The project.
    pub project: i64,
    /// The order line.
    pub line: i64,
    /// The employee `hr_demo.alice`.
    pub employee: i64,
}

/// All of them, in one Odoo: each has external ids of its own.
pub async fn every_case(odoo: &impl OdooSubject) {
    a_known_external_id_is_left_untouched(odoo).await;
    one_bad_row_holds_all_and_is_named(odoo).await;
    the_same_external_id_twice_in_one_call_is_one_line(odoo).await;
    of_parallel_loads_one_makes_the_line(odoo).await;
    a_deleted_line_comes_back_under_its_external_id(odoo).await;
    a_persons_edit_survives_the_same_load(odoo).await;
    a_load_by_database_id_changes_the_named_columns_only(odoo).await;
    an_unknown_database_id_creates_nothing(odoo).await;
    what_is_gone_is_left_out_of_a_read(odoo).await;
    an_external_id_is_looked_up_or_unknown(odoo).await;
    lines_are_found_by_the_entrys_number(odoo).await;
    a_write_to_a_line_that_is_gone_is_refused(odoo).await;
    nothing_is_loaded_by_no_rows(odoo).await;
}

/// What insert-once means to Odoo.
fn once() -> Context {
    Context::companies(&[1])
        .with("mode", json!("update"))
        .with("noupdate", json!(true))
}

fn plain() -> Context {
    Context::companies(&[1])
}

async fn call(odoo: &impl OdooSubject, method: &str, body: Value) -> Result<Value, OdooError> {
    odoo.work().call(LINES, method, &plain(), body).await
}

/// A row of time under `tenon.NAME`; the entry's number is the name.
fn row(odoo: &impl OdooSubject, name: &str, hours: &str) -> Vec<String> {
    let Places {
        project,
        line,
        employee,
    } = odoo.places();
    let cells = [
        &format!("tenon.{name}"),
        &project.to_string(),
        &employee.to_string(),
        "2026-11-03",
        hours,
        "Workshop",
        name,
        &line.to_string(),
        "1",
    ];
    cells.map(str::to_owned).to_vec()
}

async fn load(odoo: &impl OdooSubject, rows: &[Vec<String>]) -> Value {
    let body = json!({"fields": FIELDS, "data": rows});
    let answer = odoo.work().call(LINES, "load", &once(), body).await;
    answer.expect("HTTP 200, whatever it thinks of the rows")
}

async fn loaded(odoo: &impl OdooSubject, rows: &[Vec<String>]) -> Vec<i64> {
    ids(&load(odoo, rows).await)
}

fn ids(answer: &Value) -> Vec<i64> {
    let ids = answer["ids"].as_array();
    let ids = ids.unwrap_or_else(|| panic!("no ids: {answer}")).iter();
    ids.map(|id| id.as_i64().expect("a number")).collect()
}

/// The hours and the entry of each line that is still there.
async fn read(odoo: &impl OdooSubject, ids: &[i64]) -> Vec<(i64, String, String)> {
    let body = json!({"ids": ids, "fields": ["unit_amount", "ref"], "load": null});
    found(&call(odoo, "read", body).await.unwrap())
}

fn found(lines: &Value) -> Vec<(i64, String, String)> {
    let lines = lines.as_array().expect("a list of lines").iter();
    let line = |line: &Value| {
        let entry = line["ref"].as_str().expect("an entry").to_owned();
        // As Odoo's JSON has it; 8 and 8.0 are the same.
        let hours = line["unit_amount"].to_string();
        let hours = hours.strip_suffix(".0").unwrap_or(&hours).to_owned();
        (line["id"].as_i64().expect("an id"), hours, entry)
    };
    let mut lines: Vec<_> = lines.map(line).collect();
    lines.sort();
    lines
}

/// The position of each row that a message names, without repetition, and all texts.
fn complaints(answer: &Value) -> (Vec<u64>, String) {
    assert_eq!(answer["ids"], false, "{answer}");
    let messages = answer["messages"].as_array().expect("messages");
    let mut rows = Vec::new();
    let mut texts = String::new();
    for message in messages {
        assert_eq!(message["type"], "error", "{message}");
        assert_eq!(message["rows"]["from"], message["rows"]["to"]);
        rows.extend(message["rows"]["from"].as_u64());
        texts.push_str(message["message"].as_str().expect("a text"));
    }
    rows.sort_unstable();
    rows.dedup();
    (rows, texts)
}

async fn a_known_external_id_is_left_untouched(odoo: &impl OdooSubject) {
    let first = [row(odoo, "once1", "8"), row(odoo, "once2", "2")];
    let ids = loaded(odoo, &first).await;
    let other = [row(odoo, "once2", "9"), row(odoo, "once1", "80")];
    let again = loaded(odoo, &other).await;
    assert_eq!(again, [ids[1], ids[0]], "in the order of the rows");
    let expected = [
        (ids[0], "8".to_owned(), "once1".to_owned()),
        (ids[1], "2".to_owned(), "once2".to_owned()),
    ];
    assert_eq!(read(odoo, &ids).await, expected);
}

/// Odoo first tries all rows at once, and notes that failure at the first row, which may be good.
/// Only then it tries them one by one. So a named row is a suspect, and one that is not named is good.
async fn one_bad_row_holds_all_and_is_named(odoo: &impl OdooSubject) {
    let mut rows: Vec<Vec<String>> = (0..6).map(|n| row(odoo, &format!("bad{n}"), "1")).collect();
    "8,5".clone_into(&mut rows[1][4]);
    let (suspects, texts) = complaints(&load(odoo, &rows).await);
    assert_eq!(suspects, [1]);
    assert!(texts.contains("does not seem to be a number"), "{texts}");
    "999999".clone_into(&mut rows[4][1]);
    let (suspects, texts) = complaints(&load(odoo, &rows).await);
    let named = |row: &u64| suspects.contains(row);
    assert!([1, 4].iter().all(named) && ![2, 3, 5].iter().any(named));
    assert!(texts.contains("No matching record found for database id '999999'"));
    let names: Vec<String> = (0..6).map(|n| format!("bad{n}")).collect();
    let domain = json!({"domain": [["ref", "in", names]], "fields": ["ref", "unit_amount"]});
    let found = call(odoo, "search_read", domain).await.unwrap();
    assert_eq!(found, json!([]), "all or nothing");
    rows.remove(4);
    rows.remove(1);
    assert_eq!(loaded(odoo, &rows).await.len(), 4);
}

async fn the_same_external_id_twice_in_one_call_is_one_line(odoo: &impl OdooSubject) {
    let ids = loaded(odoo, &[row(odoo, "twice", "1"), row(odoo, "twice", "2")]).await;
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    assert_eq!(
        read(odoo, &ids[..1]).await[0].1,
        "1",
        "the first row made it"
    );
}

async fn of_parallel_loads_one_makes_the_line(odoo: &impl OdooSubject) {
    for round in 0..4 {
        let rows = [row(odoo, &format!("race{round}"), "1")];
        let loads = (0..4).map(|_| load(odoo, &rows));
        let answers = futures::future::join_all(loads).await;
        let mut made = Vec::new();
        for answer in &answers {
            match answer["ids"].is_array() {
                true => made.extend(ids(answer)),
                false => {
                    let (_, text) = complaints(answer);
                    let lost = ["could not serialize access", "ir_model_data_module_name"];
                    assert!(lost.iter().any(|words| text.contains(words)), "{text}");
                }
            }
        }
        made.sort_unstable();
        made.dedup();
        assert_eq!(made.len(), 1, "round {round}: {answers:?}");
        assert_eq!(loaded(odoo, &rows).await, made, "who lost finds it");
    }
}

/// Why the engine looks at its ledger first, and parks what a person deleted.
async fn a_deleted_line_comes_back_under_its_external_id(odoo: &impl OdooSubject) {
    let rows = [row(odoo, "deleted", "1")];
    let first = loaded(odoo, &rows).await;
    odoo.delete(first[0]).await;
    assert_eq!(read(odoo, &first).await, []);
    let second = loaded(odoo, &rows).await;
    assert_ne!(first, second);
    assert_eq!(read(odoo, &second).await.len(), 1);
}

async fn a_persons_edit_survives_the_same_load(odoo: &impl OdooSubject) {
    let rows = [row(odoo, "edited", "7.5")];
    let ids = loaded(odoo, &rows).await;
    odoo.edit(ids[0], "3").await;
    assert_eq!(loaded(odoo, &rows).await, ids);
    assert_eq!(read(odoo, &ids).await[0].1, "3");
}

async fn a_load_by_database_id_changes_the_named_columns_only(odoo: &impl OdooSubject) {
    let ids_before = loaded(
        odoo,
        &[row(odoo, "change1", "1"), row(odoo, "change2", "2")],
    )
    .await;
    let rows = json!([
        [ids_before[0].to_string(), "1.25"],
        [ids_before[1].to_string(), "2.25"]
    ]);
    let body = json!({"fields": [".id", "unit_amount"], "data": rows});
    let answer = call(odoo, "load", body).await.unwrap();
    assert_eq!(ids(&answer), ids_before);
    let expected = [
        (ids_before[0], "1.25".to_owned(), "change1".to_owned()),
        (ids_before[1], "2.25".to_owned(), "change2".to_owned()),
    ];
    assert_eq!(read(odoo, &ids_before).await, expected);
}

async fn an_unknown_database_id_creates_nothing(odoo: &impl OdooSubject) {
    let gone = loaded(odoo, &[row(odoo, "gone", "1"), row(odoo, "stays", "2")]).await;
    odoo.delete(gone[0]).await;
    let rows = json!([[gone[1].to_string(), "5"], [gone[0].to_string(), "6"]]);
    let body = json!({"fields": [".id", "unit_amount"], "data": rows});
    let (bad, texts) = complaints(&call(odoo, "load", body).await.unwrap());
    assert_eq!(bad, [1]);
    let expected = format!("Unknown database identifier '{}'", gone[0]);
    assert!(texts.contains(&expected), "{texts}");
    let left = read(odoo, &gone).await;
    assert_eq!(left, [(gone[1], "2".to_owned(), "stays".to_owned())]);
}

async fn what_is_gone_is_left_out_of_a_read(odoo: &impl OdooSubject) {
    let ids = loaded(odoo, &[row(odoo, "read", "1")]).await;
    assert_eq!(read(odoo, &[ids[0], 999_999]).await.len(), 1);
    assert_eq!(read(odoo, &[999_999]).await, []);
}

async fn an_external_id_is_looked_up_or_unknown(odoo: &impl OdooSubject) {
    let look = async |module: &str, name: &str| {
        let body = json!({"module": module, "xml_id": name});
        let method = "check_object_reference";
        let answer: Result<Value, OdooError> = odoo
            .work()
            .call("ir.model.data", method, &plain(), body)
            .await;
        answer
    };
    let alice = look("hr_demo", "alice").await.unwrap();
    assert_eq!(alice, json!(["hr.employee", odoo.places().employee]));
    let ids = loaded(odoo, &[row(odoo, "look", "1")]).await;
    assert_eq!(look("tenon", "look").await.unwrap(), json!([LINES, ids[0]]));
    odoo.delete(ids[0]).await;
    let Err(OdooError::Refused { message }) = look("tenon", "look").await else {
        panic!("a deleted line has no external id");
    };
    assert!(message.starts_with("External ID not found"), "{message}");
}

async fn lines_are_found_by_the_entrys_number(odoo: &impl OdooSubject) {
    let ids = loaded(odoo, &[row(odoo, "find1", "1"), row(odoo, "find2", "2")]).await;
    let names = ["find2", "find1", "find3"];
    let domain = json!({
        "domain": [["ref", "in", names]], "fields": ["ref", "unit_amount", "so_line"], "load": null,
    });
    let lines = call(odoo, "search_read", domain).await.unwrap();
    let expected = [
        (ids[0], "1".to_owned(), "find1".to_owned()),
        (ids[1], "2".to_owned(), "find2".to_owned()),
    ];
    assert_eq!(found(&lines), expected);
    assert_eq!(
        lines[0]["so_line"],
        odoo.places().line,
        "a link is a bare id"
    );
    let known = call(odoo, "get_metadata", json!({"ids": [ids[0], 999_999]})).await;
    let known = known.unwrap();
    let known: Vec<_> = known.as_array().expect("a list").iter().collect();
    assert_eq!(known.len(), 1);
    assert_eq!(
        (&known[0]["id"], &known[0]["xmlid"]),
        (&json!(ids[0]), &json!("tenon.find1"))
    );
}

async fn a_write_to_a_line_that_is_gone_is_refused(odoo: &impl OdooSubject) {
    let ids = loaded(odoo, &[row(odoo, "write", "1")]).await;
    let write = |id: i64| json!({"ids": [id], "vals": {"unit_amount": 4}});
    assert_eq!(call(odoo, "write", write(ids[0])).await.unwrap(), true);
    assert_eq!(read(odoo, &ids).await[0].1, "4");
    odoo.delete(ids[0]).await;
    let refused = call(odoo, "write", write(ids[0])).await;
    assert!(
        matches!(refused, Err(OdooError::Refused { .. })),
        "{refused:?}"
    );
}

async fn nothing_is_loaded_by_no_rows(odoo: &impl OdooSubject) {
    assert_eq!(loaded(odoo, &[]).await, [0_i64; 0]);
}
