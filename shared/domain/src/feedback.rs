//! What goes back to a source.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Reference;
use crate::book::{Crm, CrmProperties, PsaFields};
use crate::command::Command;
use crate::customer::Rejected;
use crate::event::InvoiceStatus;
use crate::policy::CustomerField;

/// Absolute values to write on a record of a source: writing them twice changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// The record to change, in the source's own ids.
    pub target: Reference,
    /// The source's property names and their new values.
    pub properties: BTreeMap<String, String>,
    /// Those whose values are what Odoo answers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub awaited: BTreeMap<String, Answer>,
}

/// A part of what Odoo answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The number or name that people see.
    Name,
    /// The database id.
    Id,
    /// The number of the contract's order, which is told of another record.
    OrderName,
    /// Its database id.
    OrderId,
    /// What Odoo keeps of a customer's field, where the source's change was rejected.
    Kept {
        /// The field.
        field: CustomerField,
        /// Where the source has words of its own for Odoo's values.
        words: BTreeMap<String, String>,
    },
}

impl Feedback {
    /// With what Odoo answered: the record's id there, its number or name, and what was rejected; none when there is nothing to tell then.
    #[must_use]
    pub fn filled(mut self, id: i64, name: Option<&str>, rejected: &[Rejected]) -> Option<Self> {
        for (property, answer) in std::mem::take(&mut self.awaited) {
            if answer.is_of_the_order() {
                self.awaited.insert(property, answer);
            } else if let Some(value) = answer.of(id, name, rejected) {
                self.properties.insert(property, value);
            }
        }
        (!self.properties.is_empty() || !self.awaited.is_empty()).then_some(self)
    }

    /// With the order's id and number; none when there is nothing to tell then.
    #[must_use]
    pub fn with_order(mut self, id: i64, name: Option<&str>) -> Option<Self> {
        for (property, answer) in std::mem::take(&mut self.awaited) {
            let value = match answer {
                Answer::OrderName => name.unwrap_or_default().to_owned(),
                Answer::OrderId => id.to_string(),
                Answer::Name | Answer::Id | Answer::Kept { .. } => continue,
            };
            self.properties.insert(property, value);
        }
        (!self.properties.is_empty()).then_some(self)
    }
}

impl Answer {
    const fn is_of_the_order(&self) -> bool {
        matches!(self, Self::OrderName | Self::OrderId)
    }

    fn of(&self, id: i64, name: Option<&str>, rejected: &[Rejected]) -> Option<String> {
        match self {
            Self::Name => Some(name.unwrap_or_default().to_owned()),
            Self::Id => Some(id.to_string()),
            Self::OrderName | Self::OrderId => None,
            Self::Kept { field, words } => {
                let kept = rejected.iter().find(|rejected| rejected.field == *field)?;
                let value = kept.value.clone()?;
                match words.is_empty() {
                    true => Some(value),
                    false => words.get(&value).cloned(),
                }
            }
        }
    }
}

/// What the company shows of the fields that are not its CRM's, as far as the book names properties.
/// `terms` are the CRM's words for payment terms.
pub fn of_customer(
    customer: &Reference,
    names: &CrmProperties,
    terms: &BTreeMap<String, String>,
) -> Option<Feedback> {
    let words = || terms.iter().map(|(word, id)| (id.clone(), word.clone()));
    let answer = |field: CustomerField| Answer::Kept {
        field,
        words: match field == CustomerField::PaymentTerms {
            true => words().collect(),
            false => BTreeMap::new(),
        },
    };
    let named = names.customer.iter();
    let awaited: BTreeMap<String, Answer> = named
        .map(|(field, property)| (property.clone(), answer(*field)))
        .collect();
    (!awaited.is_empty()).then(|| Feedback {
        target: customer.clone(),
        properties: BTreeMap::new(),
        awaited,
    })
}

/// What the deal shows about what a command makes of it, as far as the book names properties.
pub fn of_command(command: &Command, deal: &Reference, names: &CrmProperties) -> Option<Feedback> {
    let named = match command {
        Command::CreateOrder(_) => [
            (&names.order_name, Answer::Name),
            (&names.order_id, Answer::Id),
        ],
        Command::CreateProject(_) => [
            (&names.project_name, Answer::Name),
            (&names.project_id, Answer::Id),
        ],
        Command::CreateCustomer(_)
        | Command::ConfirmOrder(_)
        | Command::CancelOrder(_)
        | Command::LinkProject(_)
        | Command::FollowProject(_)
        | Command::CreatePsaProject(_)
        | Command::LogTime(_)
        | Command::KeepAssignment(_)
        | Command::DraftInvoice(_)
        | Command::LinkInvoicedTime(_)
        | Command::PostInvoice(_) => return None,
    };
    let named = named.into_iter();
    let awaited: BTreeMap<String, Answer> = named
        .filter_map(|(property, answer)| Some((property.clone()?, answer)))
        .collect();
    (!awaited.is_empty()).then(|| Feedback {
        target: deal.clone(),
        properties: BTreeMap::new(),
        awaited,
    })
}

/// What a PSA project shows of the order and the project in Odoo that it stands for, as far as the book
/// names fields.
pub fn of_link(link: &Reference, names: &PsaFields) -> Option<Feedback> {
    let named = [
        (&names.order_name, Answer::OrderName),
        (&names.order_id, Answer::OrderId),
        (&names.project_name, Answer::Name),
        (&names.project_id, Answer::Id),
    ];
    let named = named.into_iter();
    let awaited: BTreeMap<String, Answer> = named
        .filter_map(|(field, answer)| Some((field.clone()?, answer)))
        .collect();
    let is_project = link.entity() == "project";
    (is_project && !awaited.is_empty()).then(|| Feedback {
        target: link.clone(),
        properties: BTreeMap::new(),
        awaited,
    })
}

