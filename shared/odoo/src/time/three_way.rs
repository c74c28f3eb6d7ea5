//! What was posted, what Odoo has now, what the source says now: what is to be written.

use std::collections::BTreeSet;

use domain::policy::{Change, TimePolicies};
use rust_decimal::Decimal;

use super::content::{self, Content};
use crate::answer::same;

/// Cells of a line that are written together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Hours,
    Date,
    Employee,
    Contract,
    CostCenter,
    Text,
    /// Goes with [`Self::Contract`], and with lines that are new; see [`super::task`].
    Task,
}

/// What becomes of one line.
#[derive(Debug)]
pub(super) struct Merged {
    /// What it will say.
    pub(super) content: Content,
    /// Where that is not what it says now.
    pub(super) written: BTreeSet<Column>,
    /// Where a person's value is overwritten because the field belongs to the source.
    pub(super) restored: BTreeSet<Column>,
    /// What a person must decide, with both values where they may be shown.
    pub(super) conflicts: Vec<String>,
}

/// Merges one line. `before` are the versions that may have been there; what any of them said is
/// nobody's change, and only what all of them said stays unless the source says something else. One
/// is none when its part of the entry had no hours, `after` when it has none now: then its hours
/// become 0, and nobody cares for the rest.
pub(super) fn merge(
    policies: &TimePolicies,
    before: &[Option<&Content>],
    now: &Content,
    after: Option<&Content>,
) -> Merged {
    let empty = Content {
        hours: Decimal::ZERO,
        ..now.clone()
    };
    let before: Vec<&Content> = before.iter().map(|one| one.unwrap_or(&empty)).collect();
    let after = after.unwrap_or(&empty);
    let mut merged = Merged {
        content: now.clone(),
        written: BTreeSet::new(),
        restored: BTreeSet::new(),
        conflicts: Vec::new(),
    };
    for (column, policy) in [
        (Column::Hours, policies.hours),
        (Column::Date, policies.date),
        (Column::Employee, policies.employee),
        (Column::Contract, policies.contract),
        (Column::CostCenter, policies.cost_center),
        (Column::Text, policies.text),
    ] {
        if column.is_alike(now, after) {
            continue;
        }
        let before_is_now = before.iter().any(|one| column.is_alike(one, now));
        let before_is_after = before.iter().all(|one| column.is_alike(one, after));
        match policy.decide(before_is_now, before_is_after) {
            Change::Keep => continue,
            Change::Ask => {
                let newest = before.first().copied().unwrap_or(&empty);
                merged.conflicts.push(column.conflict(newest, now, after));
                continue;
            }
            Change::Restore => {
                merged.restored.insert(column);
            }
            Change::Write => {}
        }
        merged.written.insert(column);
        column.take(after, &mut merged.content);
    }
    merged
}

impl Column {
    fn is_alike(self, one: &Content, other: &Content) -> bool {
        match self {
            Self::Hours => same(one.hours, other.hours),
            Self::Date => one.date == other.date,
            Self::Employee => one.employee_id == other.employee_id,
            Self::Contract => (one.project_id, one.line_id) == (other.project_id, other.line_id),
            Self::CostCenter => content::is_alike(one, other),
            Self::Text => one.text == other.text,
            Self::Task => true,
        }
    }

    fn take(self, source: &Content, content: &mut Content) {
        match self {
            Self::Hours => content.hours = source.hours,
            Self::Date => content.date = source.date,
            Self::Employee => content.employee_id = source.employee_id,
            Self::Contract => {
                (content.project_id, content.line_id) = (source.project_id, source.line_id);
            }
            Self::Task => content.task = source.task,
            Self::CostCenter => content.analytic.clone_from(&source.analytic),
            Self::Text => content.text.clone_from(&source.text),
        }
    }

    /// For people. A text may name persons: it is not repeated.
    fn conflict(self, before: &Content, now: &Content, source: &Content) -> String {
        let name = match self {
            Self::Hours => "hours",
            Self::Date => "day",
            Self::Employee => "employee",
            Self::Contract => "contract",
            Self::CostCenter => "cost centre",
            Self::Task => "task",
            Self::Text => {
                return "text was changed in Odoo, and the source has changed it too".to_owned();
            }
        };
        let [before, now, source] = [before, now, source].map(|content| self.shown(content));
        format!("{name} was changed in Odoo from {before} to {now}, and the source says {source}")
    }

