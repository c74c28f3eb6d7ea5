//! What tax the firm expects Odoo to charge: for whom, for what, sold by which company.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

use super::{Book, Entity};
use crate::DecimalText;
use crate::event::Customer;

/// What the book writes where no fiscal position is expected.
pub const NO_FISCAL_POSITION: &str = "none";

/// What Odoo's fiscal position is expected to make of a line. It holds for what fits all that it
/// names; of several the last one counts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TaxProfile {
    /// What people call it, for example `reverse charge`.
    pub name: String,
    /// Only what this company sells, by its key in `[entities]`.
    #[serde(default)]
    pub entity: Option<String>,
    /// Only for this customer, by its id in the CRM.
    #[serde(default)]
    pub customer: Option<String>,
    /// Only for customers in these countries, by their ISO 3166-1 alpha-2 codes.
    #[serde(default)]
    pub countries: Vec<String>,
    /// Only for customers with a tax number (`true`), or without one (`false`).
    #[serde(default)]
    pub tax_number: Option<bool>,
    /// Only for this service, by its key.
    #[serde(default)]
    pub service: Option<String>,
    /// External id of the fiscal position that the order must have, or `none`.
    #[serde(default)]
    pub fiscal_position: Option<String>,
    /// External ids of the taxes that the line must have: exactly these.
    #[serde(default)]
    pub taxes: Option<Vec<String>>,
    /// What is added to the price in percent, as text: `"21"`; `"0"` for reverse charge.
    #[serde(deserialize_with = "rate")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub rate: Decimal,
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    percent(deserializer, "rate of tax")
}

/// A percentage from its digits: a number of TOML would pass through a float.
pub(super) fn percent<'de, D: Deserializer<'de>>(
    deserializer: D,
    what: &str,
) -> Result<Decimal, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parsed: Result<DecimalText, _> = text.parse();
    let rate = parsed.map(|rate| rate.0).ok();
    rate.filter(|rate| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(rate))
        .ok_or_else(|| {
            serde::de::Error::custom(format!(
                "{text:?} is no {what} in percent; write it as \"21\""
            ))
        })
}

impl Book {
    /// What tax a service of this company has for a customer; none when no profile fits.
    pub fn tax_profile(
        &self,
        entity: &Entity,
        customer: &Customer,
        service: &str,
    ) -> Option<&TaxProfile> {
        let has_number = customer
            .vat
            .as_deref()
            .is_some_and(|vat| !vat.trim().is_empty());
        let is_in = |countries: &[String]| {
            let country = customer.country.as_deref();
            country.is_some_and(|is| countries.iter().any(|one| one.eq_ignore_ascii_case(is)))
        };
        let fits = |profile: &&TaxProfile| {
            let of_entity = |key: &String| self.entities.get(key) == Some(entity);
            profile.entity.as_ref().is_none_or(of_entity)
                && (profile.customer.as_deref()).is_none_or(|id| id == customer.reference.id())
                && (profile.countries.is_empty() || is_in(&profile.countries))
                && profile.tax_number.is_none_or(|wanted| wanted == has_number)
                && profile.service.as_deref().is_none_or(|one| one == service)
        };
        self.tax_profiles.iter().rfind(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reference;
    use crate::book::{BadBook, DEMO};

    fn with(profiles: &str) -> Result<Book, BadBook> {
        Book::parse(&format!("{DEMO}#: taxes.toml\n{profiles}"))
    }

    fn customer(country: &str, vat: &str) -> Customer {
        Customer {
            reference: Reference::new("hubspot", "1", "company", "5"),
            name: "Acme".to_owned(),
            vat: Some(vat.to_owned()),
            country: Some(country.to_owned()),
            address: crate::customer::Address::default(),
            language: None,
            version: None,
            hints: crate::customer::Hints::default(),
        }
    }

    const PROFILES: &str = r#"
[[tax_profiles]]
name = "domestic"
entity = "us"
countries = ["US"]
rate = "15"

[[tax_profiles]]
name = "export"
countries = ["FR", "DE"]
tax_number = true
rate = "0"

[[tax_profiles]]
name = "training is free of tax"
countries = ["US"]
service = "architect"
rate = "0"
"#;

    #[test]
    fn the_last_profile_that_fits_everything_counts() {
        let book = with(PROFILES).unwrap();
        let name = |country: &str, vat: &str, service: &str| {
            let customer = customer(country, vat);
            let profile = book.tax_profile(&book.entities["us"], &customer, service);
            profile.map(|profile| profile.name.as_str())
        };
        assert_eq!(name("us", "", "senior_consultant"), Some("domestic"));
        assert_eq!(name("US", "", "architect"), Some("training is free of tax"));
        assert_eq!(name("FR", "FR23", "senior_consultant"), Some("export"));
        assert_eq!(name("FR", " ", "senior_consultant"), None, "no tax number");
        assert_eq!(name("JP", "1", "senior_consultant"), None);
    }

    #[test]
    fn what_is_wrong_with_a_profile_is_told_with_its_line() {
        let refused = |from: &str, to: &str| {
            let text = PROFILES.replacen(from, to, 1);
            with(&text).unwrap_err().to_string()
        };
        for (from, to, says) in [
            ("rate = \"15\"", "rate = \"115\"", "no rate of tax"),
            (
                "entity = \"us\"",
                "entity = \"uk\"",
                "\"uk\" is no key of [entities]",
            ),
            (
                "\"architect\"",
                "\"cook\"",
                "\"cook\" is no key of [[services]]",
            ),
            ("\"export\"", "\"domestic\"", "is named twice"),
            ("\"FR\"", "\"France\"", "\"France\" is no country code"),
            (
                "\"export\"",
                "\"export\"\nfiscal_position = \"abroad\"",
                "no external id",
            ),
        ] {
            let error = refused(from, to);
            assert!(error.contains("taxes.toml:"), "{error}");
            assert!(error.contains(says), "{error}");
        }
    }
}
