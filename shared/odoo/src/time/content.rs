//! What a timesheet line says, as far as its source decides it, and what of it is the same.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::analytic::Analytic;
use super::task::OnTask;
use crate::answer::same;
use crate::load::{Row, link};

/// What a timesheet line says, as far as the source decides it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Content {
    pub(super) hours: Decimal,
    pub(super) date: Date,
    pub(super) employee_id: Option<i64>,
    pub(super) project_id: Option<i64>,
    pub(super) line_id: Option<i64>,
    pub(super) text: String,
    /// The task in the project; it is written with project and order line, and never compared.
    pub(super) task: OnTask,
    /// Accounts by the column of their plan, beside the project's; none where nobody says or asks.
    pub(super) analytic: Option<Analytic>,
}

impl Content {
    /// How many there are.
    pub(super) const FIELDS: usize = 6;

    /// How many fields say the same.
    pub(super) fn shared(&self, other: &Self) -> usize {
        [
            same(self.hours, other.hours),
            self.date == other.date,
            self.employee_id == other.employee_id,
            (self.project_id, self.line_id) == (other.project_id, other.line_id),
            self.text == other.text,
            is_alike(self, other),
        ]
        .into_iter()
        .filter(|same| *same)
        .count()
    }
}

/// The columns that some lines use.
pub(super) fn used<'a>(contents: impl IntoIterator<Item = &'a Content>) -> BTreeSet<String> {
    let columns = contents.into_iter().filter_map(|one| one.analytic.as_ref());
    columns
        .flat_map(|analytic| analytic.keys().cloned())
        .collect()
}

/// Whether two contents say the same, as far as both say something. What Odoo has in the column of
/// another plan is its own.
pub(super) fn is_alike(one: &Content, other: &Content) -> bool {
    let (Some(one), Some(other)) = (&one.analytic, &other.analytic) else {
        return true;
    };
    let within = |one: &Analytic, other: &Analytic| {
        one.iter()
            .all(|(column, account)| other.get(column) == Some(account))
    };
    one.is_empty() == other.is_empty() && (within(one, other) || within(other, one))
}

/// The cells of some columns.
pub(super) fn analytic_cells(content: &Content, columns: &BTreeSet<String>) -> Row {
    let of = |column: &String| content.analytic.as_ref()?.get(column).copied();
    columns.iter().map(|column| link(of(column))).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rust_decimal::Decimal;

    use super::*;

    fn content(analytic: Option<&[(&str, i64)]>) -> Content {
        let analytic = analytic.map(|all| {
            let own = |(column, account): &(&str, i64)| ((*column).to_owned(), *account);
            all.iter().map(own).collect()
        });
        Content {
            hours: Decimal::ONE,
            date: date(2026, 10, 6),
            employee_id: None,
            project_id: None,
            line_id: None,
            text: String::new(),
            task: OnTask::NotSaid,
            analytic,
        }
    }

    #[test]
    fn what_nobody_says_is_no_difference() {
        let alike = |one, other| is_alike(&content(one), &content(other));
        assert!(
            alike(None, Some(&[("x_plan2_id", 7)])),
            "the source says none"
        );
        assert!(alike(
            Some(&[("x_plan2_id", 7)]),
            Some(&[("x_plan2_id", 7), ("x_plan3_id", 8)])
        ));
        assert!(
            !alike(Some(&[("x_plan2_id", 7)]), Some(&[])),
            "Odoo has none"
        );
        assert!(!alike(
            Some(&[("x_plan2_id", 7)]),
            Some(&[("x_plan2_id", 8)])
        ));
        assert!(!alike(
            Some(&[("x_plan2_id", 7)]),
            Some(&[("x_plan3_id", 7)])
        ));
    }
}
