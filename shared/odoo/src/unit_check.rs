//! Compares the unit of an order line with the catalogue's, and how long it is.

use domain::DecimalText;
use domain::book::LineUnit;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::differences::Differences;
use crate::{Context, Odoo, OdooError};

/// Timesheet lines are counted in it, whatever a company shows.
const HOUR: &str = "uom.product_uom_hour";

#[derive(Deserialize)]
struct Uom {
    name: String,
    /// In the unit that all of its kind are measured by.
    factor: DecimalText,
}

/// A day of another length in Odoo would deliver another quantity than is billed.
pub(crate) async fn check(
    odoo: &Odoo,
    context: &Context,
    what: &str,
    unit: &LineUnit,
    found: Option<i64>,
    differences: &mut Differences,
) -> Result<(), OdooError> {
    let expected = odoo.resolve(context, &unit.uom).await?;
    differences.expect(&format!("{what}: unit"), &Some(expected), &found);
    let Some(hours) = unit.hours.filter(|hours| *hours != Decimal::ONE) else {
        return Ok(());
    };
    let hour = odoo.resolve(context, HOUR).await?;
    let fields = ["name", "factor"];
    let hour: Uom = odoo.read_one(context, "uom.uom", hour, &fields).await?;
    let unit: Uom = odoo.read_one(context, "uom.uom", expected, &fields).await?;
    if !hour.factor.0.is_zero() {
        let long = unit.factor.0 / hour.factor.0;
        let what = format!("{what}: hours of one of {:?} in Odoo", unit.name);
        differences.expect_number(&what, hours, long);
    }
    Ok(())
}
