//! Change Data Capture: what changed, as Salesforce's event relay puts it on a bus of EventBridge,
//! or the event alone.
//!
//! <https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_event_fields_header.htm>

use domain::{Reference, Version};
use jiff::Timestamp;

use crate::json::{Object, Unreadable, wrong};
use crate::reading::{Message, Reading, fetch, removed};

pub(super) fn read(message: &Message<'_>, top: &Object<'_>) -> Result<Vec<Reading>, Unreadable> {
    match top.optional_object("detail")? {
        Some(detail) => event(message, &detail.object("payload")?),
        None => event(message, top),
    }
}

/// One event may be about several records that changed alike.
fn event(message: &Message<'_>, event: &Object<'_>) -> Result<Vec<Reading>, Unreadable> {
    let header = event.object("ChangeEventHeader")?;
    let change = header.text("changeType")?;
    if change == "GAP_OVERFLOW" {
        let what = "Salesforce changed too much at once to say what";
        return Ok(vec![Reading::Missed(what)]);
    }
    let entity = header.text("entityName")?;
    // A line is judged with its opportunity, when the event says which one that is.
    if entity == "OpportunityLineItem"
        && let Some(id) = event.optional_id("OpportunityId")?
    {
        return Ok(vec![fetch(named(message, id))]);
    }
    if entity != "Opportunity" {
        return Ok(vec![Reading::NotForUs("not about an opportunity")]);
    }
    let is_gone = match change.as_str() {
        "DELETE" | "GAP_DELETE" => true,
        "CREATE" | "UPDATE" | "UNDELETE" | "GAP_CREATE" | "GAP_UPDATE" | "GAP_UNDELETE" => false,
        _ => return Ok(vec![Reading::NotForUs("a change that is not read")]),
    };
    let at = committed_at(&header)?;
    let mut readings = Vec::new();
    for id in header.elements("recordIds")? {
        let id = serde_json::from_str(id).map_err(|_| wrong("recordIds", "texts"))?;
        let reference = named(message, id);
        readings.push(match is_gone {
            true => removed(reference, at),
            false => fetch(reference),
        });
    }
    Ok(readings)
}

fn named(message: &Message<'_>, id: String) -> Reference {
    Reference::new("salesforce", message.account, "deal", id)
}

fn committed_at(header: &Object<'_>) -> Result<Version, Unreadable> {
    let milliseconds: Option<i64> = header.id("commitTimestamp")?.parse().ok();
    let instant = milliseconds.and_then(|at| Timestamp::from_millisecond(at).ok());
    instant
        .map(Version::at)
        .ok_or_else(|| wrong("commitTimestamp", "milliseconds since 1970"))
}
