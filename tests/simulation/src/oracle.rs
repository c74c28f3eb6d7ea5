//! What must be true once nothing goes wrong any more and everything is settled.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Record, State};
use rust_decimal::Decimal;

use crate::entry::{self, NARRATION, Saved, Wanted};
use crate::firm::{MEMBERS, ROLES, order_line};
use crate::logs;
use crate::names;
use crate::odoo::Line;
use crate::people::{BY_HAND, ByHand};
use crate::run::KEY;
use crate::scenario::{Hand, Scenario};
use crate::table::Item;
use crate::triggers;
use crate::world::{Things, World};

/// Notes everything that is not as it must be.
pub fn judge(world: &World, scenario: &Scenario) {
    let mut wrong = Vec::new();
    {
        let things = world.things();
        for (id, states) in &scenario.entries {
            let case = Case::of(&things, *id, states);
            wrong.extend(case.wrong());
        }
        wrong.extend(strangers(&things, scenario));
        wrong.extend(leftovers(&things, held_at(world, scenario)));
    }
    wrong.extend(leaks());
    for one in wrong {
        world.violated(one);
    }
}

/// One time entry: what was saved, and what came of it.
struct Case<'a> {
    id: u64,
    states: &'a [Saved],
    /// What the ledger says of each version, newest first.
    records: Vec<Record>,
    /// What is in Odoo; a line without hours says nothing.
    lines: Vec<Line>,
    /// What Odoo has, as a source would want it.
    content: Vec<Wanted>,
    /// What people were asked about it and have not answered.
    questions: Vec<String>,
    by_hand: Vec<&'a ByHand>,
    clocks_agree: bool,
    /// Whether it can be billed.
    has_unit: bool,
}

impl<'a> Case<'a> {
    fn of(things: &'a Things, id: u64, states: &'a [Saved]) -> Self {
        let reference = entry::reference(id);
        let mut records = records(things, &format!("r#{reference}"));
        records.sort_by_key(|record| std::cmp::Reverse(record.version));
        let lines: Vec<Line> = (things.odoo.lines().into_iter())
            .filter(|line| line.entry == id.to_string())
            .collect();
        let mut content: Vec<Wanted> = lines
            .iter()
            .filter(|line| !line.hours.is_zero())
            .map(|line| wanted(things, line))
            .collect();
        content.sort();
        let asked = reference.to_string();
        let questions = (things.tables.items(names::EXCEPTIONS, &asked))
            .filter(|item| text(item, "pk") == asked)
            .filter(|item| item.contains_key("open_owner"))
            .map(|item| text(item, "sk").to_owned())
            .collect();
        let mine = |by: &&ByHand| by.line.entry == id.to_string();
        Self {
            id,
            states,
            records,
            lines,
            content,
            questions,
            by_hand: things.by_hand.iter().filter(mine).collect(),
            clocks_agree: things.clocks_agree,
            has_unit: (things.tables.items(names::BILLING, "o#"))
                .any(|item| text(item, "sk") == format!("u#{reference}")),
        }
    }

    fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        match self.by_hand.is_empty() {
            true => wrong.extend(self.not_settled()),
            false => wrong.extend(self.not_left_alone()),
        }
        wrong.extend(self.ledger_lies());
        wrong.extend(self.not_billable());
        wrong
    }

    /// An approved entry is in Odoo exactly once, with its newest content: nothing here gives a
    /// reason to park it. One that is not approved any more is there as it was, and people are
    /// asked, or it is not there at all.
    fn not_settled(&self) -> Option<String> {
        let newest = self.states.last()?;
        let is = |saved: &Saved| self.sorted(saved) == self.content;
        let settled = match newest.approved {
            true if is(newest) => self.posted().is_some(),
            // Clocks a day apart let two workers write at once; what they made is a question then.
            true => !self.clocks_agree && !self.questions.is_empty(),
            false if self.content.is_empty() => self.newest_is(State::Held),
            false => {
                let older = self.states.iter().filter(|saved| saved.approved);
                older.into_iter().any(is) && !self.questions.is_empty()
            }
        };
        let states = || self.records.iter().map(|r| (r.version.0, r.state));
        (!settled).then(|| {
            format!(
                "{}: Odoo has {:?} instead of {newest:?}; the ledger has {:?}; people are asked {:?}",
                self.id,
                self.content,
                states().collect::<Vec<_>>(),
                self.questions
            )
        })
    }

    fn newest_is(&self, state: State) -> bool {
        (self.records.first()).is_some_and(|record| record.state == state)
    }

    /// What a person did to a line stays.
    fn not_left_alone(&self) -> Vec<String> {
        let kept = |by: &&&ByHand| {
            let line = self
                .lines
                .iter()
                .find(|line| line.external_id == by.line.external_id);
            match by.hand {
                Hand::Deletes => line.is_none(),
                Hand::Edits => line.is_some_and(|line| line.hours == Decimal::from(BY_HAND)),
            }
        };
        (self.by_hand.iter())
            .filter(|by| !kept(by))
            .map(|by| {
                format!(
                    "{}: {:?} of a person was undone: {:?}",
                    self.id, by, self.lines
                )
            })
            .collect()
    }

    /// The ledger says posted exactly if the lines are in Odoo.
    fn ledger_lies(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let there: BTreeSet<i64> = self.lines.iter().map(|line| line.id).collect();
        let gone: BTreeSet<i64> = (self.by_hand.iter())
            .filter(|by| by.hand == Hand::Deletes)
            .map(|by| by.line.id)
            .collect();
        let posted: BTreeSet<i64> = (self.records.iter())
            .filter(|record| record.state == State::Posted)
            .filter_map(|record| record.posted.as_ref())
            .flat_map(|posted| posted.others.iter().copied().chain([posted.id]))
            .collect();
        // What is parked because it differs from what is there has a question of its own.
        let asked = !self.questions.is_empty();
        for id in there.difference(&posted).filter(|_| !asked) {
            wrong.push(format!(
                "{}: Odoo has line {id}, the ledger does not",
                self.id
            ));
        }
        for id in posted.difference(&there).filter(|id| !gone.contains(id)) {
            wrong.push(format!(
                "{}: the ledger has line {id}, Odoo does not",
                self.id
            ));
        }
        wrong
    }

    /// What was posted can be billed.
    fn not_billable(&self) -> Option<String> {
        let missing = self.posted().is_some() && !self.has_unit;
        missing.then(|| format!("{}: it is posted and cannot be billed", self.id))
    }

    fn posted(&self) -> Option<&Record> {
        self.records
            .iter()
            .find(|record| record.state == State::Posted)
    }

    fn sorted(&self, saved: &Saved) -> Vec<Wanted> {
        let mut lines = saved.lines(self.id);
        lines.sort();
        lines
    }
}

