//! Everything once more, and backwards: nothing in Odoo may change.

use super::{Firm, StoryError, must};
use crate::progress::Progress;

/// Every webhook is sent a second time, in order and then in reverse order.
pub async fn everything_again(firm: &mut Firm, progress: &Progress) -> Result<(), StoryError> {
    progress.tell(&format!(
        "\n9  Every one of the {} webhooks comes a second time, and once more in reverse order",
        firm.sent.len()
    ));
    // What our own writing in HubSpot makes it tell us belongs to what comes again.
    for echo in firm.hubspot.take_echoes() {
        must("echo", firm.hubspot_sends(echo).await?, 200)?;
    }
    firm.rest().await?;
    let before = firm.eyes()?.fingerprint().await?;
    for sent in firm.sent.iter().chain(firm.sent.iter().rev()) {
        must("webhook", firm.send(sent).await?, 200)?;
    }
    firm.rest().await?;
    let after = firm.eyes()?.fingerprint().await?;
    for ((model, before), (_, after)) in before.iter().zip(&after) {
        must(
            "records of Odoo after everything came again",
            (model, after),
            (model, before),
        )?;
    }
    let records: usize = after
        .iter()
        .map(|(_, found)| found.as_array().map_or(0, Vec::len))
        .sum();
    progress.tell(&format!(
        "   nothing changed: {records} records of {} models have the same write dates as before",
        after.len()
    ));
    Ok(())
}
