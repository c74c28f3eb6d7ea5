//! Prints the messages that nobody could handle, and has them sent back.

use serde_json::{Value, json};

use super::page::{FAINT, Page, STRONG, age, list, number, text, word};
use crate::commands::CommandError;
use crate::commands::deployment::Deployment;

/// Prints every dead letter there is.
pub async fn list_all(deployment: &Deployment) -> Result<(), CommandError> {
    let answer = deployment.get("dead-letters").await?;
    deployment.print(&answer, |answer| page(answer).print())
}

/// Sends all dead letters of a queue back to it, a hundred at a time.
pub async fn redrive(queue: &str, deployment: &Deployment) -> Result<(), CommandError> {
    let mut sent = 0;
    loop {
        let answer = deployment
            .post("dead-letters", &json!({"queue": queue}))
            .await?;
        sent += number(&answer, "sent_back");
        if answer.get("more") != Some(&Value::Bool(true)) {
            break;
        }
    }
    let answer = json!({"queue": queue, "sent_back": sent});
    deployment.print(&answer, |answer| {
        println!(
            "{} sent back to {}",
            number(answer, "sent_back"),
            word(answer, "queue")
        );
    })
}

fn page(answer: &Value) -> Page {
    let mut page = Page::default();
    let letters = list(answer, "letters");
    if letters.is_empty() {
        page.line("no dead letters");
    }
    for queue in list(answer, "queues").iter().filter_map(Value::as_str) {
        let own = || {
            letters
                .iter()
                .filter(|letter| text(letter, "queue") == Some(queue))
        };
        let most = number(answer, "most_per_queue");
        let count = u64::try_from(own().count()).unwrap_or(most);
        if count == 0 {
            continue;
        }
        let or_more = if count == most { " or more" } else { "" };
        let said = format!("{queue}: {count}{or_more}");
        page.styled("", "  ", &said, &[(queue, STRONG)]);
        for letter in own() {
            one(&mut page, letter);
        }
        if queue != "stream" {
            page.line(&format!("  tenon dead-letters redrive {queue}"));
        }
    }
    page
}

/// One letter: which, how old, why, and what it is about.
fn one(page: &mut Page, letter: &Value) {
    let id = word(letter, "message_id");
    let said = format!(
        "{id}: {} old, received {} times",
        age(number(letter, "age_seconds")),
        number(letter, "receives")
    );
    page.styled("  ", "    ", &said, &[(&id, FAINT)]);
    page.wrapped("    ", "    ", &word(letter, "reason"));
    let about = letter.get("about").unwrap_or(&Value::Null);
    if let Some(what) = text(about, "what") {
        page.wrapped("    about ", "    ", what);
    }
    if let Some(correlation) = text(about, "correlation") {
        page.line(&format!("    tenon trace {correlation}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_says_why_and_its_queue_how_to_go_on() {
        let letter = |queue: &str, id: &str, reason: &str, about: Value| {
            json!({"queue": queue, "message_id": id, "age_seconds": 7300, "receives": 9,
                "reason": reason, "about": about})
        };
        let answer = json!({
            "queues": ["deliveries", "stream", "work"],
            "most_per_queue": 100,
            "letters": [
                letter("deliveries", "m-1", "it can be read", json!({"correlation": "d-1", "what": "hubspot 7"})),
                letter("work", "m-2", "the message cannot be read: line 1 column 1", json!({})),
            ],
        });
        let printed = "\
deliveries: 1
  m-1: 2 h old, received 9 times
    it can be read
    about hubspot 7
    tenon trace d-1
  tenon dead-letters redrive deliveries
work: 1
  m-2: 2 h old, received 9 times
    the message cannot be read: line 1 column 1
  tenon dead-letters redrive work
";
        assert_eq!(page(&answer).plain(), printed);
        assert_eq!(page(&json!({})).plain(), "no dead letters\n");
    }
}
