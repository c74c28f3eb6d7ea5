//! What was posted and has changed: by its source, by a person, or by both.

use domain::policy::{FieldPolicy, TimePolicies};
use domain::record::Posted;
use odoo::time::{TimeChange, TimeRow};
use odoo::{OdooError, invoice, time};
use serde_json::{Value, json};

use crate::support::{Deal, World, company, memory, number, raw, record, reference};

const MODEL: &str = "account.analytic.line";
const FIELDS: [&str; 6] = ["unit_amount", "amount", "name", "so_line", "date", "ref"];

/// An entry in Odoo, and what happens to it.
struct Case {
    world: World,
    deal: Deal,
    before: TimeRow,
    posted: Posted,
}

impl Case {
    async fn new(id: &str, worked: &str, billable: &str) -> Self {
        let world = World::new();
        let deal = Deal::new(id);
        let (_, _, project) = deal.stand_up(&world).await;
        let before = deal.entry(project, id, worked, billable);
        let posted = world.log(std::slice::from_ref(&before)).await.pop();
        let posted = posted.unwrap().unwrap();
        Self {
            world,
            deal,
            before,
            posted,
        }
    }

    /// The source changes the entry.
    async fn change(
        &self,
        policies: TimePolicies,
        edit: impl FnOnce(&mut TimeRow),
    ) -> Result<Posted, OdooError> {
        let mut after = self.before.clone();
        edit(&mut after);
        let change = TimeChange {
            before: vec![self.before.clone()],
            after,
            posted: self.posted.clone(),
            policies,
        };
        let memory = memory();
        let mut changed = time::change(&self.world.work, &memory, &company(), &[change]).await;
        changed.pop().unwrap()
    }

    /// A person changes a line.
    async fn edit(&self, id: i64, values: Value) {
        let edit = json!({"ids": [id], "vals": values});
        raw(&self.world.admin, MODEL, "write", edit).await.unwrap();
    }

    async fn line(&self, id: i64) -> Value {
        record(&self.world.admin, MODEL, id, &FIELDS).await
    }

    async fn count(&self) -> Value {
        let domain = json!({"domain": [["project_id", "=", self.before.project_id]]});
        let count = raw(&self.world.admin, MODEL, "search_count", domain);
        count.await.unwrap()
    }
}

fn hours(policy: FieldPolicy) -> TimePolicies {
    TimePolicies {
        hours: policy,
        ..TimePolicies::default()
    }
}

#[tokio::test]
async fn only_what_the_source_changed_is_written() {
    let case = Case::new("only", "8", "8").await;
    let id = case.posted.id;
    // What finance corrected by hand stays, because the hours stay.
    case.edit(id, json!({"amount": -1.5})).await;
    let text = |row: &mut TimeRow| row.time.narration.0 = "Review".to_owned();
    let changed = case.change(TimePolicies::default(), text).await;
    assert_eq!(changed.unwrap(), case.posted);
    let line = case.line(id).await;
    assert_eq!(
        (&line["name"], &line["amount"]),
        (&json!("Review"), &json!(-1.5))
    );
    assert_eq!(line["unit_amount"], 8.0);
    // A second time there is nothing to write.
    assert_eq!(
        case.change(TimePolicies::default(), text).await.unwrap(),
        case.posted
    );
    assert_eq!(case.count().await, 1);
}

#[tokio::test]
async fn hours_that_move_between_the_parts_leave_an_empty_line_and_come_back() {
    let mut case = Case::new("parts", "8", "8").await;
    let billable = case.posted.id;
    let goodwill = |row: &mut TimeRow| row.time.billable = number("0");
    let changed = case
        .change(TimePolicies::default(), goodwill)
        .await
        .unwrap();
    assert_eq!((changed.id, changed.others.len()), (billable, 1));
    let unbilled = changed.others[0];
    assert_eq!(case.line(billable).await["unit_amount"], 0.0);
    let line = case.line(unbilled).await;
    assert_eq!(
        (&line["unit_amount"], &line["so_line"]),
        (&json!(8.0), &json!(false))
    );
    assert_eq!(line["ref"], "parts");

    goodwill(&mut case.before);
    case.posted = changed.clone();
    let back = |row: &mut TimeRow| {
        row.time.billable = number("7");
        row.time.date = jiff::civil::date(2026, 10, 7);
    };
    assert_eq!(
        case.change(TimePolicies::default(), back).await.unwrap(),
        changed
    );
    let line = case.line(billable).await;
    assert_eq!(
        (&line["unit_amount"], &line["date"]),
        (&json!(7.0), &json!("2026-10-07"))
    );
    assert_eq!(case.line(unbilled).await["unit_amount"], 1.0);
    assert_eq!(case.count().await, 2);
}

