//! What a confirmed contract can bill without anybody's hours.

use jiff::ToSpan as _;
use rust_decimal::prelude::ToPrimitive as _;

use crate::billing::{Unit, UnitKind};
use crate::command::{CreateOrder, LineBilling, OrderLine};
use crate::{Reference, Version};

/// An instalment, a milestone and a retainer are one unit each; a service by the month is one for
/// each month.
/// Where the PSA invoices, there is none.
pub fn units_of(order: &CreateOrder, version: Version) -> Vec<Unit> {
    if !order.issuer.is_odoo() {
        return Vec::new();
    }
    order
        .lines
        .iter()
        .flat_map(|line| of_line(line, version))
        .collect()
}

fn of_line(line: &OrderLine, version: Version) -> Vec<Unit> {
    let unit = |reference, day, quantity| Unit {
        reference,
        line: line.reference.clone(),
        day,
        quantity,
        kind: UnitKind::Instalment,
        version,
    };
    match line.billing {
        LineBilling::TimeAndMaterials => Vec::new(),
        LineBilling::Instalment { due }
        | LineBilling::Milestone { due }
        | LineBilling::Retainer { due } => {
            vec![unit(line.reference.clone(), due, line.quantity)]
        }
        LineBilling::Recurring { from } => {
            let months = line.quantity.to_i64().unwrap_or_default();
            let day = |month: i64| from.saturating_add(month.months());
            (0..months)
                .map(|month| unit(nth(line, month), day(month), 1.into()))
                .collect()
        }
    }
}

/// The name of a month: it stays the same when months are added.
fn nth(line: &OrderLine, month: i64) -> Reference {
    let of = &line.reference;
    let id = format!("{}/{}", of.id(), month + 1);
    Reference::new(of.system(), of.account(), "month", id)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rust_decimal::dec;

    use super::*;
    use crate::judge::deal_tests::{complete, order_of};

    #[test]
    fn months_are_due_one_after_the_other_and_everything_else_at_once() {
        let mut order = order_of(&complete());
        order.lines[0].billing = LineBilling::Recurring {
            from: date(2026, 10, 31),
        };
        order.lines[0].quantity = dec!(3);
        order.lines[1].billing = LineBilling::Retainer {
            due: date(2026, 10, 1),
        };
        let units = units_of(&order, Version(1));
        let shown: Vec<_> = units
            .iter()
            .map(|u| (u.day.to_string(), u.quantity))
            .collect();
        let expected = [
            ("2026-10-31", dec!(1)),
            ("2026-11-30", dec!(1)),
            ("2026-12-31", dec!(1)),
            ("2026-10-01", dec!(20)),
            ("2026-11-30", dec!(1)),
            ("2026-11-30", dec!(1)),
        ];
        assert_eq!(
            shown,
            expected.map(|(day, quantity)| (day.to_owned(), quantity))
        );
        assert_eq!(units[2].reference.id(), "1/3");
        order.issuer = crate::book::Issuer::Psa;
        assert_eq!(units_of(&order, Version(1)), []);
        assert_eq!(units[2].line, order.lines[0].reference);
    }
}
