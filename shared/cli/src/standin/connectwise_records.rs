//! ConnectWise's records, in the shapes of its REST API.
//!
//! <https://developer.connectwise.com/Products/ConnectWise_PSA/REST>

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::now;

/// A project as the REST API shows it.
#[derive(Debug, Clone, Serialize)]
pub struct Project {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Fields that the firm added.
    #[serde(rename = "customFields")]
    pub custom_fields: Vec<CustomField>,
    /// When it was last changed.
    #[serde(rename = "_info")]
    pub info: Info,
}

/// A field that the firm added.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomField {
    /// Its id.
    pub id: u64,
    /// What people see.
    pub caption: String,
    /// `Text`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// `EntryField`.
    pub entry_method: &'static str,
    /// For numbers.
    pub number_of_decimals: u8,
    /// What somebody wrote.
    pub value: Option<String>,
}

/// When a record was last changed, and by whom.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Info {
    /// When.
    pub last_updated: Timestamp,
    /// By whom.
    pub updated_by: String,
}

impl Info {
    /// Changed just now.
    pub fn now() -> Self {
        Self {
            last_updated: now(),
            updated_by: "BArchitect".to_owned(),
        }
    }
}

impl Project {
    /// A project whose custom field names a deal.
    pub fn new(id: u64, name: &str, deal_id: Option<&str>) -> Self {
        let field = CustomField {
            id: 11,
            caption: "CRM deal id".to_owned(),
            kind: "Text",
            entry_method: "EntryField",
            number_of_decimals: 0,
            value: deal_id.map(str::to_owned),
        };
        Self {
            id,
            name: name.to_owned(),
            custom_fields: vec![field],
            info: Info::now(),
        }
    }
}

/// A time entry as the REST API shows it. Hours are digits, not floats.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeEntry {
    /// Its id.
    pub id: u64,
    /// The ticket it is charged to.
    pub charge_to_id: u64,
    /// `ProjectTicket`, `ServiceTicket` or `ChargeCode`.
    pub charge_to_type: &'static str,
    /// The project of the ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<Named>,
    /// Who worked.
    pub member: Member,
    /// In which role.
    pub work_role: Named,
    /// What kind of work.
    pub work_type: Named,
    /// The agreement that covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Named>,
    /// Its beginning.
    pub time_start: Timestamp,
    /// Its end.
    pub time_end: Timestamp,
    /// Hours worked.
    #[serde(serialize_with = "digits")]
    pub actual_hours: String,
    /// `Billable`, `DoNotBill`, `NoCharge` or `NoDefault`.
    pub billable_option: &'static str,
    /// Hours to bill.
    #[serde(serialize_with = "digits")]
    pub hours_billed: String,
    /// Hours on an invoice.
    #[serde(serialize_with = "digits")]
    pub invoice_hours: String,
    /// Hours that the agreement covers.
    #[serde(serialize_with = "digits")]
    pub agreement_hours: String,
    /// What was done.
    pub notes: String,
    /// Where it stands in approval.
    pub status: String,
    /// When it was last changed.
    #[serde(rename = "_info")]
    pub info: Info,
}

/// A record named within another.
#[derive(Debug, Clone, Serialize)]
pub struct Named {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
}

/// A member named within another record.
#[derive(Debug, Clone, Serialize)]
pub struct Member {
    /// The id.
    pub id: u64,
    /// The login.
    pub identifier: String,
    /// The full name.
    pub name: String,
}

impl TimeEntry {
    /// A day's billable work on a project, not yet handed in: from 9 in the morning in New York.
    pub fn new(
        id: u64,
        project: &Project,
        day: Date,
        member: &str,
        role: &str,
        hours: &str,
    ) -> Self {
        let start = day.at(14, 0, 0, 0).to_zoned(TimeZone::UTC);
        let start = start.map_or_else(|_| now(), |start| start.timestamp());
        let named = |id, name: &str| Named {
            id,
            name: name.to_owned(),
        };
        Self {
            id,
            charge_to_id: 5120,
            charge_to_type: "ProjectTicket",
            project: Some(named(project.id, &project.name)),
            member: Member {
                id: 151,
                identifier: member.to_owned(),
                name: format!("{member} (demo)"),
            },
            work_role: named(18, role),
            work_type: named(3, "Regular"),
            agreement: None,
            time_start: start,
            time_end: start + SignedDuration::from_hours(8),
            actual_hours: hours.to_owned(),
            billable_option: "Billable",
            hours_billed: hours.to_owned(),
            invoice_hours: hours.to_owned(),
            agreement_hours: "0.00".to_owned(),
            notes: "Worked on the data platform".to_owned(),
            status: "Open".to_owned(),
            info: Info::now(),
        }
    }

    /// The same entry, changed now into another state of approval.
    #[must_use]
    pub fn in_status(&self, status: &str) -> Self {
        Self {
            status: status.to_owned(),
            info: Info::now(),
            ..self.clone()
        }
    }
}

fn digits<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(text.to_owned())
        .map_err(serde::ser::Error::custom)?
        .serialize(serializer)
}
