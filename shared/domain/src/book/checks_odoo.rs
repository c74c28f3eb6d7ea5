//! What a book says about prices' taxes must go together.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::Book;
use super::checks::{Check, entry};
use super::flaw::Mistake;
use super::taxes::NO_FISCAL_POSITION;

impl Check<'_> {
    pub(super) fn tax_profiles(&mut self, book: &Book) {
        let list = "tax_profiles";
        let names = book.tax_profiles.iter().map(|profile| profile.name.clone());
        self.once("tax profile", names.enumerate(), |n| entry(list, n, "name"));
        for (n, profile) in book.tax_profiles.iter().enumerate() {
            self.entity(list, n, profile.entity.as_deref(), book);
            self.service(list, n, profile.service.as_deref(), book);
            for country in &profile.countries {
                let is_code = country.len() == 2 && country.chars().all(|c| c.is_ascii_uppercase());
                if !is_code {
                    let mistake = Mistake::NoCountry(country.clone());
                    self.add(&entry(list, n, "countries"), mistake);
                }
            }
            let position = profile.fiscal_position.as_ref();
            let position = position.filter(|position| *position != NO_FISCAL_POSITION);
            self.external_id(list, n, "fiscal_position", position);
            for tax in profile.taxes.iter().flatten() {
                self.external_id(list, n, "taxes", Some(tax));
            }
        }
    }

    pub(super) fn cost_centers(&mut self, book: &Book) {
        let list = "cost_centers";
        let keys = || book.cost_centers.iter().map(|one| one.key.clone());
        self.once("cost center", keys().enumerate(), |n| entry(list, n, "key"));
        let plans = || book.analytic_plans.iter().map(|plan| plan.key.clone());
        self.once("analytic plan", plans().enumerate(), |n| {
            entry("analytic_plans", n, "key")
        });
        for (n, one) in book.cost_centers.iter().enumerate() {
            self.external_id(list, n, "account", Some(&one.account));
            if let Some(name) = one
                .plan
                .clone()
                .filter(|plan| !plans().any(|key| key == *plan))
            {
                let (what, known) = ("key of [[analytic_plans]]", plans().collect());
                let mistake = Mistake::Nowhere { what, name, known };
                self.add(&entry(list, n, "plan"), mistake);
            }
        }
        self.shares(book);
        for (n, employee) in book.employees.iter().enumerate() {
            let of = employee.cost_center.clone();
            if let Some(name) = of.filter(|name| book.cost_center(name).is_none()) {
                let (what, known) = ("key of [[cost_centers]]", keys().collect());
                let mistake = Mistake::Nowhere { what, name, known };
                self.add(&entry("employees", n, "cost_center"), mistake);
            }
        }
    }

    fn shares(&mut self, book: &Book) {
        for (n, service) in book.services.iter().enumerate() {
            let place = entry("services", n, "cost_centers");
            let of = |key: &String| book.cost_center(key);
            for name in service.cost_centers.keys().filter(|key| of(key).is_none()) {
                let mistake = Mistake::Nowhere {
                    what: "key of [[cost_centers]]",
                    name: name.clone(),
                    known: book
                        .cost_centers
                        .iter()
                        .map(|one| one.key.clone())
                        .collect(),
                };
                self.add(&place, mistake);
            }
            let shares = || service.cost_centers.values().map(|share| share.0);
            let whole: Decimal = shares().sum();
            // Odoo keeps two decimals of a share.
            let is_share = |share: Decimal| !share.is_zero() && share.scale() <= 2;
            let is_whole = whole == Decimal::ONE_HUNDRED && shares().all(is_share);
            if !service.cost_centers.is_empty() && !is_whole {
                self.add(&place, Mistake::NotWhole(whole.normalize().to_string()));
            }
            let plans = service.cost_centers.keys().filter_map(of);
            let plans: BTreeSet<_> = plans.map(|center| center.plan.as_ref()).collect();
            if plans.len() > 1 {
                self.add(&place, Mistake::SeveralPlans);
            }
        }
    }

    fn entity(&mut self, list: &str, n: usize, name: Option<&str>, book: &Book) {
        let unknown = |key: &&str| !book.entities.contains_key(*key);
        if let Some(name) = name.filter(unknown) {
            let mistake = Mistake::Nowhere {
                what: "key of [entities]",
                name: name.to_owned(),
                known: book.entities.keys().cloned().collect(),
            };
            self.add(&entry(list, n, "entity"), mistake);
        }
    }

    fn service(&mut self, list: &str, n: usize, name: Option<&str>, book: &Book) {
        let unknown = |key: &&str| !book.services.iter().any(|service| service.key == **key);
        if let Some(name) = name.filter(unknown) {
            let mistake = Mistake::Nowhere {
                what: "key of [[services]]",
                name: name.to_owned(),
                known: book.services.iter().map(|s| s.key.clone()).collect(),
            };
            self.add(&entry(list, n, "service"), mistake);
        }
    }

    /// `module.name`, as Odoo keeps it.
    fn external_id(&mut self, list: &str, n: usize, key: &str, id: Option<&String>) {
        let is_one = |id: &&String| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
            let (module, name) = id.split_once('.').unwrap_or_default();
            !module.is_empty() && !name.is_empty() && id.chars().all(allowed)
        };
        if let Some(id) = id.filter(|id| !is_one(id)) {
            self.add(&entry(list, n, key), Mistake::NoExternalId(id.clone()));
        }
    }
}
