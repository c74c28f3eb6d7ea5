//! Partners in Odoo that may be the customer, and what their likeness means.

use std::collections::BTreeSet;

use super::Objection;
use crate::ExceptionClass;
use crate::customer::{core, mailbox, tax_number, words};

/// A customer that is to be found in Odoo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought<'a> {
    /// Its id in the CRM.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Tax identification number, however it is written.
    pub vat: Option<&'a str>,
    /// ISO 3166-1 alpha-2 code.
    pub country: Option<&'a str>,
    /// Its postcode.
    pub postcode: Option<&'a str>,
    /// Its domains, without those where anybody has a mailbox.
    pub domains: &'a BTreeSet<String>,
    /// The billing contact's address.
    pub email: Option<&'a str>,
}

/// A partner in Odoo, with what its contacts add.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Candidate {
    /// `res.partner` id of the company itself, never of a contact.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Tax identification number, as people wrote it.
    pub vat: Option<String>,
    /// ISO 3166-1 alpha-2 code.
    pub country: Option<String>,
    /// Its postcode.
    pub postcode: Option<String>,
    /// Its reference, where nothing of ours is linked to it: else that is another customer's id.
    pub reference: Option<String>,
    /// Domains of web and mail, of the company and of its contacts.
    pub domains: BTreeSet<String>,
    /// Mailboxes of the company and of its contacts, in lower case.
    pub emails: BTreeSet<String>,
    /// Whether it is in use.
    pub active: bool,
}

/// What the comparison says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nobody is like it: it is made.
    Nobody,
    /// This partner is it.
    Certain {
        /// `res.partner` id.
        id: i64,
        /// By what, in plain words.
        because: &'static str,
    },
    /// A person must say whether it is one of these.
    Perhaps(Vec<Suspect>),
}

/// A partner that may be the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// `res.partner` id.
    pub id: i64,
    /// What is alike and what is not, without anybody's name or address.
    pub likeness: String,
}

/// What is alike between a customer and a partner.
struct Likeness {
    reference: bool,
    vat: bool,
    other_vat: bool,
    name: bool,
    country: bool,
    other_country: bool,
    other_postcode: bool,
    domain: bool,
    email: bool,
    archived: bool,
}

/// Compares a customer with the partners that a search brought. One that is certain is taken, if it
/// is the only one; every other likeness is for people.
pub fn judge_candidates(sought: &Sought<'_>, candidates: &[Candidate]) -> Found {
    let compared: Vec<(i64, Likeness)> = candidates
        .iter()
        .map(|candidate| (candidate.id, Likeness::of(sought, candidate)))
        .collect();
    let certain = compared.iter();
    let certain = certain.filter_map(|(id, likeness)| Some((*id, likeness.certain()?)));
    if let [(id, because)] = certain.collect::<Vec<_>>().as_slice() {
        let (id, because) = (*id, *because);
        return Found::Certain { id, because };
    }
    let suspects: Vec<Suspect> = compared
        .iter()
        .filter(|(_, likeness)| likeness.is_suspect())
        .map(|(id, likeness)| Suspect {
            id: *id,
            likeness: likeness.words(),
        })
        .collect();
    match suspects.is_empty() {
        true => Found::Nobody,
        false => Found::Perhaps(suspects),
    }
}

impl Likeness {
    fn of(sought: &Sought<'_>, candidate: &Candidate) -> Self {
        let country = candidate.country.as_deref();
        let both = |left: Option<&str>, right: Option<&str>| match (left, right) {
            (Some(left), Some(right)) => Some(plain(left) == plain(right)),
            _ => None,
        };
        let same_vat = same_vat(
            sought.vat,
            sought.country,
            candidate.vat.as_deref(),
            country,
        );
        let same_country = both(sought.country, country);
        let name = words(sought.name);
        let email = sought.email.map(mailbox).filter(|email| !email.is_empty());
        Self {
            reference: candidate.reference.as_deref() == Some(sought.id),
            vat: same_vat == Some(true),
            other_vat: same_vat == Some(false),
            name: !name.is_empty() && name == words(&candidate.name),
            country: same_country == Some(true),
            other_country: same_country == Some(false),
            other_postcode: both(sought.postcode, candidate.postcode.as_deref()) == Some(false),
            domain: !sought.domains.is_disjoint(&candidate.domains),
            email: email.is_some_and(|email| candidate.emails.contains(&email)),
            archived: !candidate.active,
        }
    }

    /// By what it is certain, if it is.
    const fn certain(&self) -> Option<&'static str> {
        if self.archived || self.other_vat || self.other_country || self.other_postcode {
            return None;
        }
        if self.vat && self.country && self.name {
            return Some("same tax number, country and name");
        }
        if self.reference && (self.vat || self.name) {
            return Some("the CRM's id is its reference");
        }
        None
    }

    /// Two different tax numbers are two companies, whatever else they share.
    const fn is_suspect(&self) -> bool {
        let is_like = self.name || self.domain || self.email;
        self.vat || self.reference || (is_like && !self.other_vat)
    }

    fn words(&self) -> String {
        let all = [
            (self.reference, "the CRM's id is its reference"),
            (self.vat, "same tax number"),
            (self.name, "same name"),
            (self.domain, "same domain"),
            (self.email, "same e-mail address of the billing contact"),
            (!self.name, "another name"),
            (self.other_vat, "another tax number"),
            (self.other_country, "another country"),
            (self.other_postcode, "another postcode"),
            (self.archived, "archived"),
        ];
        let said = all.iter().filter(|(holds, _)| *holds);
        said.map(|(_, words)| *words).collect::<Vec<_>>().join(", ")
    }
}

