//! Cost centres: analytic accounts that work counts for beside its project's.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

use super::taxes::percent;
use super::{Book, Employee, Service};

/// A cost centre of the firm.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CostCenter {
    /// What employees and time entries call it, for example `CC10`.
    pub key: String,
    /// External id of the analytic account in Odoo.
    pub account: String,
    /// The key of its plan in `[[analytic_plans]]`.
    #[serde(default)]
    pub plan: Option<String>,
}

/// An analytic plan in Odoo.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AnalyticPlan {
    /// The book's own name for it.
    pub key: String,
    /// What must have an account of it.
    #[serde(default)]
    pub required_for: Vec<PlanUse>,
}

/// What an analytic plan can be required for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlanUse {
    /// Timesheet lines: the cost centre of who worked, or of the entry.
    Time,
    /// Lines of orders, and of the invoices made from them: the cost centres of the service.
    Orders,
}

/// A part of what a service earns, in percent, as text: `"60"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String"))]
#[serde(transparent)]
pub struct Share(#[serde(deserialize_with = "share")] pub Decimal);

fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    percent(deserializer, "share")
}

/// What counts when a time entry says another cost centre than the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CostCenterRule {
    /// A person is asked.
    #[default]
    Ask,
    /// The entry's own one.
    Entry,
    /// That of who worked.
    Employee,
}

impl Book {
    /// The cost centre with this key.
    pub fn cost_center(&self, key: &str) -> Option<&CostCenter> {
        self.cost_centers.iter().find(|one| one.key == key)
    }

    /// The cost centre of an entry; every reason why there is none is noted.
    pub fn cost_center_of(
        &self,
        rule: CostCenterRule,
        employee: Option<&Employee>,
        said: Option<&str>,
        items: &mut Vec<String>,
    ) -> Option<&CostCenter> {
        let said = said.map(str::trim).filter(|said| !said.is_empty());
        let own = employee.and_then(|employee| employee.cost_center.as_deref());
        let key = match (rule, said, own) {
            (CostCenterRule::Ask, Some(said), Some(own)) if said != own => {
                items.push(format!(
                    "cost center: the entry says {said}, the book says {own} for who worked (psa.cost_center)"
                ));
                return None;
            }
            (CostCenterRule::Employee, said, own) => own.or(said),
            (CostCenterRule::Ask | CostCenterRule::Entry, said, own) => said.or(own),
        };
        let found = key.and_then(|key| self.cost_center(key));
        if let (Some(key), None) = (key, found) {
            items.push(format!(
                "cost center: {key:?} is not in the book (cost_centers)"
            ));
            return None;
        }
        // Who worked has to be in the book first.
        if employee.is_none() && key.is_none() {
            return None;
        }
        for required in self.plans_that_lack(PlanUse::Time, found) {
            items.push(format!(
                "cost center: the plan {required} needs one, and who worked has none of it in the book (employees.cost_center)"
            ));
        }
        found
    }

    /// External ids of the accounts of the cost centres that earn a service's price, with the share of
    /// each in percent; every plan that is required and has none is noted.
    pub fn earning(&self, service: &Service, items: &mut Vec<String>) -> BTreeMap<String, Decimal> {
        let centers = || {
            (service.cost_centers.iter())
                .filter_map(|(key, share)| Some((self.cost_center(key)?, share)))
        };
        let first = centers().next().map(|(center, _)| center);
        for required in self.plans_that_lack(PlanUse::Orders, first) {
            items.push(format!(
                "the plan {required} needs a cost center, and {} has none of it in the book (services.cost_centers)",
                service.key
            ));
        }
        centers()
            .map(|(center, share)| (center.account.clone(), share.0))
            .collect()
    }

