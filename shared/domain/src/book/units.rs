//! In which units services are sold, and what they are called in Odoo.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Book, Service};
use crate::DecimalText;

/// In what a service is counted and priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ServiceUnit {
    /// Hours.
    Hour,
    /// Days of so many hours as `[units]` says.
    Day,
    /// Pieces: an instalment, a milestone, a month.
    Unit,
}

/// What a line is counted in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineUnit {
    /// External id of the unit of measure in Odoo.
    pub uom: String,
    /// How many hours one of it has; none for what has no length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Decimal>,
}

impl fmt::Display for ServiceUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Unit => "unit",
        })
    }
}

/// The units of measure in Odoo.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Units {
    /// External id of the hour; `uom.product_uom_hour` when missing.
    pub hour: String,
    /// External id of the day; `uom.product_uom_day` when missing.
    pub day: String,
    /// External id of the piece; `uom.product_uom_unit` when missing.
    pub unit: String,
    /// How many hours a day has, as text; `"8"` when missing. Odoo's unit must say the same.
    #[serde(deserialize_with = "hours")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub hours_per_day: Decimal,
}

impl Default for Units {
    fn default() -> Self {
        Self {
            hour: "uom.product_uom_hour".to_owned(),
            day: "uom.product_uom_day".to_owned(),
            unit: "uom.product_uom_unit".to_owned(),
            hours_per_day: Decimal::from(8),
        }
    }
}

/// Hours from their digits: a number of TOML would pass through a float.
fn hours<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parsed: Result<DecimalText, _> = text.parse();
    let hours = parsed.map(|hours| hours.0).ok();
    hours
        .filter(|hours| *hours > Decimal::ZERO && *hours <= Decimal::from(24))
        .ok_or_else(|| {
            serde::de::Error::custom(format!(
                "{text:?} is no number of hours of a day; write it as \"8\" or \"7.5\""
            ))
        })
}

impl Service {
    /// What its lines are counted in.
    pub fn counted_in(&self) -> ServiceUnit {
        let usual = match self.billing.takes_time() {
            true => ServiceUnit::Hour,
            false => ServiceUnit::Unit,
        };
        self.unit.unwrap_or(usual)
    }
}

impl Book {
    /// The unit that the catalogue gives a service; none where it leaves that to Odoo's product.
    pub fn unit_of(&self, service: &Service) -> Option<LineUnit> {
        let units = &self.units;
        let (uom, hours) = match service.unit? {
            ServiceUnit::Hour => (&units.hour, Some(Decimal::ONE)),
            ServiceUnit::Day => (&units.day, Some(units.hours_per_day)),
            ServiceUnit::Unit => (&units.unit, None),
        };
        Some(LineUnit {
            uom: uom.clone(),
            hours,
        })
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::super::tests::TEXT;
    use super::*;

    #[test]
    fn a_unit_has_its_name_in_odoo_and_its_hours() {
        let by_the_day = TEXT.replacen(
            "sku = \"SVC-ARCH\"",
            "sku = \"SVC-ARCH\"\nunit = \"day\"",
            1,
        );
        let of_architect = |text: &str| {
            let book = Book::parse(text).unwrap();
            let service = book.service_by_sku("SVC-ARCH").unwrap();
            (service.counted_in(), book.unit_of(service))
        };
        assert_eq!(of_architect(TEXT), (ServiceUnit::Hour, None));
        let day = |hours| LineUnit {
            uom: "uom.product_uom_day".to_owned(),
            hours: Some(hours),
        };
        let eight = (ServiceUnit::Day, Some(day(dec!(8))));
        assert_eq!(of_architect(&by_the_day), eight);
        let shorter = format!("{by_the_day}\n#: units.toml\n[units]\nhours_per_day = \"7.5\"\n");
        assert_eq!(of_architect(&shorter).1, Some(day(dec!(7.5))));
        let none = shorter.replace("7.5", "0");
        let error = Book::parse(&none).unwrap_err().to_string();
        assert!(error.contains("units.toml:2"), "{error}");
        let pieces = by_the_day.replace("unit = \"day\"", "unit = \"unit\"");
        let error = Book::parse(&pieces).unwrap_err().to_string();
        assert!(
            error.contains("services.unit: work is logged in hours"),
            "{error}"
        );
    }
}
