//! What of an event says whether it is another one than came before.

use super::{Customer, Event, PsaProject, TimeEntry};
use crate::customer::{Address, Hints};

impl Event {
    /// The fact without what may differ between two deliveries of it: what helps to find things, and
    /// what later builds have learnt to read. A digest of anything else would make a redelivery look
    /// like a change.
    #[must_use]
    pub fn as_compared(&self) -> Self {
        match self.clone() {
            Self::Deal(mut deal) => {
                deal.customer = deal.customer.map(customer);
                Self::Deal(deal)
            }
            Self::Project(project) => Self::Project(Box::new(PsaProject {
                standing: super::Standing::default(),
                customer: None,
                ..*project
            })),
            Self::TimeEntry(entry) => Self::TimeEntry(Box::new(TimeEntry {
                customer: None,
                ..*entry
            })),
            other @ (Self::Assignment(_)
            | Self::Removed(_)
            | Self::Withdrawn(_)
            | Self::Expense(_)
            | Self::Person(_)
            | Self::TimeOff(_)
            | Self::Ticket(_)
            | Self::InvoiceStatus(_)) => other,
        }
    }
}

fn customer(customer: Customer) -> Customer {
    Customer {
        language: None,
        address: Address::default(),
        version: None,
        hints: Hints::default(),
        ..customer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Reference, Version};

    #[test]
    fn what_is_not_compared_is_kept_and_makes_no_other_fact() {
        let bare = Event::Project(Box::new(PsaProject {
            reference: Reference::new("psa", "a", "project", "7"),
            version: Version(1),
            name: "Data platform".to_owned(),
            deal_id: None,
            standing: super::super::Standing::default(),
            customer: None,
        }));
        let Event::Project(mut told) = bare.clone() else {
            return;
        };
        told.customer = Some(Reference::new("psa", "a", "company", "250"));
        told.standing.status = Some("Open".to_owned());
        let told = Event::Project(told);
        let text = |event: &Event| serde_json::to_string(event).unwrap();
        assert_eq!(text(&told.as_compared()), text(&bare));
        let again: Event = serde_json::from_str(&text(&told)).unwrap();
        assert_eq!(again, told, "written down and read again");
    }
}
