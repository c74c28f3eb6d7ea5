//! What a book says must go together: every contradiction, with its line.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::bundle::{self, Step};
use super::flaw::{Flaw, Mistake};
use super::people::{Person, Right};
use super::{Book, ProjectMaker, ServiceUnit};
use crate::customer::host;

/// Everything that is wrong in a book that was read from this text.
pub(super) fn flaws(book: &Book, text: &str) -> Vec<Flaw> {
    let mut check = Check {
        text,
        flaws: Vec::new(),
    };
    check.services(book);
    check.entities(book);
    check.accounts(book);
    check.created_projects(book);
    check.employees(book);
    check.contracts(book);
    check.rate_cards(book);
    check.tax_profiles(book);
    check.cost_centers(book);
    check.people(book);
    check.flows(book);
    check.customers(book);
    check.flaws
}

/// A book's text, and what was found in it.
pub(super) struct Check<'a> {
    text: &'a str,
    flaws: Vec<Flaw>,
}

impl Check<'_> {
    fn services(&mut self, book: &Book) {
        let list = "services";
        let keys = book.services.iter().map(|s| s.key.clone());
        self.once("service", keys.enumerate(), |n| entry(list, n, "key"));
        let skus = book.services.iter().map(|s| s.sku.clone());
        self.once("sku", skus.enumerate(), |n| entry(list, n, "sku"));
        let roles = book.services.iter().enumerate();
        let roles = roles.flat_map(|(n, s)| s.work_roles.iter().map(move |role| (n, role.clone())));
        self.once("work role", roles, |n| entry(list, n, "work_roles"));
        for (n, service) in book.services.iter().enumerate() {
            if service.billing.takes_time() && service.unit == Some(ServiceUnit::Unit) {
                self.add(&entry(list, n, "unit"), Mistake::WorkInPieces);
            }
        }
    }

    fn entities(&mut self, book: &Book) {
        let names: Vec<String> = book.entities.keys().cloned().collect();
        let crm_names = book.entities.values().map(|e| e.crm_name.clone());
        self.once("legal entity", crm_names.enumerate(), |n| {
            let name = names.get(n).map(String::as_str).unwrap_or_default();
            under("entities", name, "crm_name")
        });
        for (key, entity) in &book.entities {
            self.zone(&under("entities", key, "zone"), &entity.zone);
        }
    }

    fn accounts(&mut self, book: &Book) {
        let crm = book
            .crm
            .iter()
            .map(|c| format!("{} {}", c.source, c.account));
        self.once("CRM account", crm.enumerate(), |n| {
            entry("crm", n, "account")
        });
        for (n, crm) in book.crm.iter().enumerate() {
            let lists = [
                ("won_stages", &crm.won_stages),
                ("lost_stages", &crm.lost_stages),
                ("open_stages", &crm.open_stages),
            ];
            let stages =
                lists.map(|(key, list)| list.iter().map(move |stage| (key, stage.clone())));
            let stages: Vec<_> = stages.into_iter().flatten().collect();
            let names = stages.iter().map(|(_, stage)| stage.clone()).enumerate();
            self.once("stage", names, |place| {
                let key = stages.get(place).map_or("won_stages", |(key, _)| key);
                entry("crm", n, key)
            });
        }
        let psa = book
            .psa
            .iter()
            .map(|p| format!("{} {}", p.source, p.account));
        self.once("PSA account", psa.enumerate(), |n| {
            entry("psa", n, "account")
        });
        for (n, psa) in book.psa.iter().enumerate() {
            if let Some(zone) = &psa.zone {
                self.zone(&entry("psa", n, "zone"), zone);
            }
            let known = || book.crm.iter().map(|crm| crm.account.clone()).collect();
            if book.crm_of_projects(psa).is_none() {
                let (name, psa) = (psa.crm_account.clone(), psa.account.clone());
                let mistake = match name {
                    None => Mistake::NoCrmOfPsa {
                        psa,
                        known: known(),
                    },
                    Some(name) => Mistake::Nowhere {
                        what: "account of a [[crm]]",
                        name,
                        known: known(),
                    },
                };
                self.add(&entry("psa", n, "crm_account"), mistake);
            }
        }
    }

    fn employees(&mut self, book: &Book) {
        let called = book.employees.iter().map(|e| match &e.psa_account {
            Some(account) => format!("{} of {account}", e.psa_member),
            None => e.psa_member.clone(),
        });
        self.once("PSA member", called.enumerate(), |n| {
            entry("employees", n, "psa_member")
        });
        for (n, employee) in book.employees.iter().enumerate() {
            let Some(account) = &employee.psa_account else {
                continue;
            };
            if !book.psa.iter().any(|psa| psa.account == *account) {
                let mistake = Mistake::Nowhere {
                    what: "account of a [[psa]]",
                    name: account.clone(),
                    known: book.psa.iter().map(|psa| psa.account.clone()).collect(),
                };
                self.add(&entry("employees", n, "psa_account"), mistake);
            }
        }
    }

    fn contracts(&mut self, book: &Book) {
        for (n, rule) in book.contracts.iter().enumerate() {
            let unknown = |key: &&String| !book.entities.contains_key(*key);
            if let Some(name) = rule.entity.as_ref().filter(unknown) {
                let mistake = Mistake::Nowhere {
                    what: "key of [entities]",
                    name: name.clone(),
                    known: book.entities.keys().cloned().collect(),
                };
                self.add(&entry("contracts", n, "entity"), mistake);
            }
            if rule.credit_hold.is_some() && rule.customer.is_none() {
                let place = entry("contracts", n, "credit_hold");
                self.add(&place, Mistake::HoldOfEverybody);
            }
            if rule.template.is_some() && rule.project_made_by == Some(ProjectMaker::Odoo) {
                self.add(&entry("contracts", n, "template"), Mistake::OdoosTemplate);
            }
        }
    }

    /// Somebody has to be able to write the next book, agree to it and put it into force.
    fn people(&mut self, book: &Book) {
        let who = book.people.iter().map(|person| person.who.clone());
        self.once("person", who.enumerate(), |n| entry("people", n, "who"));
        if book.people.is_empty() {
            return;
        }
        let able = |right| book.people.iter().filter(move |person| person.may(right));
        // How many assume a role is not known here.
        let is_role = |person: &Person| person.who.starts_with("assumed-role/");
        let needed = usize::try_from(book.approvals.book.approvers).unwrap_or(usize::MAX);
        let needed = needed.saturating_add(1);
        let writers = able(Right::WriteBook).count();
        let enough = writers >= needed || able(Right::WriteBook).any(is_role);
        if !enough || able(Right::ActivateBook).next().is_none() {
            let place = entry("people", 0, "roles");
            self.add(&place, Mistake::NobodyCouldReplaceIt(needed));
        }
    }

    fn rate_cards(&mut self, book: &Book) {
        for (n, card) in book.rate_cards.iter().enumerate() {
            let nowhere = |what, name: &str, known| Mistake::Nowhere {
                what,
                name: name.to_owned(),
                known,
            };
            if !book.services.iter().any(|s| s.key == card.service) {
                let known = book.services.iter().map(|s| s.key.clone()).collect();
                let mistake = nowhere("key of [[services]]", &card.service, known);
                self.add(&entry("rate_cards", n, "service"), mistake);
            }
            let unknown = |key: &&String| !book.entities.contains_key(*key);
            if let Some(name) = card.entity.as_ref().filter(unknown) {
                let known = book.entities.keys().cloned().collect();
                let mistake = nowhere("key of [entities]", name, known);
                self.add(&entry("rate_cards", n, "entity"), mistake);
            }
            if let Some(name) = card
                .person
                .as_ref()
                .filter(|name| book.called(name).is_none())
            {
                let known = book
                    .employees
                    .iter()
                    .map(|e| e.psa_member.clone())
                    .collect();
                let mistake = nowhere("psa_member of [[employees]]", name, known);
                self.add(&entry("rate_cards", n, "person"), mistake);
            }
            let mut of_service = book.services.iter().filter(|s| s.key == card.service);
            let roles = of_service.next().map(|service| service.work_roles.clone());
            let roles = roles.unwrap_or_default();
            if let Some(name) = card.role.as_ref().filter(|role| !roles.contains(role)) {
                let mistake = nowhere("work role of its service in [[services]]", name, roles);
                self.add(&entry("rate_cards", n, "role"), mistake);
            }
            if card.until.is_some_and(|until| until < card.from) {
                self.add(&entry("rate_cards", n, "until"), Mistake::EndsBefore);
            }
            let mut before = book.rate_cards.iter().take(n);
            if before.any(|other| other.overlaps(card)) {
                self.add(&entry("rate_cards", n, "from"), Mistake::TwoPrices);
            }
        }
    }

    fn flows(&mut self, book: &Book) {
        for (n, rule) in book.flows.iter().enumerate() {
            let mut mistakes = rule.mistakes();
            let unknown = |key: &&String| !book.entities.contains_key(*key);
            if let Some(name) = rule.entity.as_ref().filter(unknown) {
                let mistake = Mistake::Nowhere {
                    what: "key of [entities]",
                    name: name.clone(),
                    known: book.entities.keys().cloned().collect(),
                };
                mistakes.push(("entity", mistake));
            }
            for (key, mistake) in mistakes {
                self.add(&entry("flows", n, key), mistake);
            }
        }
    }

    fn customers(&mut self, book: &Book) {
        let is_domain = |domain: &&String| host(domain).as_ref() == Some(*domain);
        for domain in &book.customers.free_mail {
            if !is_domain(&domain) {
                let step = |text: &str| Step::Key(text.to_owned());
                let place = vec![step("customers"), step("free_mail")];
                self.add(&place, Mistake::NoDomain(domain.clone()));
            }
        }
    }

    fn zone(&mut self, path: &[Step], zone: &str) {
        if TimeZone::get(zone).is_err() {
            self.add(path, Mistake::NoZone(zone.to_owned()));
        }
    }

    /// Each name once; `place` tells where the n-th entry's stands.
    pub(super) fn once(
        &mut self,
        what: &'static str,
        names: impl Iterator<Item = (usize, String)>,
        place: impl Fn(usize) -> Vec<Step>,
    ) {
        let mut seen = BTreeSet::new();
        for (n, name) in names {
            if !seen.insert(name.clone()) {
                self.add(&place(n), Mistake::Twice { what, name });
            }
        }
    }

    pub(super) fn add(&mut self, path: &[Step], mistake: Mistake) {
        let names = path.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Nth(_) => None,
        });
        self.flaws.push(Flaw {
            place: bundle::place(self.text, bundle::offset(self.text, path)),
            key: names.collect::<Vec<_>>().join("."),
            mistake,
        });
    }
}

/// A key of the n-th entry of a list.
pub(super) fn entry(list: &str, n: usize, key: &str) -> Vec<Step> {
    let key = Step::Key(key.to_owned());
    vec![Step::Key(list.to_owned()), Step::Nth(n), key]
}

/// A key of a named entry of a table.
fn under(table: &str, name: &str, key: &str) -> Vec<Step> {
    let step = |text: &str| Step::Key(text.to_owned());
    vec![step(table), step(name), step(key)]
}
