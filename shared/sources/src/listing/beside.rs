//! What the records of a page only name, asked for with the page.

use std::collections::{BTreeMap, BTreeSet};

use super::{Lister, Row, is_plain};
use crate::api::{ApiAnswer, ApiRequest};
use crate::facts::api::Listing;
use crate::json::{self, Unreadable, missing};

/// The records that those of a page name, by their ids. One that is not there is left out.
#[derive(Default)]
pub struct Named<'a>(BTreeMap<String, &'a str>);

impl<'a> Named<'a> {
    /// The one that a record names.
    pub(super) fn of(&self, list: &Listing, row: &Row<'_>) -> Option<&'a str> {
        let named_at = &list.beside.as_ref()?.named_at;
        let id = json::id_at(row.text, named_at)?;
        self.0.get(&id).copied()
    }
}

impl<'a> Lister<'a> {
    /// The request for what these records name; none where nothing has to be asked for.
    #[must_use]
    pub fn request_beside(&self, rows: &[&Row<'_>]) -> Option<ApiRequest> {
        let beside = self.list.beside.as_ref()?;
        let ids = rows
            .iter()
            .filter_map(|row| json::id_at(row.text, &beside.named_at));
        // What comes from an answer stands in a body: only a plain id may.
        let ids: BTreeSet<String> = ids.filter(|id| !id.is_empty() && is_plain(id)).collect();
        let ids: Vec<String> = ids.into_iter().collect();
        (!ids.is_empty()).then(|| ApiRequest {
            method: "POST",
            path_and_query: beside.path.clone(),
            body: Some(beside.body.replace("{ids}", &ids.join(","))),
        })
    }

    /// What was answered to [`Lister::request_beside`].
    ///
    /// # Errors
    /// When it does not have the shape that the description says.
    pub fn read_beside<'t>(&self, answer: &'t ApiAnswer) -> Result<Named<'t>, Unreadable> {
        let Some(beside) = &self.list.beside else {
            return Ok(Named::default());
        };
        let records = json::at(&answer.body, &beside.records);
        let records = records.ok_or_else(|| missing(&beside.records))?;
        let named = json::array(records)?.into_iter().filter_map(|one| {
            let id = json::id_at(one.get(), &beside.id)?;
            Some((id, one.get()))
        });
        Ok(Named(named.collect()))
    }
}
