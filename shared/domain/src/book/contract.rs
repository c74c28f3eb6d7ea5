//! What holds for a contract: by entity, by customer, by what is sold.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Book, Entity, ProjectMaker, Service, ServiceBilling};

/// One rule of `[[contracts]]`. It holds for the contracts that fit all of `entity`, `customer` and
/// `kind`; of several rules that say the same thing differently, the last one counts.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ContractRule {
    /// The entity's key in `[entities]`.
    pub entity: Option<String>,
    /// The company's id in the CRM.
    pub customer: Option<String>,
    /// What is sold.
    pub kind: Option<ContractKind>,
    /// What makes the draft order a confirmed one.
    pub confirm_on: Option<ConfirmOn>,
    /// Whether the customer's purchase order number has to be there.
    pub purchase_order: Option<PurchaseOrderRule>,
    /// Why nothing new is agreed with this customer, in finance's words.
    pub credit_hold: Option<String>,
    /// The tag of a contact in Odoo that says the same.
    pub credit_hold_tag: Option<String>,
    /// What becomes of a change when a person has locked the order in Odoo.
    pub locked: Option<WhenLocked>,
    /// External id of the project in Odoo whose stages and tasks a new project gets, where Tenon makes
    /// it. A project that Odoo makes has the template of its product.
    pub template: Option<String>,
    /// Who makes the contract's project. Tenon does where nothing says it, whatever the products say.
    pub project_made_by: Option<ProjectMaker>,
    /// Who invoices the customer, where the deal does not say it.
    pub invoice_issuer: Option<Issuer>,
    /// From this amount on, without tax and in the contract's currency, people confirm the order,
    /// whatever `confirm_on` says: `"50000.00"`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub approve_from: Option<Decimal>,
    /// How many different people must confirm, where people do; from `approve_from` on, if that is
    /// said. 1 unless it says more.
    pub approvers: Option<u32>,
}

/// What a contract sells, told by its lines.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContractKind {
    /// Hours.
    TimeAndMaterials,
    /// Instalments with dates.
    FixedFee,
    /// Milestones.
    Milestones,
    /// Hours that are paid before they are worked.
    Retainer,
    /// Months of a service.
    Recurring,
    /// Several of these.
    Mixed,
}

/// What makes the draft order a confirmed one.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmOn {
    /// The deal is won.
    Won,
    /// The day of the signature is on the deal.
    #[default]
    Signed,
    /// A person says so: `tenon contract confirm`.
    Manual,
}

/// Whether a purchase order number has to be there.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurchaseOrderRule {
    /// Without a number that is still valid, the deal is incomplete.
    #[default]
    Required,
    /// It is passed on when there is one.
    Optional,
}

/// Who invoices the customer.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Issuer {
    /// Odoo does.
    #[default]
    Odoo,
    /// The PSA does: Odoo has the hours for their cost, and bills nothing of the contract.
    Psa,
}

impl Issuer {
    /// Whether it says what it says when nobody wrote it down.
    pub const fn is_odoo(&self) -> bool {
        matches!(self, Self::Odoo)
    }

    /// What a word in the CRM means.
    pub fn named(word: &str) -> Option<Self> {
        match word.trim().to_lowercase().as_str() {
            "odoo" => Some(Self::Odoo),
            "psa" => Some(Self::Psa),
            _ => None,
        }
    }
}

/// What becomes of a change when a person has locked the order in Odoo.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenLocked {
    /// A person is asked.
    #[default]
    Ask,
    /// The order is unlocked, changed and locked again.
    Unlock,
}

impl WhenLocked {
    /// Whether it says what it says when nobody wrote it down.
    pub const fn asks(&self) -> bool {
        matches!(self, Self::Ask)
    }
}

/// What the rules say of one contract.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContractRules<'a> {
    /// What makes the draft order a confirmed one.
    pub confirm_on: ConfirmOn,
    /// Whether the purchase order number has to be there.
    pub purchase_order: PurchaseOrderRule,
    /// Why nothing new is agreed with the customer.
    pub credit_hold: Option<&'a str>,
    /// The tag in Odoo that says the same.
    pub credit_hold_tag: Option<&'a str>,
    /// What becomes of a change of a locked order.
    pub locked: WhenLocked,
    /// External id of the project template.
    pub template: Option<&'a str>,
    /// Who makes the project, where a rule says it.
    pub project_made_by: Option<ProjectMaker>,
    /// Who invoices the customer.
    pub invoice_issuer: Issuer,
    /// From which amount on people confirm.
    pub approve_from: Option<Decimal>,
    /// How many people confirm, where people do.
    pub approvers: Option<u32>,
}

