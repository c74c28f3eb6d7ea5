//! A tax that is not the one of the book's profile.

use super::Objection;
use crate::command::{LogTime, OrderLine};
use crate::{ExceptionClass, Reference};

/// Whether the source counts with another tax than the order line that bills the work.
pub fn taxed_otherwise(entry: &Reference, time: &LogTime, line: &OrderLine) -> Option<Objection> {
    let (said, expected) = (time.coding.tax_percent?, line.tax.as_ref()?);
    if said == expected.rate || time.billable.is_zero() {
        return None;
    }
    let items = vec![format!(
        "{} says {} % tax, the tax profile {:?} expects {} %",
        entry.system(),
        said.normalize(),
        expected.profile,
        expected.rate.normalize()
    )];
    Some(tax_mismatch(&format!("time entry {}", entry.id()), items))
}

/// The question; each item names what was expected and what was found.
pub fn tax_mismatch(of: &str, items: Vec<String>) -> Objection {
    Objection {
        code: "tax_mismatch",
        class: ExceptionClass::BusinessRule,
        sentence: format!("Tax mismatch: {of} has another tax than the book's profile"),
        items,
        fix: "Correct the customer's fiscal position or the product's taxes in Odoo, or what the \
              source says, then: tenon retry"
            .to_owned(),
        owner: "finance",
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;
    use crate::command::{Command, ExpectedTax};
    use crate::judge::deal_tests::{complete, order_of};

    fn asked(said: Option<&str>, billable: i64, has_profile: bool) -> Option<Objection> {
        let mut line = order_of(&complete()).lines[0].clone();
        line.tax = has_profile.then(|| ExpectedTax {
            profile: "reverse charge".to_owned(),
            fiscal_position: None,
            taxes: None,
            rate: dec!(0.00),
        });
        let mut time = LogTime::of_somebody(&line.service, jiff::civil::date(2026, 11, 3));
        time.billable = billable.into();
        time.coding.tax_percent = said.map(|said| said.parse().unwrap());
        let entry = Reference::new("connectwise", "a", "time_entry", "501");
        // A command that says nothing more looks as it did before there were tax profiles.
        if said.is_none() {
            let text = serde_json::to_string(&Command::LogTime(time.clone())).unwrap();
            assert!(!text.contains("coding"), "{text}");
        }
        taxed_otherwise(&entry, &time, &line)
    }

    #[test]
    fn another_rate_than_the_profiles_is_a_question_that_names_both() {
        let question = asked(Some("19"), 8, true).unwrap();
        assert_eq!(question.code, "tax_mismatch");
        assert_eq!(
            question.items,
            ["connectwise says 19 % tax, the tax profile \"reverse charge\" expects 0 %"]
        );
        assert_eq!(asked(Some("0"), 8, true), None);
        assert_eq!(asked(Some("19"), 0, true), None, "nothing is billed");
        assert_eq!(asked(Some("19"), 8, false), None, "no profile");
        assert_eq!(asked(None, 8, true), None, "the source says none");
    }
}
