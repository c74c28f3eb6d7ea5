//! The accounts of CRMs and PSAs that the firm has, and how what they say is read.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::{Book, CostCenterRule, PsaProjects, ServiceUnit};
use crate::event::Approval;
use crate::policy::CustomerField;

/// What the book writes for an owner whose orders have no salesperson.
pub const NOBODY: &str = "none";

/// How deals are read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Crm {
    /// The source's name, for example `hubspot`.
    pub source: String,
    /// Its account.
    pub account: String,
    /// The first day whose changes are pulled (`YYYY-MM-DD`); without it, those since the source was
    /// first asked. Another day pulls everything since then once more.
    #[serde(default)]
    pub pulled_from: Option<Date>,
    /// The stage ids that mean won.
    pub won_stages: Vec<String>,
    /// Which custom properties carry what.
    pub properties: CrmProperties,
    /// The owner of a deal → external id of the salesperson's user in Odoo, or `none` for nobody.
    /// Without it, orders have no salesperson.
    #[serde(default)]
    pub owners: BTreeMap<String, String>,
    /// The CRM's words for the unit of a line item, where `properties.unit` names the property.
    #[serde(default)]
    pub units: BTreeMap<String, ServiceUnit>,
    /// The CRM's words for a company's language, where `properties.language` names the property → its
    /// code in Odoo, for example `fr_BE`.
    #[serde(default)]
    pub languages: BTreeMap<String, String>,
    /// The stage ids that mean lost.
    #[serde(default)]
    pub lost_stages: Vec<String>,
    /// The stage ids that mean neither won nor lost. Without any, every other stage does; with some, a
    /// stage that is in no list is a question.
    #[serde(default)]
    pub open_stages: Vec<String>,
    /// Odoo's words for how far an invoice is paid (`not_paid`, `in_payment`, `partial`, `paid`,
    /// `reversed`) → the CRM's. Without any, Odoo's are told; with some, a word that is not here is a
    /// question, and is not told.
    #[serde(default)]
    pub invoice_states: BTreeMap<String, String>,
}

/// The custom properties of a deal, by the firm's own names for them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CrmProperties {
    /// Read: the selling company.
    pub legal_entity: String,
    /// Read: payment terms.
    pub payment_terms: String,
    /// Read: the customer's purchase order number.
    pub purchase_order: String,
    /// Read: the day of the signature (`YYYY-MM-DD`).
    pub signed_on: String,
    /// Read, on the company: tax identification number.
    pub vat: String,
    /// Written: the number of the invoice that changed last.
    pub invoice_number: String,
    /// Written: its payment state.
    pub invoice_status: String,
    /// Written: its total with tax.
    pub invoice_total: String,
    /// Written: what is still to be paid.
    pub invoice_open: String,
    /// Read: the last day on which the purchase order is valid (`YYYY-MM-DD`).
    #[serde(default)]
    pub purchase_order_until: Option<String>,
    /// Read: the purchase order's amount.
    #[serde(default)]
    pub purchase_order_amount: Option<String>,
    /// Read: the most hours that are billed by hours.
    #[serde(default)]
    pub cap_hours: Option<String>,
    /// Read: the most money that is billed by hours.
    #[serde(default)]
    pub cap_amount: Option<String>,
    /// Read: who invoices the customer, `odoo` or `psa`; what the contract's rules say where it is empty.
    #[serde(default)]
    pub invoice_issuer: Option<String>,
    /// Read, on the line item: the hours that are planned for it.
    #[serde(default)]
    pub budget_hours: Option<String>,
    /// Read, on the company: its language, in the words of `[crm.languages]`.
    #[serde(default)]
    pub language: Option<String>,
    /// Read, on the line item: its unit, in the words of `[crm.units]`.
    #[serde(default)]
    pub unit: Option<String>,
    /// Written: the order's number in Odoo.
    #[serde(default)]
    pub order_name: Option<String>,
    /// Written: its database id.
    #[serde(default)]
    pub order_id: Option<String>,
    /// Written: the project's name in Odoo.
    #[serde(default)]
    pub project_name: Option<String>,
    /// Written: its database id.
    #[serde(default)]
    pub project_id: Option<String>,
    /// Written, on the company: what Odoo keeps of a field whose change it rejected, by field.
    #[serde(default)]
    pub customer: BTreeMap<CustomerField, String>,
}

