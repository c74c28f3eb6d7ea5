//! Jira with Tempo: Jira's worklog webhooks as hints, Tempo's worklogs with their approvals as facts.
//!
//! Jira approves nothing, and Tempo pushes nothing.
//! Webhooks: <https://developer.atlassian.com/cloud/jira/platform/webhooks/>

mod tempo;

use domain::Reference;
use domain::book::Book;

use crate::json::{self, Object, Unreadable};
use crate::reading::{Message, Reading, fetch};

/// Reads a webhook of Jira, or what was asked of Tempo.
pub(crate) fn read(
    _: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    let top = Object::parse(text)?;
    if top.raw("worklogs").is_some() {
        return tempo::read(message.account, &top);
    }
    json::strict(text)?;
    let kind = top.text("webhookEvent")?;
    if !kind.starts_with("worklog_") {
        return Ok(vec![Reading::NotForUs("a kind of record that is not read")]);
    }
    // A deleted one too: Tempo knows it under another id.
    let id = top.object("worklog")?.id("id")?;
    let worklog = Reference::new("jira", message.account, "worklog", id);
    Ok(vec![fetch(worklog)])
}
