//! Whether hours still fit into what a contract may bill by hours. Odoo's quantities are no limit.

use rust_decimal::Decimal;

use super::Objection;
use super::deal_lines::net;
use crate::command::{CreateOrder, LineBilling};
use crate::{ExceptionClass, Reference};

/// The hours that are delivered on an order's lines.
pub type Delivered = Vec<(Reference, Decimal)>;

/// The question when `hours` more on `line` would exceed the contract's cap. They are not split: a
/// person decides about all of them.
pub fn over_cap(
    deal: &Reference,
    order: &CreateOrder,
    delivered: &Delivered,
    line: &Reference,
    hours: Decimal,
) -> Option<Objection> {
    let by_hours = |of: &Reference| {
        let mut lines = order.lines.iter();
        lines.find(|line| line.reference == *of && line.billing == LineBilling::TimeAndMaterials)
    };
    by_hours(line)?;
    let (mut sum, mut worth) = (Decimal::ZERO, Decimal::ZERO);
    let more = [(line.clone(), hours)];
    for (of, hours) in delivered.iter().chain(&more) {
        if let Some(line) = by_hours(of) {
            sum += hours;
            let quantity = hours / line.hours_per_unit();
            worth += net(quantity, line.unit_price, line.discount_percent);
        }
    }
    let item = match (order.cap.hours, order.cap.amount) {
        (Some(cap), _) if sum > cap => {
            let (sum, cap) = (sum.normalize(), cap.normalize());
            format!("with it {sum} h are billed by hours, the cap is {cap} h")
        }
        (_, Some(cap)) if worth > cap => {
            let currency = &order.currency;
            format!("with it {worth:.2} {currency} are billed by hours, the cap is {cap:.2}")
        }
        _ => return None,
    };
    Some(Objection {
        code: "over_cap",
        class: ExceptionClass::BusinessRule,
        sentence: format!("Approved time is more than contract {} may bill", deal.id()),
        items: vec![item],
        fix: "Raise the cap on the deal, or make the hours not billable in the PSA; for a raised cap, then: tenon retry"
            .to_owned(),
        owner: "delivery",
    })
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;
    use crate::command::Cap;
    use crate::judge::deal_tests::{complete, order_of};

    fn item(cap: Cap, line: usize, hours: Decimal) -> Option<String> {
        let deal = complete();
        let order = CreateOrder {
            cap,
            ..order_of(&deal)
        };
        let delivered = vec![
            (order.lines[0].reference.clone(), dec!(90)),
            (order.lines[1].reference.clone(), dec!(5)),
            (order.lines[2].reference.clone(), dec!(1)),
        ];
        let line = &order.lines[line].reference;
        let objection = over_cap(&deal.reference, &order, &delivered, line, hours);
        objection.map(|objection| objection.items.concat())
    }

    #[test]
    fn hours_fit_up_to_the_cap_and_not_beyond() {
        let cap = Cap {
            hours: Some(dec!(100)),
            amount: None,
        };
        assert_eq!(item(cap, 0, dec!(5)), None);
        assert_eq!(
            item(cap, 1, dec!(5.25)).as_deref(),
            Some("with it 100.25 h are billed by hours, the cap is 100 h")
        );
        assert_eq!(item(Cap::default(), 0, dec!(500)), None);
        assert_eq!(
            item(cap, 2, dec!(50)),
            None,
            "an instalment is not billed by hours"
        );
    }

    #[test]
    fn money_is_counted_at_each_lines_own_price() {
        // 90 × 144 + 5 × 210 = 14,010.
        let cap = Cap {
            hours: None,
            amount: Some(dec!(14154)),
        };
        assert_eq!(item(cap, 0, dec!(1)), None);
        assert_eq!(
            item(cap, 1, dec!(1)).as_deref(),
            Some("with it 14220.00 USD are billed by hours, the cap is 14154.00")
        );
    }
}
