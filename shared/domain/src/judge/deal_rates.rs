//! The prices of a deal beside the firm's rate cards: a price that the firm does not have is a
//! question, and one that begins later is a line of its own from its day on.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::Reference;
use crate::book::{Book, Entity, RateCard, Scope};
use crate::command::{LineBilling, OnlyFor, OrderLine};
use crate::event::Deal;

/// The lines with what the rate cards add to them. Where the book has no card for a service, its price
/// is the deal's.
pub(super) fn by_rate_cards(
    lines: Vec<OrderLine>,
    deal: &Deal,
    book: &Book,
    entity: Option<&Entity>,
    missing: &mut Vec<String>,
) -> Vec<OrderLine> {
    let Some(entity) = entity else {
        return lines;
    };
    let currency = deal.currency.as_deref().unwrap_or_default();
    let customer = deal.customer.as_ref();
    let customer = customer.map_or("", |customer| customer.reference.id());
    let of = Scope {
        currency,
        entity,
        customer,
        contract: deal.reference.id(),
    };
    let mut priced = Vec::new();
    for line in lines {
        if line.billing != LineBilling::TimeAndMaterials {
            priced.push(line);
            continue;
        }
        let own = of_people_and_roles(&line, book, &of);
        let rates = book.rates(&line.service, &of);
        match rates.is_empty() {
            true => priced.push(line),
            false => priced.extend(with_rates(line, &rates, began(deal, entity), missing)),
        }
        priced.extend(own);
    }
    priced
}

/// A line without hours for each price of a person or a role.
fn of_people_and_roles(line: &OrderLine, book: &Book, of: &Scope<'_>) -> Vec<OrderLine> {
    let own = |card: &RateCard| {
        let employee = card.person.as_ref().and_then(|person| book.called(person));
        let (system, account) = (line.reference.system(), line.reference.account());
        let who = card.person.as_deref().unwrap_or_default();
        let role = card.role.as_deref().unwrap_or_default();
        let id = format!("{}@{}@{who}@{role}", line.reference.id(), card.from);
        // No name: the customer and our own messages read it.
        let whose = match (&card.role, &card.person) {
            (Some(role), _) => format!("{}, {role}", line.description),
            (None, _) => format!("{}, own rate", line.description),
        };
        OrderLine {
            reference: Reference::new(system, account, "line_item", &id),
            description: whose,
            only: Some(OnlyFor {
                employee: employee.map(|employee| employee.odoo.clone()),
                role: card.role.clone(),
            }),
            ..at_rate(line, card)
        }
    };
    let cards = book.own_rates(&line.service, of);
    cards.into_iter().map(own).collect()
}

/// The line at the price of its first day, and one without hours for each price that begins later.
fn with_rates(
    mut line: OrderLine,
    rates: &[&RateCard],
    began: Option<Date>,
    missing: &mut Vec<String>,
) -> Vec<OrderLine> {
    let first_day = line.from.or(began);
    let valid = match first_day {
        Some(day) => rates.iter().find(|card| card.covers(day)),
        None => rates.first(),
    };
    let Some(valid) = valid else {
        let day = first_day.map_or_else(String::new, |day| format!(" on {day}"));
        missing.push(format!(
            "line item {:?}: no rate card for {:?} is valid{day}",
            line.description, line.service
        ));
        return vec![line];
    };
    if line.unit_price != valid.price {
        missing.push(format!(
            "line item {:?}: the price {} is not that of the rate card from {}, {}; a discount is a percentage",
            line.description, line.unit_price, valid.from, valid.price
        ));
    }
    line.until = valid.until;
    let later = rates.iter().filter(|card| card.from > valid.from);
    let later: Vec<OrderLine> = later.map(|card| at_rate(&line, card)).collect();
    std::iter::once(line).chain(later).collect()
}

fn at_rate(line: &OrderLine, card: &RateCard) -> OrderLine {
    let (system, account) = (line.reference.system(), line.reference.account());
    let id = format!("{}@{}", line.reference.id(), card.from);
    OrderLine {
        reference: Reference::new(system, account, "line_item", &id),
        quantity: Decimal::ZERO,
        unit_price: card.price,
        from: Some(card.from),
        until: card.until,
        ..line.clone()
    }
}

/// The first day of a contract: that of its signature; before it is signed, that of the deal.
fn began(deal: &Deal, entity: &Entity) -> Option<Date> {
    let of_the_deal = || {
        let zone = TimeZone::get(&entity.zone).ok()?;
        Some(deal.version.instant()?.to_zoned(zone).date())
    };
    deal.signed_on.or_else(of_the_deal)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rust_decimal::dec;

    use super::*;
    use crate::book::DEMO;
    use crate::command::{Command, CreateOrder, LogTime};
    use crate::judge::deal_tests::complete;
    use crate::judge::{Verdict, judge_deal};

    const CARDS: &str = r#"#: rates.toml
[[rate_cards]]
service = "senior_consultant"
currency = "USD"
price = "160"
from = "2026-01-01"
until = "2026-12-31"

[[rate_cards]]
service = "senior_consultant"
currency = "USD"
price = "165"
from = "2027-01-01"
"#;

    fn judged(signed_on: Date, price: Decimal) -> Result<CreateOrder, Vec<String>> {
        let book = Book::parse(&format!("{DEMO}{CARDS}")).unwrap();
        let mut deal = complete();
        deal.signed_on = Some(signed_on);
        deal.lines[0].unit_price = price;
        let verdict = judge_deal(&deal, &book);
        if let Verdict::Except(objection) = verdict {
            return Err(objection.items);
        }
        let Verdict::Go(plan) = verdict else {
            panic!("{verdict:?}")
        };
        let Command::CreateOrder(order) = &plan[1].command else {
            panic!("an order is expected")
        };
        Ok(order.clone())
    }

    #[test]
    fn hours_have_the_price_of_their_day() {
        let order = judged(date(2026, 11, 16), dec!(160)).unwrap();
        let price = |day| {
            let line = order.line_for(&LogTime::of_somebody("senior_consultant", day));
            line.map(|line| line.unit_price)
        };
        assert_eq!(price(date(2026, 12, 31)), Some(dec!(160)));
        assert_eq!(price(date(2027, 1, 1)), Some(dec!(165)));
        let quantities: Vec<Decimal> = order.lines.iter().map(|line| line.quantity).collect();
        assert_eq!(quantities, [dec!(100), dec!(0), dec!(20), dec!(1), dec!(1)]);
        assert_eq!(
            order.lines[1].discount_percent,
            dec!(10),
            "the discount stays"
        );
        assert_eq!(order.expected_untaxed, dec!(28600));
    }

    #[test]
    fn a_price_that_the_firm_does_not_have_is_a_question() {
        let items = judged(date(2026, 11, 16), dec!(165)).unwrap_err();
        assert!(
            items[0].contains("the price 165 is not that of the rate card"),
            "{items:?}"
        );
        let items = judged(date(2025, 11, 16), dec!(160)).unwrap_err();
        assert!(items[0].contains("no rate card for \"senior_consultant\" is valid on 2025-11-16"));
    }

    #[test]
    fn hours_of_a_day_without_a_price_have_no_line() {
        let mut order = judged(date(2026, 11, 16), dec!(160)).unwrap();
        order.lines.retain(|line| line.from.is_none());
        assert!(
            order
                .line_for(&LogTime::of_somebody(
                    "senior_consultant",
                    date(2026, 12, 31)
                ))
                .is_some()
        );
        let later = LogTime::of_somebody("senior_consultant", date(2027, 1, 1));
        assert_eq!(order.line_for(&later), None);
    }
}
