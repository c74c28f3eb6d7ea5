//! The tasks that Odoo makes for the lines of an order, beside its project: hours go on the task of their
//! order line. Which task that is, is not ours to compare: people move hours from task to task.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::answer::OrFalse;
use crate::{Context, Odoo, OdooError};

/// The column of a `load`.
pub(super) const FIELD: &str = "task_id/.id";

/// What is said of a line's task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum OnTask {
    /// Nothing: it stays as it is.
    #[default]
    NotSaid,
    /// This one, or none.
    Said(Option<i64>),
}

impl OnTask {
    pub(super) const fn is_said(self) -> bool {
        matches!(self, Self::Said(_))
    }

    pub(super) const fn id(self) -> Option<i64> {
        match self {
            Self::NotSaid => None,
            Self::Said(id) => id,
        }
    }
}

/// Tasks by the order line that they were made for, each with its project.
pub(super) type Tasks = BTreeMap<i64, (i64, i64)>;

#[derive(Deserialize)]
struct Line {
    id: i64,
    task_id: OrFalse<i64>,
}

#[derive(Deserialize)]
struct Task {
    id: i64,
    active: bool,
    project_id: OrFalse<i64>,
}

/// The tasks of some order lines. Nothing is asked where there are none.
pub(super) async fn of_lines(
    odoo: &Odoo,
    context: &Context,
    lines: &BTreeSet<i64>,
) -> Result<Tasks, OdooError> {
    if lines.is_empty() {
        return Ok(Tasks::new());
    }
    let lines: Vec<i64> = lines.iter().copied().collect();
    let lines: Vec<Line> = odoo
        .read(context, "sale.order.line", &lines, &["task_id"])
        .await?;
    let ids: Vec<i64> = lines.iter().filter_map(|line| line.task_id.0).collect();
    if ids.is_empty() {
        return Ok(Tasks::new());
    }
    let tasks: Vec<Task> = odoo
        .read(context, "project.task", &ids, &["active", "project_id"])
        .await?;
    let of_line = |line: Line| {
        let task = (tasks.iter()).find(|task| Some(task.id) == line.task_id.0 && task.active)?;
        Some((line.id, (task.id, task.project_id.0?)))
    };
    Ok(lines.into_iter().filter_map(of_line).collect())
}

/// The task of an order line, unless somebody has moved it out of the project: Odoo would take the hours
/// along.
pub(super) fn in_project(tasks: &Tasks, line: i64, project: i64) -> Option<i64> {
    let (task, of) = tasks.get(&line)?;
    (*of == project).then_some(*task)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_that_was_moved_to_another_project_gets_no_hours() {
        let tasks = Tasks::from([(3, (30, 7))]);
        assert_eq!(in_project(&tasks, 3, 7), Some(30));
        assert_eq!(in_project(&tasks, 3, 8), None);
        assert_eq!(in_project(&tasks, 4, 7), None);
    }
}