    fn shown(self, content: &Content) -> String {
        let id = |id: Option<i64>| id.map_or_else(|| "none".to_owned(), |id| id.to_string());
        match self {
            Self::Hours => content.hours.normalize().to_string(),
            Self::Date => content.date.to_string(),
            Self::Employee => id(content.employee_id),
            Self::Contract => {
                let (project, line) = (id(content.project_id), id(content.line_id));
                format!("project {project} with order line {line}")
            }
            Self::CostCenter => {
                let accounts = content.analytic.iter().flat_map(|all| all.values());
                let accounts: Vec<String> = accounts.map(|id| format!("account {id}")).collect();
                match accounts.is_empty() {
                    true => "none".to_owned(),
                    false => accounts.join(", "),
                }
            }
            Self::Task => id(content.task.id()),
            Self::Text => "[text]".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use domain::policy::FieldPolicy;

    use super::super::task::OnTask;
    use super::*;

    fn content(hours: i64, text: &str) -> Content {
        Content {
            hours: Decimal::from(hours),
            date: date(2026, 10, 6),
            employee_id: Some(1),
            project_id: Some(2),
            line_id: Some(3),
            text: text.to_owned(),
            task: OnTask::NotSaid,
            analytic: None,
        }
    }

    fn hours(policy: FieldPolicy) -> TimePolicies {
        TimePolicies {
            hours: policy,
            ..TimePolicies::default()
        }
    }

    /// The hours after merging, and whether they were written, restored and asked about.
    fn merged(policy: FieldPolicy, before: i64, now: i64, after: i64) -> (i64, bool, bool, bool) {
        let [before, now, after] = [before, now, after].map(|hours| content(hours, "x"));
        let merged = merge(&hours(policy), &[Some(&before)], &now, Some(&after));
        let result = merged.content.hours.try_into().unwrap();
        let is_in = |columns: &BTreeSet<Column>| columns.contains(&Column::Hours);
        let asked = !merged.conflicts.is_empty();
        (
            result,
            is_in(&merged.written),
            is_in(&merged.restored),
            asked,
        )
    }

    #[test]
    fn each_policy_decides_who_wins() {
        use FieldPolicy::{FirstValue, Manual, OwnerWins};
        for (policy, before, now, after, expected) in [
            (Manual, 5, 5, 6, (6, true, false, false)),
            (Manual, 5, 6, 6, (6, false, false, false)),
            (Manual, 5, 4, 5, (4, false, false, false)),
            (Manual, 5, 4, 6, (4, false, false, true)),
            (OwnerWins, 5, 5, 6, (6, true, false, false)),
            (OwnerWins, 5, 4, 5, (5, true, true, false)),
            (OwnerWins, 5, 4, 6, (6, true, true, false)),
            (FirstValue, 5, 5, 6, (5, false, false, false)),
            (FirstValue, 5, 4, 6, (4, false, false, false)),
        ] {
            let found = merged(policy, before, now, after);
            assert_eq!(found, expected, "{policy:?} {before} {now} {after}");
        }
    }

    #[test]
    fn of_two_versions_that_may_be_there_neither_is_taken_for_a_persons_change() {
        let [two, four] = [2, 4].map(|hours| content(hours, "x"));
        let either = [Some(&four), Some(&two)];
        let merged = |now: i64, after: i64| {
            let (now, after) = (content(now, "x"), content(after, "x"));
            let merged = merge(&TimePolicies::default(), &either, &now, Some(&after));
            (merged.content.hours, merged.conflicts.len())
        };
        assert_eq!(merged(4, 6), (Decimal::from(6), 0));
        assert_eq!(merged(2, 6), (Decimal::from(6), 0));
        assert_eq!(merged(3, 6), (Decimal::from(3), 1));
        let unclear = "nobody knows whether the source has changed it";
        assert_eq!(merged(3, 4), (Decimal::from(3), 1), "{unclear}");
    }

    #[test]
    fn a_part_without_hours_keeps_everything_else_and_takes_it_all_when_it_comes_back() {
        let (old, new) = (content(5, "old"), content(3, "new"));
        let policies = TimePolicies::default();
        let gone = merge(&policies, &[Some(&old)], &old, None);
        assert_eq!(
            gone.content,
            Content {
                hours: Decimal::ZERO,
                ..old.clone()
            }
        );
        assert_eq!(gone.written, BTreeSet::from([Column::Hours]));
        let back = merge(&policies, &[None], &gone.content, Some(&new));
        assert_eq!(back.content, new);
        assert_eq!(back.written, BTreeSet::from([Column::Hours, Column::Text]));
    }

    #[test]
    fn a_conflict_shows_what_was_and_what_is_but_no_text() {
        let [before, now, after] = [(5, "secret a"), (4, "secret b"), (6, "secret c")]
            .map(|(hours, text)| content(hours, text));
        let merged = merge(
            &TimePolicies::default(),
            &[Some(&before)],
            &now,
            Some(&after),
        );
        assert_eq!(
            merged.conflicts,
            [
                "hours was changed in Odoo from 5 to 4, and the source says 6",
                "text was changed in Odoo, and the source has changed it too",
            ]
        );
        assert_eq!(merged.content, now);
    }
}