impl CrmProperties {
    /// Whether we write this property ourselves: a change of it is our own echo.
    pub fn is_ours(&self, property: &str) -> bool {
        let always = [
            &self.invoice_number,
            &self.invoice_status,
            &self.invoice_total,
            &self.invoice_open,
        ];
        let if_named = [
            &self.order_name,
            &self.order_id,
            &self.project_name,
            &self.project_id,
        ];
        let if_named = if_named.into_iter().flatten();
        always
            .into_iter()
            .chain(if_named)
            .any(|ours| ours == property)
    }
}

/// How projects and time are read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Psa {
    /// The source's name, for example `connectwise`.
    pub source: String,
    /// Its account: the company id that its messages carry.
    pub account: String,
    /// The first day whose changes are pulled (`YYYY-MM-DD`); without it, those since the source was
    /// first asked. Another day pulls everything since then once more.
    #[serde(default)]
    pub pulled_from: Option<Date>,
    /// The caption of the project's custom field that holds the CRM's deal id.
    pub deal_id_field: String,
    /// The caption of the time entry's custom field that holds the tax that the PSA counts with, in
    /// percent. It is compared with the tax profile, and never sent to Odoo.
    #[serde(default)]
    pub tax_field: Option<String>,
    /// The caption of the time entry's custom field that holds the cost centre, by its key in
    /// `[[cost_centers]]`.
    #[serde(default)]
    pub cost_center_field: Option<String>,
    /// What counts when an entry says another cost centre than the book says for who worked.
    #[serde(default)]
    pub cost_center: CostCenterRule,
    /// The account of the CRM whose deals its projects name; needed where there are several.
    #[serde(default)]
    pub crm_account: Option<String>,
    /// IANA name of the zone that decides the day of work whose beginning the source sends in
    /// UTC; without it the day is read in UTC.
    #[serde(default)]
    pub zone: Option<String>,
    /// The source's own status words → approval. A word that is not here is for review, never
    /// approved.
    pub approval: BTreeMap<String, Approval>,
    /// Its customers' ids → the companies' ids in the CRM. One that is not here is known by the
    /// contracts to which its projects are linked.
    #[serde(default)]
    pub customers: BTreeMap<String, String>,
    /// How its projects are followed in Odoo.
    #[serde(default)]
    pub projects: PsaProjects,
}

impl Book {
    /// How the deals of this account are read; none when the book does not name it.
    pub fn crm(&self, source: &str, account: &str) -> Option<&Crm> {
        let is_it = |crm: &&Crm| crm.source == source && crm.account == account;
        self.crm.iter().find(is_it)
    }

    /// How the projects and time of this account are read; none when the book does not name it.
    pub fn psa(&self, source: &str, account: &str) -> Option<&Psa> {
        let is_it = |psa: &&Psa| psa.source == source && psa.account == account;
        self.psa.iter().find(is_it)
    }

    /// Whether this is an account of a CRM or PSA of the firm.
    pub fn names(&self, source: &str, account: &str) -> bool {
        self.crm(source, account).is_some() || self.psa(source, account).is_some()
    }

    /// The sources that are PSAs.
    pub fn psa_sources(&self) -> Vec<&str> {
        self.psa.iter().map(|psa| psa.source.as_str()).collect()
    }

    /// How the deals of this account are read: as those of the first CRM when the book does not name
    /// it. Nothing that is read so is posted: [`crate::judge::judge_deal`] refuses it.
    pub fn crm_or_first(&self, source: &str, account: &str) -> &Crm {
        self.crm(source, account)
            .unwrap_or_else(|| self.crm.first())
    }

