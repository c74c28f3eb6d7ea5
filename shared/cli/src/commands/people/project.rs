//! A contract's project for people: where it stands, and what of it is not billed yet.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::page::{Page, STRONG, list, text, word};
use crate::commands::CommandError;
use crate::commands::deployment::Deployment;

/// Asks the console and prints its answer.
pub async fn ask(asked: &str, deployment: &Deployment) -> Result<(), CommandError> {
    let asked = utf8_percent_encode(asked, NON_ALPHANUMERIC);
    let answer = deployment.get(&format!("project?id={asked}")).await?;
    deployment.print(&answer, |answer| page(answer).print())
}

fn page(answer: &Value) -> Page {
    let mut page = Page::default();
    let odoo = answer.get("odoo").unwrap_or(&Value::Null);
    let name = text(odoo, "name").unwrap_or("no project in Odoo yet");
    let heading = format!(
        "{name}, order {} of {}",
        word(answer, "order"),
        word(answer, "deal")
    );
    page.styled("", "  ", &heading, &[(name, STRONG)]);
    for project in list(answer, "projects") {
        let last_day = text(project, "last_day");
        let last_day = last_day.map(|day| format!(", last day of work {day}"));
        let code = text(project, "code").map(|code| format!(", code {code}"));
        let (reference, state) = (word(project, "reference"), word(project, "state"));
        let line = format!(
            "{reference}: {state}{}{}",
            last_day.unwrap_or_default(),
            code.unwrap_or_default()
        );
        page.wrapped("  ", "    ", &line);
    }
    let sum = answer.get("unbilled_sum").unwrap_or(&Value::Null);
    let sum = format!(
        "not billed yet: {} {}",
        word(sum, "amount"),
        word(sum, "currency")
    );
    page.line(&sum);
    for unit in list(answer, "unbilled") {
        let line = format!(
            "{}: {}, {} {}, {}",
            word(unit, "reference"),
            word(unit, "day"),
            word(unit, "hours"),
            if word(unit, "kind") == "time" {
                "h"
            } else {
                "to bill"
            },
            word(unit, "amount"),
        );
        page.wrapped("  ", "    ", &line);
    }
    not_in_odoo(answer, &mut page);
    page
}

/// What waits or is held.
fn not_in_odoo(answer: &Value, page: &mut Page) {
    for (key, heading) in [("waiting", "not in Odoo yet"), ("held", "held")] {
        let entries = list(answer, key);
        if entries.is_empty() {
            continue;
        }
        page.line(&format!("{heading}:"));
        for entry in entries {
            let reason = text(entry, "reason").map(|reason| format!(", {reason}"));
            let line = format!(
                "{}: {}, {} h{}",
                word(entry, "reference"),
                word(entry, "day"),
                word(entry, "hours"),
                reason.unwrap_or_default()
            );
            page.wrapped("  ", "    ", &line);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_closed_project_shows_what_of_it_is_not_billed() {
        let answer = json!({
            "deal": "crm__a__deal__9", "order": "S00012",
            "odoo": {"id": 4, "name": "Data platform"},
            "projects": [{"reference": "psa__a__project__77", "state": "closed",
                "last_day": "2026-11-16", "code": "P-77"}],
            "unbilled": [{"reference": "psa__a__entry__1", "kind": "time", "day": "2026-11-13",
                "hours": "8", "amount": "1152.00"}],
            "unbilled_sum": {"amount": "1152.00", "currency": "USD"},
            "waiting": [],
            "held": [{"reference": "psa__a__entry__3", "day": "2026-11-17", "hours": "8",
                "reason": "too late"}],
        });
        let expected = "Data platform, order S00012 of crm__a__deal__9\n  \
            psa__a__project__77: closed, last day of work 2026-11-16, code P-77\n\
            not billed yet: 1152.00 USD\n  psa__a__entry__1: 2026-11-13, 8 h, 1152.00\n\
            held:\n  psa__a__entry__3: 2026-11-17, 8 h, too late\n";
        assert_eq!(page(&answer).plain(), expected);
    }
}
