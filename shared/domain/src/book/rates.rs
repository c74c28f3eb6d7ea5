//! What an hour of a service costs the customer, from one day to another.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

use super::{Book, Entity};
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
                ..
            } = card.clone();
            (service, currency, entity, customer)
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

impl Book {
    /// The rate cards of a service for a contract, by the day on which they begin. Those of the
    /// customer count before those of the selling company, and these before everybody's.
    pub fn rates(
        &self,
        service: &str,
        currency: &str,
        entity: &Entity,
        customer: &str,
    ) -> Vec<&RateCard> {
        let key = self.entities.iter().find(|(_, one)| *one == entity);
        let key = key.map(|(key, _)| key.as_str());
        let fits = |card: &&RateCard| {
            let of = |wanted: &Option<String>, is: Option<&str>| {
                wanted.as_deref().is_none_or(|wanted| Some(wanted) == is)
            };
            card.service == service
                && card.currency == currency
                && of(&card.entity, key)
                && of(&card.customer, Some(customer))
        };
        let special = |card: &&RateCard| (card.customer.is_some(), card.entity.is_some());
        let fitting: Vec<&RateCard> = self.rate_cards.iter().filter(fits).collect();
        let most = fitting.iter().map(special).max();
        let mut rates: Vec<&RateCard> = fitting
            .into_iter()
            .filter(|card| Some(special(card)) == most)
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
            let rates = book.rates("architect", "USD", &book.entities["us"], customer);
            rates
                .iter()
                .map(|card| card.price.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(price(&[&general], "5"), ["200"]);
        assert_eq!(price(&[&general, &of_entity], "5"), ["210"]);
        assert_eq!(price(&[&general, &of_entity, &of_customer], "5"), ["190"]);
        assert_eq!(price(&[&general, &of_customer], "6"), ["200"]);
        let other = with(&general).unwrap();
        assert!(
            other
                .rates("architect", "EUR", &other.entities["us"], "5")
                .is_empty()
        );
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
