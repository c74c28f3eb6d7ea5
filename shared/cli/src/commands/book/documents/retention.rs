//! Which data is kept where, and how long. The lengths are those of `infra/template.yaml`, which a
//! test compares.

use super::markdown::{head, row, table};

/// Something that is kept.
struct Kept {
    what: &'static str,
    place: &'static str,
    personal: &'static str,
    until: &'static str,
}

const KEPT: [Kept; 11] = [
    Kept {
        what: "messages as their sources sent them",
        place: "queue `deliveries`",
        personal: "names, e-mail addresses, notes",
        until: "handled, or 14 days",
    },
    Kept {
        what: "messages that nobody could handle, or that are not as their source is described",
        place: "dead-letter queues",
        personal: "the same",
        until: "sent back by a person, or 14 days",
    },
    Kept {
        what: "files that somebody dropped",
        place: "bucket of files",
        personal: "the same",
        until: "14 days; what was replaced 14 days more",
    },
    Kept {
        what: "what was taken, to try a changed book on it",
        place: "table `recorded`",
        personal: "the same",
        until: "the stack's parameter RecordDays, 35 days; 0 keeps nothing",
    },
    Kept {
        what: "bells, and what follows from a posted record",
        place: "queues `master`, `work`, `billing`, `units`, `releases`, `feedback`",
        personal: "none: references",
        until: "handled, or 1 day (bells), 14 days (the others)",
    },
    Kept {
        what: "every version of every fact, with what it wrote and why it was not posted",
        place: "table `ledger`",
        personal: "the billing contact, who worked, notes",
        until: "kept: what is in the books is explained by it",
    },
    Kept {
        what: "units, allocations and frozen invoices",
        place: "table `billing`",
        personal: "none",
        until: "kept: they are what invoices consist of",
    },
    Kept {
        what: "identifiers of the same thing in several systems",
        place: "table `crosswalk`",
        personal: "who confirmed a link",
        until: "kept",
    },
    Kept {
        what: "questions for people",
        place: "table `exceptions`",
        personal: "none",
        until: "kept, also when answered",
    },
    Kept {
        what: "books, who wrote and who approved them, and when each was valid",
        place: "table `control`, bucket of books",
        personal: "authors and approvers",
        until: "kept: nobody may delete them",
    },
    Kept {
        what: "what happened to each record, and what people decided, in digests",
        place: "table `audit`, bucket of seals",
        personal: "who decided",
        until: "kept; a seal cannot be deleted for the stack's parameter SealYears, 10 years",
    },
];

/// The page.
pub fn page(version: &str) -> String {
    let mut page = head("What is kept where, and how long", version);
    page.push_str(&table(&["data", "where", "about people", "until"]));
    for kept in &KEPT {
        page.push_str(&row(&[kept.what, kept.place, kept.personal, kept.until]));
    }
    page.push_str(
        "\nEverything is encrypted at rest and stays in the account and region of the stack. Logs name records by \
         their references, and hold neither bodies nor names.\n",
    );
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lengths_are_those_of_the_template() {
        let template = include_str!("../../../../../../infra/template.yaml");
        let default = |name: &str| {
            let from = template.split_once(&format!("  {name}:\n")).unwrap().1;
            let line = from
                .lines()
                .find(|line| line.trim().starts_with("Default: "));
            line.unwrap().trim().replace("Default: ", "")
        };
        let recorded = format!("{} days", default("RecordDays"));
        assert!(KEPT[3].until.contains(&recorded), "{recorded}");
        let sealed = format!("{} years", default("SealYears"));
        assert!(KEPT[10].until.contains(&sealed), "{sealed}");
        let retention = |queue: &str| {
            let from = template.split_once(&format!("  {queue}:")).unwrap().1;
            let seconds = from.split_once("MessageRetentionPeriod: ").unwrap().1;
            let digits: String = seconds.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<u32>().unwrap() / 86_400
        };
        for (queue, days) in [
            ("DeliveriesQueue", 14),
            ("DeliveriesDeadLetters", 14),
            ("DriftDeadLetters", 14),
            ("MasterQueue", 1),
            ("WorkQueue", 1),
            ("BillingQueue", 1),
            ("UnitsQueue", 14),
            ("ReleasesQueue", 14),
            ("FeedbackQueue", 14),
        ] {
            assert_eq!(retention(queue), days, "{queue}");
        }
        assert!(
            template.contains(
                "ExpirationInDays: 14, NoncurrentVersionExpiration: {NoncurrentDays: 14}"
            )
        );
    }
}
