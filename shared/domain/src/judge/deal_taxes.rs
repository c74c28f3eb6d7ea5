//! What tax each line of a deal is expected to have. Nothing of it is sent to Odoo, whose fiscal
//! position decides: what came of it is compared.

use std::collections::BTreeSet;

use crate::book::{Book, Entity};
use crate::command::{ExpectedTax, OrderLine};
use crate::event::Deal;

/// The lines with the tax profiles that fit. Where the book has profiles, a line without one is
/// missing.
pub(super) fn by_tax_profiles(
    mut lines: Vec<OrderLine>,
    deal: &Deal,
    book: &Book,
    entity: Option<&Entity>,
    missing: &mut Vec<String>,
) -> Vec<OrderLine> {
    let (Some(entity), Some(customer)) = (entity, &deal.customer) else {
        return lines;
    };
    if book.tax_profiles.is_empty() {
        return lines;
    }
    let mut without = BTreeSet::new();
    for line in &mut lines {
        match book.tax_profile(entity, customer, &line.service) {
            Some(profile) => {
                line.tax = Some(ExpectedTax {
                    profile: profile.name.clone(),
                    fiscal_position: profile.fiscal_position.clone(),
                    taxes: profile.taxes.clone(),
                    rate: profile.rate,
                });
            }
            None => {
                without.insert(line.service.clone());
            }
        }
    }
    let country = customer.country.as_deref();
    let place = country.map_or_else(|| "an unknown country".to_owned(), str::to_owned);
    for service in without {
        missing.push(format!(
            "tax profile: the book has none for {service} sold by {} to this customer in {place} (tax_profiles)",
            entity.crm_name
        ));
    }
    one_fiscal_position(&lines, missing);
    lines
}

/// An order has one fiscal position.
fn one_fiscal_position(lines: &[OrderLine], missing: &mut Vec<String>) {
    let of_line = |line: &OrderLine| line.tax.as_ref()?.fiscal_position.clone();
    let positions: BTreeSet<String> = lines.iter().filter_map(of_line).collect();
    if positions.len() > 1 {
        let positions: Vec<String> = positions.into_iter().collect();
        missing.push(format!(
            "tax profile: the lines need different fiscal positions ({}); sell them in deals of their own",
            positions.join(", ")
        ));
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::deal_tests::{book, complete, missing};
    use crate::judge::{Verdict, judge_deal};

    const DOMESTIC: &str =
        "[[tax_profiles]]\nname = \"domestic\"\ncountries = [\"US\"]\nrate = \"15\"\n";

    #[test]
    fn where_the_book_has_profiles_a_line_without_one_is_missing() {
        let mut deal = complete();
        assert!(matches!(judge_deal(&deal, &book("")), Verdict::Go(_)));
        if let Some(customer) = &mut deal.customer {
            customer.country = Some("FR".to_owned());
        }
        deal.currency = None;
        let items = missing(&deal, &book(DOMESTIC));
        let taxes: Vec<&String> = (items.iter())
            .filter(|item| item.starts_with("tax profile: "))
            .collect();
        assert_eq!(taxes.len(), 3, "one for each service: {items:?}");
        assert!(taxes[0].contains("architect") && taxes[0].contains("FR"));
        assert!(items.contains(&"currency".to_owned()), "all at once");
    }

    #[test]
    fn every_line_carries_what_is_expected_of_it() {
        let mut deal = complete();
        if let Some(customer) = &mut deal.customer {
            customer.country = Some("US".to_owned());
        }
        let rules = format!(
            "{DOMESTIC}[[tax_profiles]]\nname = \"free\"\nservice = \"fixed_fee\"\nfiscal_position = \"a.b\"\nrate = \"0\"\n"
        );
        let Verdict::Go(plan) = judge_deal(&deal, &book(&rules)) else {
            panic!("expected commands")
        };
        let crate::command::Command::CreateOrder(order) = &plan[1].command else {
            panic!("expected an order")
        };
        let names: Vec<&str> = (order.lines.iter())
            .filter_map(|line| Some(line.tax.as_ref()?.profile.as_str()))
            .collect();
        assert_eq!(names, ["domestic", "domestic", "free", "free"]);
        let two = rules.replace("rate = \"15\"", "rate = \"15\"\nfiscal_position = \"none\"");
        let items = missing(&deal, &book(&two));
        assert!(
            items[0].contains("different fiscal positions (a.b, none)"),
            "{items:?}"
        );
    }
}
