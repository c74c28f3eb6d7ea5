//! Pipedrive: webhooks of version 2 as hints, and the API's answers that complete a deal.
//!
//! Nothing of a webhook is signed, so a deal is always fetched before it is judged.
//! <https://pipedrive.readme.io/docs/guide-for-webhooks-v2>

mod deal;
pub(crate) mod deal_fetch;

use domain::book::Book;
use domain::event::{Event, PsaProject, Standing};
use domain::{Reference, Version};

use crate::json::{self, Object, Unreadable, missing, wrong};
use crate::reading::{Message, OneReading, Reading, each, fetch, removed};

/// Reads a webhook, a page of the list of deals, or the answers that were asked for about one deal.
pub(crate) fn read(
    book: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    json::strict(text)?;
    let top = Object::parse(text)?;
    match message.is_pulled() {
        true if top.raw("data").is_some() => listed(message.account, &top),
        true => Ok(vec![Reading::Event(deal::whole(
            book,
            message.account,
            &top,
        )?)]),
        false => Ok(vec![webhook(book, message.account, &top)?]),
    }
}

/// A page of the list of deals. It has their heads only: each is a hint.
fn listed(account: &str, top: &Object<'_>) -> Result<Vec<Reading>, Unreadable> {
    Ok(each(top.elements("data")?, |deal| {
        Ok(fetch(Reference::new(
            "pipedrive",
            account,
            "deal",
            deal.id("id")?,
        )))
    }))
}

fn webhook(book: &Book, account: &str, top: &Object<'_>) -> OneReading {
    let meta = top.object("meta")?;
    // Bodies of version 1 use other words for everything; half-reading one would be worse.
    if meta.optional_text("version")?.as_deref() != Some("2.0") {
        return Err(wrong("meta.version", "2.0: register the webhook with it"));
    }
    if meta.id("company_id")? != account {
        return Ok(Reading::NotForUs("an event of another account"));
    }
    let entity = meta.text("entity")?;
    let is_gone = meta.text("action")? == "delete";
    let changed_at = || Ok::<_, Unreadable>(Version::at(meta.instant("timestamp")?));
    let named = |entity, id| Reference::new("pipedrive", account, entity, id);
    match (entity.as_str(), is_gone) {
        ("deal", false) => Ok(fetch(named("deal", meta.id("entity_id")?))),
        ("deal", true) => Ok(removed(named("deal", meta.id("entity_id")?), changed_at()?)),
        // A line or an instalment is a part of its deal, which is what is judged.
        ("deal_product" | "deal_installment", _) => {
            let within = |field| match top.optional_object(field)? {
                Some(object) => object.optional_id("deal_id"),
                None => Ok(None),
            };
            let deal = within("data")?.or(within("previous")?);
            let deal = deal.ok_or_else(|| missing("data.deal_id"))?;
            Ok(fetch(named("deal", deal)))
        }
        ("project", true) => Ok(removed(
            named("project", meta.id("entity_id")?),
            changed_at()?,
        )),
        ("project", false) => project(book, &named("project", meta.id("entity_id")?), top),
        _ => Ok(Reading::NotForUs("a kind of record that is not read")),
    }
}

fn project(book: &Book, reference: &Reference, top: &Object<'_>) -> OneReading {
    let data = top.object("data")?;
    let mut deals = data.elements("deal_ids")?.into_iter();
    let deals_are_ours = book.crm("pipedrive", reference.account()).is_some();
    // A project of several deals is linked by a person.
    let deal_id = match (deals.next(), deals.next()) {
        (Some(deal), None) if deals_are_ours => Some(deal.to_owned()),
        _ => None,
    };
    let version = Version::at(data.instant("update_time")?);
    Ok(Reading::Event(Event::Project(Box::new(PsaProject {
        reference: reference.clone(),
        version,
        name: data.text("title")?,
        deal_id,
        customer: None,
        standing: Standing {
            status: data.optional_text("status")?,
            ..Standing::default()
        },
    }))))
}
