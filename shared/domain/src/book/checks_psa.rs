//! What a book says of projects that are created in a PSA must go together.

use super::bundle::Step;
use super::checks::Check;
use super::flaw::Mistake;
use super::{Book, Psa};

impl Check<'_> {
    /// Each contract gets at most one project, in a PSA where one can be created.
    pub(super) fn created_projects(&mut self, book: &Book) {
        let mut earlier: Vec<&Psa> = Vec::new();
        for (n, psa) in book.psa.iter().enumerate() {
            let Some(create) = &psa.projects.create else {
                continue;
            };
            if psa.source != "connectwise" {
                let mistake = Mistake::CreatesNothing(psa.source.clone());
                self.add(&place(n, None), mistake);
            }
            if psa.customers.is_empty() {
                self.add(&place(n, None), Mistake::NoCustomers);
            }
            for name in &create.entities {
                if !book.entities.contains_key(name) {
                    let mistake = Mistake::Nowhere {
                        what: "key of [entities]",
                        name: name.clone(),
                        known: book.entities.keys().cloned().collect(),
                    };
                    self.add(&place(n, Some("entities")), mistake);
                }
            }
            if let Some(other) = earlier.iter().find(|other| meet(book, other, psa)) {
                let mistake = Mistake::CreatedTwice(other.account.clone());
                self.add(&place(n, None), mistake);
            }
            earlier.push(psa);
        }
    }
}

/// Whether a contract would get a project in both.
fn meet(book: &Book, one: &Psa, other: &Psa) -> bool {
    let crm = |psa| {
        let crm = book.crm_of_projects(psa);
        crm.map(|crm| (&crm.source, &crm.account))
    };
    let (Some(a), Some(b)) = (&one.projects.create, &other.projects.create) else {
        return false;
    };
    let all = a.entities.is_empty() || b.entities.is_empty();
    crm(one) == crm(other) && (all || !a.entities.is_disjoint(&b.entities))
}

/// The table that creates projects of the n-th PSA, or a key of it.
fn place(n: usize, key: Option<&str>) -> Vec<Step> {
    let step = |text: &str| Step::Key(text.to_owned());
    let mut place = vec![step("psa"), Step::Nth(n), step("projects"), step("create")];
    place.extend(key.map(step));
    place
}
