//! What an hour of a service costs the customer, from one day to another.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

use super::{Book, Employee, Entity};
use crate::DecimalText;

/// A price that the firm has agreed on, for everybody or for one customer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RateCard {
    /// The key of the service whose hours have this price.
    pub service: String,
    /// The price of an hour without tax and before discount, as text: `"165.00"`.
    #[serde(deserialize_with = "price")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub price: Decimal,
    /// ISO 4217 code.
    pub currency: String,
    /// Only for contracts of this selling company, by its key in `[entities]`.
    #[serde(default)]
    pub entity: Option<String>,
    /// Only for this customer, by its id in the CRM.
    #[serde(default)]
    pub customer: Option<String>,
    /// Only for this contract, by the deal's id in the CRM: each contract has one project.
    #[serde(default)]
    pub project: Option<String>,
    /// Only for work of this person, by the member's identifier in the PSA (`psa_member`).
    #[serde(default)]
    pub person: Option<String>,
    /// Only for work in this role or skill, by the PSA's work role of the service.
    #[serde(default)]
    pub role: Option<String>,
    /// The first day on which hours are worked at this price.
    pub from: Date,
    /// The last one; without it, until further notice.
    #[serde(default)]
    pub until: Option<Date>,
}

impl RateCard {
    /// Whether it has a price for hours of this day.
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    /// Whether both are for the same contracts and share a day.
    pub fn overlaps(&self, other: &Self) -> bool {
        let scope = |card: &Self| {
            let Self {
                service,
                currency,
                entity,
                customer,
                project,
                person,
                role,
                ..
            } = card.clone();
            (service, currency, entity, customer, project, person, role)
        };
        let begins_before_the_end_of =
            |one: &Self, other: &Self| other.until.is_none_or(|until| one.from <= until);
        scope(self) == scope(other)
            && begins_before_the_end_of(self, other)
            && begins_before_the_end_of(other, self)
    }
}

/// A price from its digits: a number of TOML would pass through a float.
fn price<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parsed: Result<DecimalText, _> = text.parse();
    let price = parsed.map(|price| price.0).ok();
    price
        .filter(|price| *price >= Decimal::ZERO)
        .ok_or_else(|| {
            serde::de::Error::custom(format!("{text:?} is no price; write it as \"165.00\""))
        })
}

/// A contract, as far as rate cards tell contracts apart.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// ISO 4217 code.
    pub currency: &'a str,
    /// Who sells.
    pub entity: &'a Entity,
    /// The customer's id in the CRM.
    pub customer: &'a str,
    /// The deal's id in the CRM.
    pub contract: &'a str,
}

impl RateCard {
    /// How special it is: a contract's cards count before the customer's, these before the selling
    /// company's, and these before everybody's.
    const fn rank(&self) -> (bool, bool, bool) {
        (
            self.project.is_some(),
            self.customer.is_some(),
            self.entity.is_some(),
        )
    }

    fn whose(&self) -> (Option<&str>, Option<&str>) {
        (self.person.as_deref(), self.role.as_deref())
    }
}

impl Book {
    /// The rate cards of a service for a contract that are for everybody's work, by the day on which
    /// they begin: only the most special ones.
    pub fn rates(&self, service: &str, of: &Scope<'_>) -> Vec<&RateCard> {
        self.rates_of(service, of, (None, None))
    }

    /// Those for one person's work, or for work in one role.
    pub fn own_rates(&self, service: &str, of: &Scope<'_>) -> Vec<&RateCard> {
        let mut whose: Vec<_> = self.rate_cards.iter().map(RateCard::whose).collect();
        whose.sort_unstable();
        whose.dedup();
        whose.retain(|whose| *whose != (None, None));
        whose
            .into_iter()
            .flat_map(|whose| self.rates_of(service, of, whose))
            .collect()
    }

    /// The employee whom a PSA calls so, whichever it is.
    pub fn called(&self, member: &str) -> Option<&Employee> {
        let mut employees = self.employees.iter();
        employees.find(|employee| employee.psa_member == member)
    }

    /// Whether the price of a service depends on the role.
    pub fn has_roles_rates(&self, service: &str) -> bool {
        let mut cards = self.rate_cards.iter();
        cards.any(|card| card.service == service && card.role.is_some())
    }

