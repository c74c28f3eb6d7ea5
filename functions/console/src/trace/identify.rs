//! From an id that a person has in hand to the facts it may mean.
//!
//! Every guess is a strongly consistent read of a key, and there are only as many as the book has
//! systems and kinds of records; nothing is scanned.

use std::collections::BTreeSet;

use domain::Reference;
use domain::book::Book;

use crate::Console;
use crate::error::ConsoleError;

/// The kinds of records that a CRM's id can name by itself.
const OF_CRM: [&str; 3] = ["deal", "company", "invoice"];

/// The kinds of records that a PSA's id can name by itself.
const OF_PSA: [&str; 2] = ["project", "time_entry"];

/// What an id means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identified {
    /// This fact, known or not.
    One(Reference),
    /// These facts: the id is ambiguous.
    Several(Vec<Reference>),
    /// A delivery, billing run or decision that brought these.
    Brought(Vec<Reference>),
    /// Nothing that we know.
    Nothing,
}

impl Console {
    /// What an id means: a reference of ours; `odoo#MODEL#ID`; `ENTITY:ID`, `SYSTEM:ENTITY:ID` or
    /// `SYSTEM:ACCOUNT:ENTITY:ID`, also with spaces; a source's bare id; a name in Odoo; a delivery.
    pub(crate) async fn identify(
        &self,
        text: &str,
        book: &Book,
    ) -> Result<Identified, ConsoleError> {
        if let Ok(reference) = text.parse() {
            return Ok(Identified::One(reference));
        }
        if text.starts_with("odoo#") {
            return Ok(several(self.known_as(text).await?));
        }
        let mut found = BTreeSet::new();
        for candidate in candidates(text, book) {
            if self.exists(&candidate).await? {
                found.insert(candidate);
            }
        }
        found.extend(self.known_as(&aws::keys::odoo_name(text)).await?);
        if !found.is_empty() {
            return Ok(several(found));
        }
        let brought = self.ledger.brought_by(text).await?;
        if !brought.is_empty() {
            let references: BTreeSet<Reference> =
                brought.into_iter().map(|record| record.reference).collect();
            return Ok(Identified::Brought(references.into_iter().collect()));
        }
        // Said with the name of the thing, where the id says which thing it would be.
        match <[Reference; 1]>::try_from(candidates(text, book)) {
            Ok([only]) => Ok(Identified::One(only)),
            Err(_) => Ok(Identified::Nothing),
        }
    }

    async fn exists(&self, reference: &Reference) -> Result<bool, ConsoleError> {
        Ok(!self.ledger.versions(reference).await?.is_empty()
            || !self.exceptions.of(reference).await?.is_empty())
    }

    /// The facts that the crosswalk knows an identifier of Odoo for.
    async fn known_as(&self, identifier: &str) -> Result<BTreeSet<Reference>, ConsoleError> {
        let links = self.crosswalk.of(identifier).await?;
        Ok(links
            .iter()
            .filter_map(|link| link.to.parse().ok())
            .collect())
    }
}

fn several(found: BTreeSet<Reference>) -> Identified {
    let mut found: Vec<Reference> = found.into_iter().collect();
    match found.len() {
        0 => Identified::Nothing,
        1 => found.pop().map_or(Identified::Nothing, Identified::One),
        _ => Identified::Several(found),
    }
}

/// Every fact that an id may name.
fn candidates(text: &str, book: &Book) -> Vec<Reference> {
    let parts: Vec<&str> = match text.contains(':') {
        true => text.split(':').map(str::trim).collect(),
        false => text.split_whitespace().collect(),
    };
    let (system, account, entity, id) = match parts.as_slice() {
        [id] => (None, None, None, *id),
        [entity, id] => (None, None, Some(*entity), *id),
        [system, entity, id] => (Some(*system), None, Some(*entity), *id),
        [system, account, entity, id] => (Some(*system), Some(*account), Some(*entity), *id),
        _ => return Vec::new(),
    };
    let entity = entity.map(|entity| entity.replace(['-', ' '], "_").to_lowercase());
    let crms = book.crm.iter();
    let crms = crms.map(|crm| (&crm.source, &crm.account, OF_CRM.as_slice()));
    let psas = book.psa.iter();
    let psas = psas.map(|psa| (&psa.source, &psa.account, OF_PSA.as_slice()));
    let mut candidates = Vec::new();
    for (source, its_account, entities) in crms.chain(psas) {
        let is_meant = system.is_none_or(|system| system == source)
            && account.is_none_or(|account| account == its_account);
        if !is_meant {
            continue;
        }
        let name = |entity: &str| Reference::new(source, its_account, entity, id);
        match &entity {
            // Whoever names the system may also name what has no id of its own, such as a deal's
            // signature.
            Some(entity) if system.is_some() || entities.contains(&entity.as_str()) => {
                candidates.push(name(entity));
            }
            Some(_) => {}
            None => {
                candidates.extend(entities.iter().map(|entity| name(entity)));
                // A delivery has a record of its own only when it could not be taken.
                candidates.push(name("delivery"));
            }
        }
    }
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let book = Book::parse(domain::book::DEMO).unwrap();
        let all = candidates(text, &book);
        all.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_bare_id_is_tried_as_everything_that_the_book_reads() {
        assert_eq!(
            names("501"),
            [
                "hubspot__48807704__deal__501",
                "hubspot__48807704__company__501",
                "hubspot__48807704__invoice__501",
                "hubspot__48807704__delivery__501",
                "connectwise___43obalt__project__501",
                "connectwise___43obalt__time_5fentry__501",
                "connectwise___43obalt__delivery__501",
            ]
        );
    }

    #[test]
    fn a_named_kind_is_one_fact() {
        let entry = ["connectwise___43obalt__time_5fentry__501"];
        assert_eq!(names("time_entry:501"), entry);
        assert_eq!(names("time entry:501"), entry);
        assert_eq!(names("connectwise:time-entry:501"), entry);
        assert_eq!(names("connectwise time_entry 501"), entry);
        assert_eq!(names("connectwise:Cobalt:time_entry:501"), entry);
        assert_eq!(
            names("hubspot:signature:9"),
            ["hubspot__48807704__signature__9"]
        );
        assert_eq!(names("invoice:9/1"), ["hubspot__48807704__invoice__9_2f1"]);
        assert_eq!(names("project:77"), ["connectwise___43obalt__project__77"]);
        for nobody in ["xero:deal:1", "connectwise:Other:project:1", "a:b:c:d:e"] {
            assert_eq!(names(nobody), [""; 0], "{nobody}");
        }
    }
}