/// Whether two tax numbers are the same; none when one of them is not known. A number without its
/// country's prefix is the same as with it.
fn same_vat(
    left: Option<&str>,
    left_country: Option<&str>,
    right: Option<&str>,
    right_country: Option<&str>,
) -> Option<bool> {
    let (left, right) = (left?, right?);
    tax_number(left, None)?;
    tax_number(right, None)?;
    let countries = (
        left_country.or(right_country),
        right_country.or(left_country),
    );
    Some(core(left, countries.0) == core(right, countries.1))
}

fn plain(text: &str) -> String {
    let plain = text.chars().filter(|c| !c.is_whitespace());
    plain.flat_map(char::to_lowercase).collect()
}

/// The question which of these partners a customer is, if any. Its fix ends where the customer's
/// reference follows.
pub fn duplicate_suspect(sought: &Sought<'_>, suspects: &[Suspect]) -> Objection {
    let item = |suspect: &Suspect| format!("partner {}: {}", suspect.id, suspect.likeness);
    Objection {
        code: "duplicate_suspect",
        class: ExceptionClass::DataQuality,
        sentence: format!("Customer {} may be in Odoo already", sought.id),
        items: suspects.iter().map(item).collect(),
        fix:
            "Look at them in Odoo. If it is one of them: tenon customer link REFERENCE PARTNER. If \
              it is none of them: tenon customer distinct"
                .to_owned(),
        owner: "steward",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acme() -> Candidate {
        Candidate {
            id: 41,
            name: "ACME G.m.b.H.".to_owned(),
            vat: Some("DE 136 695 976".to_owned()),
            country: Some("DE".to_owned()),
            postcode: Some("10115".to_owned()),
            domains: BTreeSet::from(["acme.example".to_owned()]),
            emails: BTreeSet::from(["ap@acme.example".to_owned()]),
            active: true,
            ..Candidate::default()
        }
    }

    /// What is sought: name, tax number, country, postcode, domain.
    type Example = (
        &'static str,
        Option<&'static str>,
        Option<&'static str>,
        Option<&'static str>,
        &'static str,
    );

    fn judged((name, vat, country, postcode, domain): Example, odoo: &[Candidate]) -> String {
        let domains = [domain.to_owned()].into_iter().filter(|d| !d.is_empty());
        let sought = Sought {
            id: "5",
            name,
            vat,
            country,
            postcode,
            domains: &domains.collect(),
            email: None,
        };
        match judge_candidates(&sought, odoo) {
            Found::Nobody => "nobody".to_owned(),
            Found::Certain { id, .. } => format!("is {id}"),
            Found::Perhaps(suspects) => suspects
                .iter()
                .map(|suspect| format!("{}: {}", suspect.id, suspect.likeness))
                .collect::<Vec<_>>()
                .join("; "),
        }
    }

    #[test]
    fn only_tax_number_country_and_name_together_are_certain() {
        let vat = Some("DE136695976");
        let de = Some("DE");
        for (example, expected) in [
            (("Acme GmbH", vat, de, None, ""), "is 41"),
            (
                ("acme gmbh", Some("136695976"), de, Some("10115"), ""),
                "is 41",
            ),
            (
                ("Acme Holding GmbH", vat, de, None, ""),
                "41: same tax number, another name",
            ),
            (
                ("Acme GmbH", vat, de, Some("80331"), ""),
                "41: same tax number, same name, another postcode",
            ),
            (
                ("Acme GmbH", Some("136695976"), Some("AT"), None, ""),
                "41: same tax number, same name, another country",
            ),
            (("Acme GmbH", None, None, None, ""), "41: same name"),
            (
                ("Zenith", None, None, None, "acme.example"),
                "41: same domain, another name",
            ),
            (("Acme GmbH", Some("DE999999999"), de, None, ""), "nobody"),
            (
                ("Zenith", Some("DE999999999"), de, None, "acme.example"),
                "nobody",
            ),
            (("Zenith", None, None, None, ""), "nobody"),
            (("-", None, None, None, ""), "nobody"),
        ] {
            assert_eq!(judged(example, &[acme()]), expected, "{example:?}");
        }
    }

    #[test]
    fn two_that_are_certain_and_one_that_is_archived_are_for_people() {
        let example = ("Acme GmbH", Some("DE136695976"), Some("DE"), None, "");
        let other = Candidate { id: 42, ..acme() };
        let both = judged(example, &[acme(), other]);
        assert_eq!(
            both,
            "41: same tax number, same name; 42: same tax number, same name"
        );
        let archived = Candidate {
            active: false,
            ..acme()
        };
        let asked = judged(example, std::slice::from_ref(&archived));
        assert_eq!(asked, "41: same tax number, same name, archived");
        let one = judged(example, &[Candidate { id: 42, ..acme() }, archived]);
        assert_eq!(one, "is 42");
    }

    #[test]
    fn the_crms_id_as_reference_counts_with_the_name_and_not_alone() {
        let referenced = Candidate {
            reference: Some("5".to_owned()),
            vat: None,
            ..acme()
        };
        let named = ("Acme GmbH", None, None, None, "");
        assert_eq!(judged(named, std::slice::from_ref(&referenced)), "is 41");
        let other = ("Zenith", None, None, None, "");
        let asked = "41: the CRM's id is its reference, another name";
        assert_eq!(judged(other, &[referenced]), asked);
    }
}