    fn rates_of<'a>(
        &'a self,
        service: &str,
        of: &Scope<'_>,
        whose: (Option<&str>, Option<&str>),
    ) -> Vec<&'a RateCard> {
        let key = self.entities.iter().find(|(_, one)| *one == of.entity);
        let key = key.map(|(key, _)| key.as_str());
        let fits = |card: &&RateCard| {
            let is = |wanted: &Option<String>, is: Option<&str>| {
                wanted.as_deref().is_none_or(|wanted| Some(wanted) == is)
            };
            card.service == service
                && card.currency == of.currency
                && card.whose() == whose
                && is(&card.entity, key)
                && is(&card.customer, Some(of.customer))
                && is(&card.project, Some(of.contract))
        };
        let fitting: Vec<&RateCard> = self.rate_cards.iter().filter(fits).collect();
        let most = fitting.iter().map(|card| card.rank()).max();
        let mut rates: Vec<&RateCard> = fitting
            .into_iter()
            .filter(|card| Some(card.rank()) == most)
            .collect();
        rates.sort_by_key(|card| card.from);
        rates
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::DEMO;

    fn with(cards: &str) -> Result<Book, crate::book::BadBook> {
        Book::parse(&format!("{DEMO}#: rates.toml\n{cards}"))
    }

    fn of<'a>(book: &'a Book, currency: &'a str, customer: &'a str) -> Scope<'a> {
        Scope {
            currency,
            entity: &book.entities["us"],
            customer,
            contract: "99",
        }
    }

    fn card(rest: &str) -> String {
        format!("[[rate_cards]]\nservice = \"architect\"\ncurrency = \"USD\"\n{rest}\n")
    }

    #[test]
    fn the_most_special_cards_count() {
        let general = card("price = \"200\"\nfrom = \"2026-01-01\"");
        let of_entity = card("price = \"210\"\nfrom = \"2026-01-01\"\nentity = \"us\"");
        let of_customer = card("price = \"190\"\nfrom = \"2026-01-01\"\ncustomer = \"5\"");
        let price = |cards: &[&String], customer: &str| {
            let text: String = cards.iter().map(|card| card.as_str()).collect();
            let book = with(&text).unwrap();
            let rates = book.rates("architect", &of(&book, "USD", customer));
            rates
                .iter()
                .map(|card| card.price.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(price(&[&general], "5"), ["200"]);
        assert_eq!(price(&[&general, &of_entity], "5"), ["210"]);
        assert_eq!(price(&[&general, &of_entity, &of_customer], "5"), ["190"]);
        assert_eq!(price(&[&general, &of_customer], "6"), ["200"]);
        let of_contract = card("price = \"180\"\nfrom = \"2026-01-01\"\nproject = \"99\"");
        let of_another = card("price = \"170\"\nfrom = \"2026-01-01\"\nproject = \"98\"");
        let all = [&general, &of_customer, &of_contract, &of_another];
        assert_eq!(price(&all, "5"), ["180"], "the contract's count first");
        let other = with(&general).unwrap();
        assert!(other.rates("architect", &of(&other, "EUR", "5")).is_empty());
    }

    #[test]
    fn what_is_wrong_with_a_card_is_told_with_its_line() {
        let refused = |cards: &str| with(cards).unwrap_err().to_string();
        let number = refused(&card("price = 200.5\nfrom = \"2026-01-01\""));
        assert!(number.contains("rates.toml:4"), "{number}");
        let unknown =
            refused(&card("price = \"1\"\nfrom = \"2026-01-01\"").replace("architect", "cook"));
        assert!(
            unknown.contains("\"cook\" is no key of [[services]]"),
            "{unknown}"
        );
        let nobody = refused(&card(
            "price = \"1\"\nfrom = \"2026-01-01\"\nperson = \"Nobody\"",
        ));
        assert!(
            nobody.contains("rate_cards.person: \"Nobody\" is no psa_member"),
            "{nobody}"
        );
        let cook = refused(&card(
            "price = \"1\"\nfrom = \"2026-01-01\"\nrole = \"Cook\"",
        ));
        assert!(
            cook.contains("rate_cards.role: \"Cook\" is no work role"),
            "{cook}"
        );
        let backwards = refused(&card(
            "price = \"1\"\nfrom = \"2026-07-01\"\nuntil = \"2026-06-30\"",
        ));
        assert!(backwards.contains("rate_cards.until"), "{backwards}");
        let twice = card("price = \"1\"\nfrom = \"2026-01-01\"")
            + &card("price = \"2\"\nfrom = \"2026-07-01\"");
        let twice = refused(&twice);
        assert!(
            twice.contains("rate_cards.from") && twice.contains("another"),
            "{twice}"
        );
    }
}
