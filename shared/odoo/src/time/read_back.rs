//! Compares lines in Odoo with what they should say.

use rust_decimal::Decimal;

use super::content::{self, Content};
use super::found::Line;
use super::rows::Part;
use crate::OdooError;
use crate::differences::Differences;

/// All that differs between an entry's lines and what was sent. A missing line is a difference.
pub(super) fn compare<'a>(
    lines: impl IntoIterator<Item = (&'a Part, Option<&'a Line>)>,
) -> Result<(), OdooError> {
    let mut differences = Differences::default();
    for (part, line) in lines {
        let what = kind(&part.content);
        match line {
            Some(line) => compare_line(what, &part.content, line, &mut differences),
            None => differences.add(format!("{what}: the line was deleted in Odoo")),
        }
    }
    differences.finish()
}

/// What people call a line.
pub(super) fn kind(content: &Content) -> &'static str {
    match content.line_id {
        Some(_) => "billable time",
        None => "unbilled time",
    }
}

fn compare_line(what: &str, sent: &Content, line: &Line, differences: &mut Differences) {
    let found = &line.content;
    let of = |field: &str| format!("{what}: {field}");
    differences.expect_number(&of("hours"), sent.hours, found.hours);
    differences.expect(&of("order line"), &sent.line_id, &found.line_id);
    differences.expect(&of("employee"), &sent.employee_id, &found.employee_id);
    differences.expect(&of("project"), &sent.project_id, &found.project_id);
    differences.expect(&of("day"), &sent.date, &found.date);
    differences.expect_hidden(&of("text"), &sent.text, &found.text);
    if !content::is_alike(sent, found) {
        let (sent, found) = (&sent.analytic, &found.analytic);
        differences.expect(&of("cost centre"), sent, found);
    }
    let cost = line.cost;
    let wrong_way = cost.is_sign_negative() != sent.hours.is_sign_positive();
    if !cost.is_zero() && (wrong_way || sent.hours == Decimal::ZERO) {
        differences.add(of(&format!("{} hours cost {cost}", sent.hours)));
    }
}
