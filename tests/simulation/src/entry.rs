//! What somebody worked, as the PSA tells it, and what has to be in Odoo because of it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::{Reference, Version};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::json;

use crate::firm::{MEMBERS, PROJECT, ROLES, psa};

/// A text that may be in Odoo and in no log.
pub const NARRATION: &str = "canary-narration";

/// One state of a time entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// When the PSA saved it, in milliseconds since 1970: the version.
    pub version: u64,
    /// In hundredths of an hour.
    pub worked: i64,
    /// In hundredths of an hour.
    pub billable: i64,
    /// Whether it is approved.
    pub approved: bool,
    /// Who worked in which role: a place in [`MEMBERS`] and [`ROLES`].
    pub who: usize,
    /// What was done; one text per number.
    pub text: u64,
}

/// A timesheet line that has to be in Odoo.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// Its external id.
    pub external_id: String,
    /// The work role whose order line bills it, if one does.
    pub role: Option<&'static str>,
    /// Its hours.
    pub hours: Decimal,
    /// Its text.
    pub text: String,
}

/// The reference of a time entry.
pub fn reference(id: u64) -> Reference {
    psa("time_entry", &id.to_string())
}

impl Saved {
    /// Its version in the ledger.
    pub fn version(&self) -> Version {
        Version(self.version)
    }

    /// Whether Odoo would have the same.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let content = |saved: &Self| Self {
            version: 0,
            ..saved.clone()
        };
        content(self) == content(other)
    }

    /// The lines that it stands for once it is approved, in the order of their external ids.
    pub fn lines(&self, id: u64) -> Vec<Wanted> {
        let (worked, billable) = (Decimal::new(self.worked, 2), Decimal::new(self.billable, 2));
        let reference = reference(id);
        let text = self.narration();
        let mut lines = Vec::new();
        if !billable.is_zero() {
            lines.push(Wanted {
                external_id: reference.external_id(),
                role: Some(ROLES[self.who].0),
                hours: billable,
                text: text.clone(),
            });
        }
        if worked != billable {
            lines.push(Wanted {
                external_id: reference.sibling("time_entry_unbilled").external_id(),
                role: None,
                hours: worked - billable,
                text: format!("{text} (adjusted in the PSA)"),
            });
        }
        lines
    }

    fn narration(&self) -> String {
        format!("{NARRATION} {}", self.text)
    }

    /// The message that the PSA's callback becomes.
    pub fn delivery(&self, id: u64, delivery: &str, received_at: Timestamp) -> String {
        let updated = Timestamp::from_millisecond(i64::try_from(self.version).unwrap_or_default());
        let updated = updated.expect("a time").to_string();
        let hours = |hundredths: i64| {
            let text = Decimal::new(hundredths, 2).to_string();
            serde_json::from_str::<serde_json::Value>(&text).expect("a number")
        };
        let entity = json!({
            "id": id,
            "member": {"id": 151, "identifier": MEMBERS[self.who].0},
            "workRole": {"id": 18, "name": ROLES[self.who].0},
            "timeStart": "2026-11-19T15:00:00Z",
            "timeEnd": "2026-11-19T23:00:00Z",
            "actualHours": hours(self.worked),
            "hoursBilled": hours(self.billable),
            "agreementHours": 0,
            "billableOption": "Billable",
            "notes": self.narration(),
            "status": if self.approved { "ApprovedByTierTwo" } else { "PendingApproval" },
            "project": {"id": PROJECT.parse::<u64>().unwrap_or_default(), "name": "Data platform"},
            "_info": {"lastUpdated": updated},
        });
        callback("time", &id.to_string(), &entity, delivery, received_at)
    }
}

/// The message that says which contract the PSA project belongs to.
pub fn project_delivery(deal: &str, delivery: &str, received_at: Timestamp) -> String {
    let entity = json!({
        "id": PROJECT.parse::<u64>().unwrap_or_default(),
        "name": "Data platform",
        "customFields": [{"caption": "CRM deal id", "value": deal}],
        "_info": {"lastUpdated": received_at.to_string()},
    });
    callback("project", PROJECT, &entity, delivery, received_at)
}

fn callback(
    kind: &str,
    id: &str,
    entity: &serde_json::Value,
    delivery: &str,
    received_at: Timestamp,
) -> String {
    let body = json!({
        "Action": "updated",
        "CompanyId": "Cobalt",
        "Entity": entity.to_string(),
        "ID": id.parse::<u64>().unwrap_or_default(),
        "Type": kind,
    });
    let body = BASE64_STANDARD.encode(body.to_string());
    json!({"v": 1, "id": delivery, "source": "connectwise", "account": "Cobalt",
        "received_at": received_at.to_string(), "headers": {}, "body": body})
    .to_string()
}
