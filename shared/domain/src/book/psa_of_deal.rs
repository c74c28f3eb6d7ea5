//! In which PSA a deal's contract gets a project, and whose project it is there.

use super::{Book, Crm, Entity, Psa};
use crate::Reference;

impl Psa {
    /// Whose customer a company of the CRM is here: `customers` read the other way round. Several
    /// where the book names several.
    pub fn customers_of(&self, company: &Reference) -> Vec<&str> {
        let of_company = self.customers.iter().filter(|(_, id)| *id == company.id());
        of_company.map(|(customer, _)| customer.as_str()).collect()
    }
}

impl Book {
    /// The PSA in which the contracts of a CRM's deals and of an entity get a project, where there is one.
    pub fn creates_projects(&self, deal: &Reference, entity: &Entity) -> Option<&Psa> {
        let of_deal = self.crm(deal.system(), deal.account())?;
        self.psa.iter().find(|psa| {
            let creates = psa.projects.create.as_ref().is_some_and(|create| {
                let is_it = |key: &String| self.entities.get(key) == Some(entity);
                create.entities.is_empty() || create.entities.iter().any(is_it)
            });
            let same = |crm: &Crm| crm.source == of_deal.source && crm.account == of_deal.account;
            creates && self.crm_of_projects(psa).is_some_and(same)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::book::Book;
    use crate::book::tests::TEXT;

    use super::*;

    fn with(psa: &str, create: &str) -> Result<Book, crate::book::BadBook> {
        let text = TEXT.replace("deal_id_field =", &format!("{psa}\ndeal_id_field ="));
        Book::parse(&format!("{text}\n[psa.projects.create]\n{create}"))
    }

    const CREATE: &str = "board = 3\ndeal_field_id = 11";
    const CUSTOMERS: &str = "customers = { 250 = \"9075112200\", 251 = \"9075112201\" }";

    #[test]
    fn the_contracts_of_an_entity_get_a_project_where_the_book_says_so() {
        let deal = Reference::new("hubspot", "48807704", "deal", "1");
        let book = with(CUSTOMERS, CREATE).unwrap();
        let us = book.entities["us"].clone();
        let eu = Entity {
            odoo_company: 2,
            ..us.clone()
        };
        let of_us = format!("{CREATE}\nentities = [\"us\"]");
        for (create, entity, account) in [
            (CREATE, &us, Some("Cobalt")),
            (CREATE, &eu, Some("Cobalt")),
            (&of_us, &us, Some("Cobalt")),
            (&of_us, &eu, None),
        ] {
            let book = with(CUSTOMERS, create).unwrap();
            let psa = book.creates_projects(&deal, entity);
            assert_eq!(psa.map(|psa| psa.account.as_str()), account, "{create}");
        }
        let other = Reference::new("hubspot", "1", "deal", "1");
        assert!(book.creates_projects(&other, &us).is_none());
        let none = Book::parse(TEXT).unwrap();
        assert!(none.creates_projects(&deal, &us).is_none());
        assert_eq!(book.psa.first().projects.create.as_ref().unwrap().days, 90);
    }

    #[test]
    fn a_company_of_the_crm_is_found_among_the_psas_customers() {
        let book = with(CUSTOMERS, CREATE).unwrap();
        let company = |id| Reference::new("hubspot", "48807704", "company", id);
        let psa = book.psa.first();
        assert_eq!(psa.customers_of(&company("9075112201")), ["251"]);
        assert!(psa.customers_of(&company("7")).is_empty());
    }

    #[test]
    fn what_could_never_create_a_project_is_a_flaw_of_the_book() {
        let told = |psa: &str, create: &str| with(psa, create).unwrap_err().to_string();
        let without = told("", CREATE);
        assert!(
            without.contains("psa.projects.create") && without.contains("customers"),
            "{without}"
        );
        let nowhere = told(CUSTOMERS, &format!("{CREATE}\nentities = [\"mars\"]"));
        assert!(
            nowhere.contains("psa.projects.create.entities") && nowhere.contains("us"),
            "{nowhere}"
        );
        let method = told(CUSTOMERS, &format!("{CREATE}\nbilling_method = \"Hours\""));
        assert!(method.contains("OverrideRate"), "{method}");
        let board = told(CUSTOMERS, "deal_field_id = 11");
        assert!(board.contains("board"), "{board}");
        let text = TEXT.replace("source = \"connectwise\"", "source = \"autotask\"");
        let text = text.replace("deal_id_field =", &format!("{CUSTOMERS}\ndeal_id_field ="));
        let other = Book::parse(&format!("{text}\n[psa.projects.create]\n{CREATE}"));
        let other = other.unwrap_err().to_string();
        assert!(other.contains("connectwise"), "{other}");
    }

    #[test]
    fn two_psas_never_both_create_the_project_of_a_deal() {
        let (before, psa) = TEXT.split_once("[[psa]]").unwrap();
        let psa = psa.replace("deal_id_field =", &format!("{CUSTOMERS}\ndeal_id_field ="));
        let psa = format!("{psa}\n[psa.projects.create]\n{CREATE}\n");
        let other = psa.replace("Cobalt", "Nickel");
        let (_, of_psa) = TEXT.split_once("[[psa]]").unwrap();
        // What follows the PSA in the file is there once.
        let tail = of_psa.find("\n[[").map_or("", |at| &of_psa[at..]);
        let text = format!("{before}[[psa]]{psa}\n[[psa]]{}", other.replace(tail, ""));
        let error = Book::parse(&text).unwrap_err().to_string();
        assert!(error.contains("psa.projects.create"), "{error}");
        assert!(error.contains("Cobalt"), "{error}");
    }
}