    /// The plans that are required for this and that are not the cost centre's.
    fn plans_that_lack<'a>(
        &'a self,
        of: PlanUse,
        center: Option<&CostCenter>,
    ) -> impl Iterator<Item = &'a str> {
        let has = center.and_then(|center| center.plan.clone());
        let plans = self.analytic_plans.iter();
        plans
            .filter(move |plan| plan.required_for.contains(&of) && Some(&plan.key) != has.as_ref())
            .map(|plan| plan.key.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::TEXT;
    use super::*;

    const SKU: &str = "sku = \"SVC-ARCH\"";

    const CENTERS: &str = r#"
#: analytic.toml
[[cost_centers]]
key = "CC10"
account = "firm.cc10"
plan = "departments"

[[cost_centers]]
key = "CC20"
account = "firm.cc20"
plan = "departments"

[[analytic_plans]]
key = "departments"
required_for = ["time"]
"#;

    fn book() -> Book {
        let text = TEXT.replacen(
            "psa_member = \"AConsultant\"",
            "psa_member = \"AConsultant\"\ncost_center = \"CC10\"",
            1,
        );
        Book::parse(&format!("{text}{CENTERS}")).unwrap()
    }

    fn decided(rule: CostCenterRule, member: &str, said: Option<&str>) -> Result<String, String> {
        let (book, mut items) = (book(), Vec::new());
        let employee = book.who("Cobalt", member);
        let found = book.cost_center_of(rule, employee, said, &mut items);
        match (found, items.pop()) {
            (Some(found), None) => Ok(found.key.clone()),
            (_, item) => Err(item.unwrap_or_default()),
        }
    }

    #[test]
    fn the_book_says_whose_cost_center_counts() {
        use CostCenterRule::{Ask, Employee, Entry};
        let key = |rule, said| decided(rule, "AConsultant", said).unwrap();
        assert_eq!(key(Ask, None), "CC10");
        assert_eq!(key(Ask, Some("CC10")), "CC10");
        assert_eq!(key(Entry, Some("CC20")), "CC20");
        assert_eq!(key(Employee, Some("CC20")), "CC10");
        let item = |rule, member, said| decided(rule, member, said).unwrap_err();
        assert!(item(Ask, "AConsultant", Some("CC20")).contains("the entry says CC20"));
        assert!(item(Entry, "AConsultant", Some("CC99")).contains("\"CC99\" is not in the book"));
        assert!(item(Ask, "BArchitect", None).contains("the plan departments needs one"));
        assert_eq!(decided(Ask, "BArchitect", Some("CC20")).unwrap(), "CC20");
    }

    #[test]
    fn what_is_wrong_with_a_cost_center_is_told_with_its_line() {
        let refused = |from: &str, to: &str| {
            let text = format!("{TEXT}{CENTERS}").replacen(from, to, 1);
            Book::parse(&text).unwrap_err().to_string()
        };
        for (from, to, says) in [
            ("key = \"CC20\"", "key = \"CC10\"", "is named twice"),
            ("\"firm.cc10\"", "\"cc10\"", "no external id"),
            (
                "plan = \"departments\"",
                "plan = \"teams\"",
                "\"teams\" is no key of [[analytic_plans]]",
            ),
            (
                SKU,
                "sku = \"SVC-ARCH\"\ncost_centers = { CC10 = \"60\", CC20 = \"39.99\" }",
                "services.cost_centers: the shares are 99.99 percent together",
            ),
            (
                SKU,
                "sku = \"SVC-ARCH\"\ncost_centers = { CC10 = \"33.334\", CC20 = \"66.666\" }",
                "two decimals at most",
            ),
            (
                SKU,
                "sku = \"SVC-ARCH\"\ncost_centers = { CC9 = \"100\" }",
                "services.cost_centers: \"CC9\" is no key of [[cost_centers]]",
            ),
            (
                SKU,
                "sku = \"SVC-ARCH\"\ncost_centers = { CC10 = 100 }",
                "expected a string",
            ),
            (
                SKU,
                "sku = \"SVC-ARCH\"\ncost_centers = { CC10 = \"130\" }",
                "\"130\" is no share in percent",
            ),
            (
                "psa_member = \"AConsultant\"",
                "psa_member = \"AConsultant\"\ncost_center = \"CC9\"",
                "employees.cost_center: \"CC9\" is no key of [[cost_centers]]",
            ),
        ] {
            let error = refused(from, to);
            assert!(error.contains(says), "{error}");
        }
    }
}