impl ContractRules<'_> {
    /// How many people must confirm a contract of this amount; none where its deal does.
    pub fn approvers(&self, amount: Option<Decimal>) -> Option<u32> {
        let is_large = |from: Decimal| amount.is_none_or(|amount| amount >= from);
        let several = self.approvers.unwrap_or(1).max(1);
        match (self.approve_from, self.confirm_on) {
            (Some(from), _) if is_large(from) => Some(several),
            (None, ConfirmOn::Manual) => Some(several),
            (Some(_), ConfirmOn::Manual) => Some(1),
            (_, ConfirmOn::Won | ConfirmOn::Signed) => None,
        }
    }
}

impl ContractKind {
    /// What is sold by these lines.
    pub fn of(lines: impl IntoIterator<Item = ServiceBilling>) -> Self {
        let mut lines = lines.into_iter();
        let first = lines.next();
        if lines.any(|billing| Some(billing) != first) {
            return Self::Mixed;
        }
        match first {
            Some(ServiceBilling::TimeAndMaterials) => Self::TimeAndMaterials,
            Some(ServiceBilling::FixedFee) => Self::FixedFee,
            Some(ServiceBilling::Milestone) => Self::Milestones,
            Some(ServiceBilling::Retainer) => Self::Retainer,
            Some(ServiceBilling::Recurring) => Self::Recurring,
            None => Self::Mixed,
        }
    }
}