fn wanted(things: &Things, line: &Line) -> Wanted {
    let role = ROLES.into_iter().map(|(role, ..)| role).find(|role| {
        line.order_line.is_some() && order_line(&things.odoo, role) == line.order_line
    });
    Wanted {
        external_id: line.external_id.clone(),
        role,
        hours: line.hours,
        text: line.text.clone(),
    }
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name)
        .and_then(|value| value["S"].as_str())
        .unwrap_or_default()
}

fn records(things: &Things, pk: &str) -> Vec<Record> {
    let items = things.tables.items(names::LEDGER, pk);
    items
        .filter(|item| text(item, "pk") == pk)
        .map(|item| serde_json::from_str(text(item, "doc")).expect("a record"))
        .collect()
}

/// Lines in Odoo that nobody worked.
fn strangers(things: &Things, scenario: &Scenario) -> Vec<String> {
    let lines = things.odoo.lines();
    let known: BTreeSet<String> = scenario.entries.keys().map(u64::to_string).collect();
    let mut by_name: BTreeMap<&str, u32> = BTreeMap::new();
    for line in &lines {
        *by_name.entry(&line.external_id).or_default() += 1;
    }
    let strangers = lines.iter().filter(|line| !known.contains(&line.entry));
    let strangers = strangers.map(|line| format!("nobody worked {line:?}"));
    let twice = by_name.iter().filter(|(_, times)| **times > 1);
    let twice = twice.map(|(name, times)| format!("{name:?} is in Odoo {times} times"));
    strangers.chain(twice).collect()
}

/// When no lease may be held any more, in milliseconds since 1970: one whose owner died ends by
/// itself, by whatever clock it was taken.
fn held_at(world: &World, scenario: &Scenario) -> i64 {
    let skew = i64::try_from(scenario.skew.as_millis()).unwrap_or(i64::MAX);
    world.now().as_millisecond() + skew
}

/// Work that is left over, and letters that nobody could read.
fn leftovers(things: &Things, held_at: i64) -> Vec<String> {
    let mut left = Vec::new();
    for item in things.tables.items(names::LEDGER, "") {
        let (pk, sk) = (text(item, "pk"), text(item, "sk"));
        let is_lease = sk == "!lease";
        let until = item
            .get("lease_until")
            .and_then(|until| until["N"].as_str()?.parse().ok());
        if is_lease && until.is_some_and(|until: i64| until > held_at) {
            left.push(format!("somebody still owns {pk}"));
        }
        let is_waiter = pk.starts_with("w#") && triggers::waits(things, item);
        if is_waiter || (pk.starts_with("p#") && !is_lease) {
            left.push(format!("{sk} is still in {pk}"));
        }
    }
    for (name, queue) in &things.queues {
        for dead in queue.dead() {
            left.push(format!("a dead letter in {name}: {}", dead.body));
        }
    }
    left
}

/// Secrets and personal data in a log, and panics.
fn leaks() -> Vec<String> {
    let members = MEMBERS.map(|(member, _)| member);
    let words = [KEY, NARRATION, "panicked"].into_iter().chain(members);
    logs::with(|log| {
        let leaks = words.filter(|word| log.contains(word));
        leaks.map(|word| format!("{word:?} is in a log")).collect()
    })
}
