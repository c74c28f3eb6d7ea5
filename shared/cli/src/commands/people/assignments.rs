//! Assignments for people.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::page::{Page, STRONG, list, text, word};
use crate::commands::CommandError;
use crate::commands::deployment::Deployment;

/// Asks the console and prints its answer.
pub async fn ask(project: Option<String>, deployment: &Deployment) -> Result<(), CommandError> {
    let path = match &project {
        Some(project) => {
            let project = utf8_percent_encode(project, NON_ALPHANUMERIC);
            format!("assignments?project={project}")
        }
        None => "assignments".to_owned(),
    };
    let answer = deployment.get(&path).await?;
    deployment.print(&answer, |answer| page(answer).print())
}

fn page(answer: &Value) -> Page {
    let mut page = Page::default();
    let mut project = String::new();
    for assignment in list(answer, "assignments") {
        let of = word(assignment, "project");
        if of != project {
            page.styled("", "", &of, &[(&of, STRONG)]);
            project = of;
        }
        page.wrapped("  ", "    ", &line(assignment));
    }
    if project.is_empty() {
        page.line("nothing is assigned");
    }
    page
}

fn line(assignment: &Value) -> String {
    let role = text(assignment, "work_role").unwrap_or("no role");
    let service = match text(assignment, "service") {
        Some(service) => format!(" ({service})"),
        None => " (no service)".to_owned(),
    };
    let hours = match word(assignment, "hours").as_str() {
        "-" => String::new(),
        hours => format!(", {hours} h"),
    };
    let tentative = match assignment.get("tentative").and_then(Value::as_bool) {
        Some(true) => ", tentative",
        Some(false) | None => "",
    };
    format!(
        "{}: {role}{service}, {} to {}{hours}, {}{tentative}",
        word(assignment, "reference"),
        word(assignment, "from"),
        word(assignment, "to"),
        word(assignment, "who"),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn assignments_are_listed_by_project_without_a_name() {
        let answer = json!({"assignments": [{
            "reference": "psa__a__assignment__9", "project": "psa__a__project__77",
            "work_role": "Senior", "service": null, "from": "2026-12-01", "to": "2026-12-18",
            "hours": "40", "who": "somebody of the book", "tentative": true,
        }]});
        let expected = "psa__a__project__77\n  psa__a__assignment__9: Senior (no service), \
            2026-12-01 to 2026-12-18, 40 h,\n    somebody of the book, tentative\n";
        assert_eq!(page(&answer).plain(), expected);
        assert_eq!(page(&json!({})).plain(), "nothing is assigned\n");
    }
}
