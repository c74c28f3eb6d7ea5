//! A book tried on what was taken lately: what would have gone another way.

use std::collections::BTreeMap;

use domain::book::Book;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::versions::text_of;
use crate::commands::CommandError;
use crate::commands::deployment::Deployment;
use crate::commands::people::word;

/// How many facts are printed one by one; the JSON has all.
const PRINTED: usize = 50;

/// Tries a book and prints what it would have changed.
pub async fn run(
    book: &str,
    days: u32,
    against: Option<&str>,
    deployment: &Deployment,
) -> Result<(), CommandError> {
    let content = text_of(book, deployment).await?;
    Book::parse(&content)?;
    let mut found = Found::default();
    let mut place = Value::Null;
    loop {
        let body = json!({"content": content, "against": against, "days": days, "place": place});
        let answer = deployment.post("book/test", &body).await?;
        place = answer.get("next").cloned().unwrap_or_default();
        found.take(&answer);
        if place.is_null() {
            break;
        }
    }
    deployment.print(&found.json(days), |_| found.print(days))
}

/// What the answers said, a fact once however often it was sent.
#[derive(Default)]
struct Found {
    book: String,
    against: String,
    facts: u64,
    differences: BTreeMap<String, Value>,
}

impl Found {
    fn take(&mut self, answer: &Value) {
        self.book = word(answer, "book");
        self.against = word(answer, "against");
        self.facts += answer.get("facts").and_then(Value::as_u64).unwrap_or(0);
        let differences = answer.get("differences").and_then(Value::as_array);
        for difference in differences.into_iter().flatten() {
            let version = difference.get("version").and_then(Value::as_u64);
            let name = format!("{} {version:?}", word(difference, "reference"));
            self.differences.insert(name, difference.clone());
        }
    }

    /// By currency: what is billable by the book before, and by the one that is tried.
    fn money(&self) -> BTreeMap<String, (Decimal, Decimal)> {
        let mut money: BTreeMap<String, (Decimal, Decimal)> = BTreeMap::new();
        let billable = self
            .differences
            .values()
            .filter_map(|one| one.get("billable"));
        for one in billable {
            let sums = money.entry(word(one, "currency")).or_default();
            sums.0 += amount(one, "before");
            sums.1 += amount(one, "after");
        }
        money
    }

    fn json(&self, days: u32) -> Value {
        let money: Vec<Value> = self
            .money()
            .iter()
            .map(|(currency, (before, after))| {
                json!({"currency": currency, "before": before, "after": after})
            })
            .collect();
        let differences: Vec<&Value> = self.differences.values().collect();
        json!({
            "book": self.book, "against": self.against, "days": days, "facts": self.facts,
            "differences": differences, "billable": money,
        })
    }

    fn print(&self, days: u32) {
        println!(
            "book {} beside {}: {} facts of the last {days} days",
            self.book, self.against, self.facts
        );
        for difference in self.differences.values().take(PRINTED) {
            println!("{}", told(difference));
        }
        match self.differences.len() {
            0 => println!("nothing would have gone another way"),
            all if all > PRINTED => println!("and {} more (--json has all)", all - PRINTED),
            _ => {}
        }
        for (currency, (before, after)) in self.money() {
            let more = after - before;
            println!(
                "billable: {before:.2} {currency} before, {after:.2} {currency} after, {more:+.2}"
            );
        }
    }
}

/// One fact, with what differs.
fn told(difference: &Value) -> String {
    let reference = word(difference, "reference");
    let side = |name| difference.get(name).cloned().unwrap_or_default();
    let (before, after) = (outcome(&side("before")), outcome(&side("after")));
    let mut lines = vec![format!("  {reference}"), format!("    before  {before}")];
    lines.push(format!("    after   {after}"));
    if let Some(billable) = difference.get("billable") {
        let (before, after) = (amount(billable, "before"), amount(billable, "after"));
        let currency = word(billable, "currency");
        lines.push(format!("    billable {before:.2} → {after:.2} {currency}"));
    }
    lines.join("\n")
}

fn outcome(judged: &Value) -> String {
    let outcome = word(judged, "outcome");
    if let Some(because) = judged.get("because").and_then(Value::as_str) {
        return format!("{outcome}: {because}");
    }
    let writes = judged.get("writes").and_then(Value::as_array);
    let fields = writes
        .into_iter()
        .flatten()
        .filter_map(Value::as_array)
        .flatten();
    let fields: Vec<String> = fields
        .map(|field| format!("{} {}", word(field, "name"), word(field, "value")))
        .collect();
    match fields.is_empty() {
        true => outcome,
        false => format!("{outcome}: {}", fields.join(", ")),
    }
}

fn amount(value: &Value, name: &str) -> Decimal {
    let text = value.get(name).and_then(Value::as_str).unwrap_or("0");
    text.parse().unwrap_or_default()
}