    /// How the projects and time of this account are read: as those of the first PSA when the book
    /// does not name it. Nothing that is read so is posted: [`crate::judge::judge_time`] refuses it.
    pub fn psa_or_first(&self, source: &str, account: &str) -> &Psa {
        self.psa(source, account)
            .unwrap_or_else(|| self.psa.first())
    }

    /// The CRM whose deals the projects of a PSA name.
    pub fn crm_of_projects(&self, psa: &Psa) -> Option<&Crm> {
        let Some(account) = &psa.crm_account else {
            return (self.crm.len() == 1).then(|| self.crm.first());
        };
        let mut of_account = self.crm.iter().filter(|crm| crm.account == *account);
        of_account.next().filter(|_| of_account.next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{TEXT, demo};
    use super::*;
    use crate::book::BadBook;

    /// The demo's book with a second portal, and what its PSA says of the CRM.
    fn two_portals(of_psa: &str) -> Result<Book, BadBook> {
        let (before, crm) = TEXT.split_once("[[crm]]").unwrap();
        let (crm, psa) = crm.split_once("[[psa]]").unwrap();
        let other = crm.replace("48807704", "5550123");
        let psa = psa.replacen("account = \"Cobalt\"", of_psa, 1);
        Book::parse(&format!("{before}[[crm]]{crm}[[crm]]{other}[[psa]]{psa}"))
    }

    #[test]
    fn each_account_has_its_own_words_and_one_that_is_not_named_those_of_the_first() {
        let book = two_portals("account = \"Cobalt\"\ncrm_account = \"5550123\"").unwrap();
        let account = |crm: &Crm| crm.account.clone();
        let named = book.crm("hubspot", "5550123").map(account);
        assert_eq!(named.as_deref(), Some("5550123"));
        assert!(book.crm("hubspot", "1").is_none() && book.crm("nobody", "5550123").is_none());
        assert_eq!(book.crm_or_first("hubspot", "1").account, "48807704");
        let psa = book.psa("connectwise", "Cobalt").unwrap();
        let crm = book.crm_of_projects(psa).map(account);
        assert_eq!(crm.as_deref(), Some("5550123"));
        let only = demo();
        let crm = only.crm_of_projects(only.psa.first()).map(account);
        assert_eq!(crm.as_deref(), Some("48807704"));
    }

    #[test]
    fn whose_deals_the_projects_of_a_psa_name_is_said_where_there_are_several_crms() {
        for of_psa in [
            "account = \"Cobalt\"",
            "account = \"Cobalt\"\ncrm_account = \"1\"",
        ] {
            let error = two_portals(of_psa).unwrap_err().to_string();
            assert!(
                error.contains("sources.toml:") && error.contains("psa.crm_account"),
                "{error}"
            );
            assert!(error.contains("48807704, 5550123"), "{error}");
        }
        let twice = TEXT.replacen("[[psa]]", "[[psa]]\nsource = \"x\"", 1);
        assert!(Book::parse(&twice).is_err());
    }

    #[test]
    fn the_same_member_of_two_accounts_is_two_people() {
        let others = "[[employees]]\npsa_member = \"AConsultant\"\npsa_account = \"Cobalt\"\nodoo = \"hr.carol\"\n";
        let book = Book::parse(&format!("{TEXT}\n{others}")).unwrap();
        assert_eq!(book.employee("Cobalt", "AConsultant"), Some("hr.carol"));
        let alice = book.employee("Granite", "AConsultant");
        assert_eq!(alice, Some("hr_demo.alice"));
        let unknown = others.replace("\"Cobalt\"", "\"Basalt\"");
        let error = Book::parse(&format!("{TEXT}\n{unknown}")).unwrap_err();
        assert!(
            error.to_string().contains("employees.psa_account"),
            "{error}"
        );
    }
}
