//! Finds the bad rows of a refused `load`, so that they do not hold the good ones.
//!
//! Odoo tries a refused batch again row by row, undoes it all the same, and names the rows that
//! failed: those need no call of their own. Where it names none, halves are sent.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use crate::load::{Loaded, Message, Row};
use crate::memory::Memory;
use crate::{Context, Odoo, OdooError};

/// Rows that stand or fall together, every row one record.
pub(crate) type Group = Vec<Row>;

/// What became of a group: the ids of its rows.
pub(crate) type GroupOutcome = Result<Vec<i64>, OdooError>;

/// What is known about groups that are still to be sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doubt {
    Nothing,
    /// One of them is bad: to send them together again would tell nothing.
    Bad,
    /// One of them is bad if the part that is sent before lands.
    BadIfTheOtherLands,
}

struct Part {
    positions: Vec<usize>,
    doubt: Doubt,
}

/// Groups on their way.
struct Run<'a> {
    groups: &'a [Group],
    outcomes: BTreeMap<usize, GroupOutcome>,
    /// The last in is the first out.
    open: Vec<Part>,
}

impl Odoo {
    /// Loads groups, as many in one call as [`Memory::size`] allows. Each has its own outcome, in
    /// the order of the groups. When Odoo does not answer, nothing more is sent.
    pub(crate) async fn load_groups(
        &self,
        memory: &Memory,
        context: &Context,
        model: &str,
        fields: &[&str],
        groups: &[Group],
    ) -> Vec<GroupOutcome> {
        let mut run = Run {
            groups,
            outcomes: BTreeMap::new(),
            open: Vec::new(),
        };
        run.open((0..groups.len()).collect(), Doubt::Nothing);
        while let Some(part) = run.next(memory.size.rows()) {
            let rows: Vec<Row> = run.of(&part).flat_map(|(_, group)| group.clone()).collect();
            let started = Instant::now();
            match self.load_patiently(context, model, fields, &rows).await {
                Ok(Loaded::Ids(ids)) => {
                    memory.size.answered(rows.len(), started.elapsed());
                    run.landed(&part, &ids);
                }
                Ok(Loaded::Refused(messages)) => {
                    memory.forget_ids();
                    run.refused(part, &messages);
                }
                Err(OdooError::Refused { message }) => {
                    memory.forget_ids();
                    run.refused(part, &[Message::about_no_row(message)]);
                }
                Err(OdooError::TooLarge) if part.positions.len() > 1 => {
                    memory.size.too_large();
                    run.open(part.positions, part.doubt);
                }
                Err(error) => {
                    if matches!(error, OdooError::NoAnswer { .. }) {
                        memory.size.too_large();
                    }
                    run.failed(&part, &error);
                }
            }
        }
        run.outcomes.into_values().collect()
    }
}

impl Run<'_> {
    fn open(&mut self, positions: Vec<usize>, doubt: Doubt) {
        if !positions.is_empty() {
            self.open.push(Part { positions, doubt });
        }
    }

    fn of(&self, part: &Part) -> impl Iterator<Item = (usize, &Group)> {
        (part.positions.iter())
            .filter_map(|position| Some((*position, self.groups.get(*position)?)))
    }

    /// What is sent next: one group, or more with at most that many rows. Of what is known to be
    /// bad it is the first half.
    fn next(&mut self, most: usize) -> Option<Part> {
        let mut part = self.open.pop()?;
        let mut rows = 0;
        let fitting = self.of(&part).take_while(|(_, group)| {
            rows += group.len();
            rows <= most
        });
        let mut count = fitting.count().max(1);
        let mut doubt_of_rest = Doubt::Nothing;
        if part.doubt == Doubt::Bad {
            count = count.min(part.positions.len().div_ceil(2));
            doubt_of_rest = Doubt::BadIfTheOtherLands;
        }
        let rest = part.positions.split_off(count);
        self.open(rest, doubt_of_rest);
        Some(part)
    }

    fn landed(&mut self, part: &Part, ids: &[i64]) {
        self.tell_the_other(Doubt::Bad);
        let mut rest = ids.iter().copied();
        for position in &part.positions {
            let rows = self.groups.get(*position).map_or(0, Vec::len);
            let share: Vec<i64> = rest.by_ref().take(rows).collect();
            let outcome = match share.len() == rows {
                true => Ok(share),
                false => Err(OdooError::Unreadable {
                    reason: "load answered fewer ids than rows".to_owned(),
                }),
            };
            self.outcomes.insert(*position, outcome);
        }
    }

    fn refused(&mut self, part: Part, messages: &[Message]) {
        self.tell_the_other(Doubt::Nothing);
        let mut named = self.named(&part, messages);
        if named.is_empty() {
            match part.positions.as_slice() {
                [only] => named.insert(*only, messages.iter().collect()),
                _ => return self.open(part.positions, Doubt::Bad),
            };
        }
        let unnamed = |position: &usize| !named.contains_key(position);
        let rest = part.positions.into_iter().filter(unnamed).collect();
        self.open(rest, Doubt::Nothing);
        for (position, messages) in named {
            let error = OdooError::of_load(messages.into_iter().map(Message::text));
            self.outcomes.insert(position, Err(error));
        }
    }

    /// The groups that the messages are about.
    fn named<'m>(&self, part: &Part, messages: &'m [Message]) -> BTreeMap<usize, Vec<&'m Message>> {
        let of_row: Vec<usize> = (self.of(part))
            .flat_map(|(position, group)| group.iter().map(move |_| position))
            .collect();
        let mut named = BTreeMap::<usize, Vec<&Message>>::new();
        for message in messages {
            let row = message.row();
            if let Some(position) = row.and_then(|row| of_row.get(row)) {
                named.entry(*position).or_default().push(message);
            }
        }
        // What failed for the batch as a whole is put first and said of its first row.
        let rows: BTreeSet<Option<usize>> = messages.iter().map(Message::row).collect();
        let about_first = messages.iter().filter(|message| message.row() == Some(0));
        if rows.len() > 1
            && about_first.count() == 1
            && messages.first().and_then(Message::row) == Some(0)
            && let Some(first) = of_row.first()
            && named.get(first).is_some_and(|messages| messages.len() == 1)
        {
            named.remove(first);
        }
        named
    }

    /// Odoo did not do it, and would not do the rest either.
    fn failed(&mut self, part: &Part, error: &OdooError) {
        for position in &part.positions {
            self.outcomes.insert(*position, Err(error.clone()));
        }
        let not_sent = error.clone().of_what_was_not_sent();
        for part in std::mem::take(&mut self.open) {
            for position in part.positions {
                self.outcomes.insert(position, Err(not_sent.clone()));
            }
        }
    }

    fn tell_the_other(&mut self, doubt: Doubt) {
        if let Some(other) = self.open.last_mut()
            && other.doubt == Doubt::BadIfTheOtherLands
        {
            other.doubt = doubt;
        }
    }
}