/// The deal whose invoice this is: an invoice's id is the deal's id, a slash and a number.
pub fn deal_of(invoice: &Reference) -> Option<Reference> {
    let (deal, _) = invoice.id().rsplit_once('/')?;
    Some(Reference::new(
        invoice.system(),
        invoice.account(),
        "deal",
        deal,
    ))
}

/// How far an invoice is paid, in the CRM's words; none for a word of Odoo's that the book does not know.
pub fn payment_word<'a>(status: &'a InvoiceStatus, crm: &'a Crm) -> Option<&'a str> {
    let (word, words) = (&status.payment_state, &crm.invoice_states);
    match words.is_empty() {
        true => Some(word),
        false => words.get(word).map(String::as_str),
    }
}

/// What the deal shows about its invoice.
pub fn of_invoice(status: &InvoiceStatus, crm: &Crm) -> Option<Feedback> {
    let names = &crm.properties;
    let mut properties = BTreeMap::from([
        (names.invoice_number.clone(), status.number.clone()),
        (names.invoice_total.clone(), status.total.to_string()),
        (names.invoice_open.clone(), status.residual.to_string()),
    ]);
    if let Some(word) = payment_word(status, crm) {
        properties.insert(names.invoice_status.clone(), word.to_owned());
    }
    Some(Feedback {
        target: deal_of(&status.invoice)?,
        properties,
        awaited: BTreeMap::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::tests::demo;
    use crate::judge::deal_tests::{complete, order_of};

    #[test]
    fn a_deal_shows_its_orders_number_and_id_where_the_book_names_properties() {
        let deal = complete();
        let order = Command::CreateOrder(order_of(&deal));
        let mut names = demo().crm.first().properties.clone();
        names.order_name = None;
        names.order_id = None;
        assert_eq!(of_command(&order, &deal.reference, &names), None);
        names.order_name = Some("odoo_order".to_owned());
        names.order_id = Some("odoo_order_id".to_owned());
        let feedback = of_command(&order, &deal.reference, &names).unwrap();
        let told = feedback.filled(7, Some("S00007"), &[]).unwrap().properties;
        assert_eq!(told["odoo_order"], "S00007");
        assert_eq!(told["odoo_order_id"], "7");
        assert!(names.is_ours("odoo_order_id"), "our own echo is no news");
    }

    #[test]
    fn a_company_shows_what_odoo_keeps_in_the_crms_words_and_nothing_when_nothing_was_rejected() {
        let company = Reference::new("hubspot", "1", "company", "5");
        let mut names = demo().crm.first().properties.clone();
        let told = |names: &CrmProperties| of_customer(&company, names, &demo().payment_terms);
        assert_eq!(told(&names), None);
        for (field, property) in [
            (CustomerField::PaymentTerms, "odoo_terms"),
            (CustomerField::Name, "odoo_name"),
        ] {
            names.customer.insert(field, property.to_owned());
        }
        assert_eq!(told(&names).unwrap().filled(7, None, &[]), None);
        let rejected = Rejected {
            field: CustomerField::PaymentTerms,
            owner: crate::policy::Owner::Odoo,
            value: Some("account.account_payment_term_immediate".to_owned()),
        };
        let told = told(&names).unwrap().filled(7, None, &[rejected]).unwrap();
        assert_eq!(told.target, company);
        let expected = BTreeMap::from([("odoo_terms".to_owned(), "Immediate".to_owned())]);
        assert_eq!(told.properties, expected);
    }

    #[test]
    fn a_psa_project_shows_its_order_and_its_project_in_odoo_once_both_are_known() {
        let names = PsaFields {
            order_name: Some("Odoo order".to_owned()),
            project_id: Some("Odoo project".to_owned()),
            ..PsaFields::default()
        };
        let project = Reference::new("connectwise", "Cobalt", "project", "77");
        let told = of_link(&project, &names).unwrap();
        let told = told.filled(4, Some("Data platform"), &[]).unwrap();
        let told = told.with_order(12, Some("S00012")).unwrap();
        let expected = [("Odoo order", "S00012"), ("Odoo project", "4")];
        let expected = expected.map(|(field, value)| (field.to_owned(), value.to_owned()));
        assert_eq!(told.properties, BTreeMap::from(expected));
        assert_eq!(of_link(&project, &PsaFields::default()), None);
        let work = project.sibling("customer_work");
        assert_eq!(of_link(&work, &names), None, "it is no project of the PSA");
    }

    #[test]
    fn a_payment_state_is_told_in_the_crms_word_and_an_unmapped_one_is_not() {
        let status = |payment_state: &str| InvoiceStatus {
            invoice: Reference::new("hubspot", "1", "invoice", "9/1"),
            version: crate::Version(1),
            number: "INV/2026/00001".to_owned(),
            payment_state: payment_state.to_owned(),
            total: rust_decimal::dec!(120),
            residual: rust_decimal::dec!(0),
            currency: "USD".to_owned(),
        };
        let mut crm = demo().crm.first().clone();
        assert_eq!(payment_word(&status("paid"), &crm), Some("paid"));
        let words = [("paid".to_owned(), "Paid".to_owned())];
        crm.invoice_states = BTreeMap::from(words);
        assert_eq!(payment_word(&status("paid"), &crm), Some("Paid"));
        assert_eq!(payment_word(&status("blocked"), &crm), None);
        let told = of_invoice(&status("blocked"), &crm).unwrap();
        assert!(!told.properties.contains_key(&crm.properties.invoice_status));
        assert_eq!(told.properties.len(), 3);
    }
}