impl Book {
    /// What holds for a contract of this entity with this customer (its id in the CRM).
    pub fn contract(
        &self,
        entity: &Entity,
        customer: &str,
        kind: ContractKind,
    ) -> ContractRules<'_> {
        let fits = |rule: &&ContractRule| {
            let of_entity = |key: &String| self.entities.get(key) == Some(entity);
            rule.entity.as_ref().is_none_or(of_entity)
                && rule.customer.as_ref().is_none_or(|id| id == customer)
                && rule.kind.is_none_or(|of| of == kind)
        };
        let mut rules = ContractRules::default();
        for rule in self.contracts.iter().filter(fits) {
            rules.confirm_on = rule.confirm_on.unwrap_or(rules.confirm_on);
            rules.purchase_order = rule.purchase_order.unwrap_or(rules.purchase_order);
            rules.locked = rule.locked.unwrap_or(rules.locked);
            rules.credit_hold = rule.credit_hold.as_deref().or(rules.credit_hold);
            rules.credit_hold_tag = rule.credit_hold_tag.as_deref().or(rules.credit_hold_tag);
            rules.invoice_issuer = rule.invoice_issuer.unwrap_or(rules.invoice_issuer);
            rules.template = rule.template.as_deref().or(rules.template);
            rules.project_made_by = rule.project_made_by.or(rules.project_made_by);
            rules.approve_from = rule.approve_from.or(rules.approve_from);
            rules.approvers = rule.approvers.or(rules.approvers);
        }
        rules
    }

    /// Who makes the projects of the contracts that may sell a service, by all rules that there are;
    /// none stands for those of which no rule says it.
    pub fn project_makers(&self, service: &Service) -> BTreeSet<Option<ProjectMaker>> {
        let named = self.contracts.iter();
        let mut customers: BTreeSet<&str> =
            named.filter_map(|rule| rule.customer.as_deref()).collect();
        // Whoever is in no rule.
        customers.insert("");
        let mut makers = BTreeSet::new();
        for entity in self.entities.values() {
            for customer in &customers {
                for kind in [ContractKind::of([service.billing]), ContractKind::Mixed] {
                    makers.insert(self.contract(entity, customer, kind).project_made_by);
                }
            }
        }
        makers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::BadBook;
    use crate::book::tests::TEXT;

    fn book(rules: &str) -> Result<Book, BadBook> {
        Book::parse(&format!("{TEXT}\n{rules}"))
    }

    #[test]
    fn from_an_amount_on_people_confirm() {
        let approvers = |rules: &str, amount: &str| {
            let book = book(&format!("[[contracts]]\n{rules}\n")).unwrap();
            let rules = book.contract(&book.entities["us"], "5", ContractKind::Mixed);
            rules.approvers(amount.parse().ok())
        };
        let large = "confirm_on = \"won\"\napprove_from = \"50000.00\"\napprovers = 2";
        assert_eq!(approvers(large, "49999.99"), None);
        assert_eq!(approvers(large, "50000"), Some(2));
        assert_eq!(approvers(large, "not known yet"), Some(2));
        let manual = "confirm_on = \"manual\"\napprovers = 3";
        assert_eq!(approvers(manual, "1"), Some(3));
        let both = "confirm_on = \"manual\"\napprove_from = \"50000\"\napprovers = 3";
        assert_eq!(
            (approvers(both, "1"), approvers(both, "60000")),
            (Some(1), Some(3))
        );
        assert_eq!(approvers("approvers = 0", "1"), None);
    }

    #[test]
    fn the_last_rule_that_fits_counts() {
        let book = book(
            "[[contracts]]\nconfirm_on = \"won\"\ncredit_hold_tag = \"Credit hold\"\n\
             [[contracts]]\nentity = \"us\"\nkind = \"retainer\"\nconfirm_on = \"manual\"\n\
             [[contracts]]\ncustomer = \"7\"\npurchase_order = \"optional\"\n",
        )
        .unwrap();
        let us = &book.entities["us"];
        let rules = |customer, kind| book.contract(us, customer, kind);
        let hours = rules("5", ContractKind::TimeAndMaterials);
        assert_eq!(hours.confirm_on, ConfirmOn::Won);
        assert_eq!(hours.purchase_order, PurchaseOrderRule::Required);
        assert_eq!(hours.credit_hold_tag, Some("Credit hold"));
        let retainer = rules("7", ContractKind::Retainer);
        assert_eq!(retainer.confirm_on, ConfirmOn::Manual);
        assert_eq!(retainer.purchase_order, PurchaseOrderRule::Optional);
    }

    #[test]
    fn without_rules_a_signature_confirms_and_a_number_is_required() {
        let book = Book::parse(TEXT).unwrap();
        let rules = book.contract(&book.entities["us"], "5", ContractKind::Mixed);
        assert_eq!(rules, ContractRules::default());
        assert_eq!(rules.confirm_on, ConfirmOn::Signed);
    }

    #[test]
    fn a_rule_for_nobody_and_a_hold_of_everybody_are_refused() {
        let said = |rules| book(rules).unwrap_err().to_string();
        assert!(said("[[contracts]]\nentity = \"uk\"").contains("\"uk\""));
        assert!(said("[[contracts]]\ncredit_hold = \"overdue\"").contains("customer"));
        assert!(said("[[contracts]]\nconfirm = \"won\"").contains("confirm"));
    }

    #[test]
    fn who_makes_the_project_is_said_rule_by_rule() {
        let text = "[[contracts]]\ntemplate = \"firm.template\"\n\
                    [[contracts]]\nkind = \"time_and_materials\"\nproject_made_by = \"odoo\"\n\
                    [[contracts]]\ncustomer = \"7\"\nproject_made_by = \"tenon\"\n";
        let book = book(text).unwrap();
        let maker = |customer, kind| {
            let rules = book.contract(&book.entities["us"], customer, kind);
            rules.project_made_by
        };
        assert_eq!(maker("5", ContractKind::FixedFee), None);
        let hours = ContractKind::TimeAndMaterials;
        assert_eq!(maker("5", hours), Some(ProjectMaker::Odoo));
        assert_eq!(maker("7", hours), Some(ProjectMaker::Tenon));
        let by_hours = |service: &&Service| service.billing == ServiceBilling::TimeAndMaterials;
        let service = book.services.iter().find(by_hours).unwrap();
        let all = [None, Some(ProjectMaker::Tenon), Some(ProjectMaker::Odoo)];
        assert_eq!(book.project_makers(service), BTreeSet::from(all));
    }

    #[test]
    fn a_template_of_ours_for_a_project_that_odoo_makes_is_refused() {
        let text = "[[contracts]]\ntemplate = \"firm.template\"\nproject_made_by = \"odoo\"\n";
        let said = book(text).unwrap_err().to_string();
        assert!(said.contains("contracts.template"), "{said}");
        assert!(said.contains("Project Template"), "{said}");
    }

    #[test]
    fn several_kinds_of_lines_are_a_mixture() {
        use ServiceBilling::{FixedFee, Milestone};
        assert_eq!(
            ContractKind::of([Milestone, Milestone]),
            ContractKind::Milestones
        );
        assert_eq!(ContractKind::of([Milestone, FixedFee]), ContractKind::Mixed);
    }
}