#[tokio::test]
async fn a_persons_edit_is_asked_about_replaced_or_kept_as_the_book_says() {
    let case = Case::new("edit", "8", "8").await;
    let id = case.posted.id;
    case.edit(id, json!({"unit_amount": 3})).await;
    let six = |row: &mut TimeRow| {
        row.time.worked = number("6");
        row.time.billable = number("6");
        row.time.narration.0 = "Review".to_owned();
    };
    let asked = case
        .change(hours(FieldPolicy::Manual), six)
        .await
        .unwrap_err();
    let OdooError::Differs { differences } = &asked else {
        panic!("{asked}");
    };
    let expected = "billable time: hours was changed in Odoo from 8 to 3, and the source says 6";
    assert_eq!(differences, &[expected]);
    let line = case.line(id).await;
    assert_eq!(
        (&line["unit_amount"], &line["name"]),
        (&json!(3.0), &json!("Workshop"))
    );

    case.change(hours(FieldPolicy::FirstValue), six)
        .await
        .unwrap();
    let line = case.line(id).await;
    assert_eq!(
        (&line["unit_amount"], &line["name"]),
        (&json!(3.0), &json!("Review"))
    );

    case.change(hours(FieldPolicy::OwnerWins), six)
        .await
        .unwrap();
    assert_eq!(case.line(id).await["unit_amount"], 6.0);
}

#[tokio::test]
async fn a_deleted_line_is_not_made_again() {
    let case = Case::new("deleted", "8", "6").await;
    let unlink = json!({"ids": [case.posted.others[0]]});
    raw(&case.world.admin, MODEL, "unlink", unlink)
        .await
        .unwrap();
    let changed = case.change(TimePolicies::default(), |row| row.time.worked = number("9"));
    let deleted = changed.await.unwrap_err();
    assert!(matches!(deleted, OdooError::Differs { .. }), "{deleted}");
    assert!(
        deleted.to_string().contains("was deleted in Odoo"),
        "{deleted}"
    );
    assert_eq!(case.count().await, 1);
    assert_eq!(case.line(case.posted.id).await["unit_amount"], 6.0);
}

#[tokio::test]
async fn a_line_on_an_invoice_is_refused_and_the_others_are_changed() {
    let case = Case::new("billed", "8", "8").await;
    let Case { world, deal, .. } = &case;
    let free = deal.entry(case.before.project_id, "free", "1", "1");
    let posted = world.log(std::slice::from_ref(&free)).await.pop();
    let (_, order, _) = deal.stand_up(world).await;
    let bill = reference("invoice", "billed/1");
    let draft = deal.invoice("8", "6296.00");
    let entries = [case.posted.id];
    let made = invoice::draft(&world.billing, &bill, &draft, order, &entries).await;
    let made = made.unwrap().id;
    invoice::link(&world.billing, &company(), made, &entries)
        .await
        .unwrap();

    let change = |before: &TimeRow, posted: &Posted| {
        let mut after = before.clone();
        after.time.worked = number("2");
        after.time.billable = number("2");
        TimeChange {
            before: vec![before.clone()],
            after,
            posted: posted.clone(),
            policies: TimePolicies::default(),
        }
    };
    let changes = [
        change(&case.before, &case.posted),
        change(&free, &posted.unwrap().unwrap()),
    ];
    let changed = time::change(&world.work, &memory(), &company(), &changes).await;
    let refused = changed[0].as_ref().unwrap_err();
    assert!(
        refused.to_string().contains("already invoiced"),
        "{refused}"
    );
    let free = changed[1].as_ref().unwrap();
    assert_eq!(case.line(free.id).await["unit_amount"], 2.0);
    assert_eq!(case.line(case.posted.id).await["unit_amount"], 8.0);
}

/// What Odoo itself does with a load by database id, on which all changes rest.
#[tokio::test]
async fn a_load_by_database_id_changes_the_given_columns_and_creates_nothing() {
    let case = Case::new("by id", "8", "8").await;
    let id = case.posted.id;
    let load = async |id: i64, hours: &str, once: bool| {
        let mut context = odoo::Context::of(&company()).with("mode", json!("update"));
        if once {
            context = context.with("noupdate", json!(true));
        }
        let arguments =
            json!({"fields": [".id", "unit_amount"], "data": [[id.to_string(), hours]]});
        let answer = case
            .world
            .work
            .call(MODEL, "load", &context, arguments)
            .await;
        let answer: Value = answer.unwrap();
        answer
    };
    for (hours, once) in [("5", false), ("4", true)] {
        assert_eq!(load(id, hours, once).await["ids"], json!([id]));
        let line = case.line(id).await;
        assert_eq!(line["unit_amount"].to_string(), format!("{hours}.0"));
        assert_eq!(
            (&line["name"], &line["ref"]),
            (&json!("Workshop"), &json!("by id"))
        );
    }
    for once in [false, true] {
        let unknown = load(id + 1_000_000, "1", once).await;
        assert_eq!(unknown["ids"], false);
        let message = unknown["messages"][0]["message"].as_str().unwrap();
        assert!(
            message.starts_with("Unknown database identifier"),
            "{unknown}"
        );
    }
    assert_eq!(case.count().await, 1);
}
