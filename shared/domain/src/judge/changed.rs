//! The question that a change raises which Odoo does not follow by itself.

use crate::judge::Objection;
use crate::{ExceptionClass, Record};

/// The code of the question: a newer version differs from what is in Odoo.
pub const CHANGED_AFTER_POSTING: &str = "changed_after_posting";

/// A newer version differs from what is in Odoo.
pub fn changed_after_posting(offered: &Record, posted: &Record) -> Objection {
    let what = match &offered.reason {
        Some(reason) if offered.command.is_none() => reason.clone(),
        _ => "its content differs from what was posted".to_owned(),
    };
    Objection {
        code: CHANGED_AFTER_POSTING,
        class: ExceptionClass::BusinessRule,
        sentence: format!(
            "{} changed in its source after it was posted",
            offered.reference
        ),
        items: vec![
            what,
            format!(
                "posted version: {}, newer version: {}",
                posted.version.0, offered.version.0
            ),
        ],
        fix: "Decide whether Odoo follows; a posted record is never overwritten by itself."
            .to_owned(),
        owner: "finance",
    }
}

/// The same of what stands on invoices: they are not changed, but credited.
pub fn changed_after_billing(offered: &Record, posted: &Record, invoices: &[String]) -> Objection {
    let mut objection = changed_after_posting(offered, posted);
    let on = invoices
        .iter()
        .map(|name| format!("it is on invoice {name}"));
    objection.items.extend(on);
    objection.fix = "Decide whether the customer pays for it. If not, make a credit note for it in Odoo; nothing is reversed \
                     by itself."
        .to_owned();
    objection
}
