//! What Tenon itself knows: questions for people, states of facts, calls, dead letters; and what a
//! source shows.

use std::collections::BTreeMap;

use domain::{Exception, Record, Reference};

use super::compare::equal;
use super::differs;
use crate::format::{Exceptions, Expect, Since, steward};
use crate::people::reference;
use crate::stage::{Stage, StageError, body_of};
use crate::value::Value;

pub(super) fn exceptions(stage: &Stage, expect: &Expect) -> Result<Vec<String>, StageError> {
    let Some(wanted) = &expect.exceptions else {
        return Ok(Vec::new());
    };
    let about = wanted.about.as_deref().map(named).transpose()?;
    let open = stage.cloud.exceptions();
    let chosen: Vec<&Exception> = open
        .iter()
        .filter(|one| is_chosen(one, wanted, about.as_ref()))
        .collect();
    let mut wrong = Vec::new();
    let count = chosen.len() as u64;
    let as_many = wanted.count.map_or(count > 0, |expected| expected == count);
    if !as_many {
        let expected = wanted
            .count
            .map_or_else(|| "at least one".to_owned(), |count| count.to_string());
        let listed = open
            .iter()
            .map(|one| format!("\n    {}", told(one)))
            .collect::<String>();
        wrong.push(differs(
            "questions for people",
            &expected,
            &format!("{count}; open are{listed}"),
        ));
    }
    for one in chosen {
        let text = told(one);
        let lacking = wanted
            .contains
            .iter()
            .filter(|words| !text.contains(words.as_str()));
        wrong.extend(
            lacking.map(|words| differs("words of a question", &format!("{words:?}"), &text)),
        );
        if let Some(items) = wanted.items.as_ref().filter(|items| **items != one.items) {
            wrong.push(differs(
                "items of a question",
                &items.join("; "),
                &one.items.join("; "),
            ));
        }
    }
    Ok(wrong)
}

fn is_chosen(one: &Exception, wanted: &Exceptions, about: Option<&Reference>) -> bool {
    wanted.code.as_ref().is_none_or(|code| *code == one.code)
        && wanted
            .owner
            .as_ref()
            .is_none_or(|owner| *owner == one.owner)
        && about.is_none_or(|about| *about == one.reference)
}

fn told(one: &Exception) -> String {
    let items = one.items.join("; ");
    format!(
        "{} for {}: {} [{items}] {}",
        one.code, one.owner, one.sentence, one.fix
    )
}

/// The newest version of each fact.
fn newest(stage: &Stage) -> Vec<Record> {
    let mut newest: BTreeMap<String, Record> = BTreeMap::new();
    for record in stage.cloud.records() {
        let name = record.reference.to_string();
        let is_newer = newest
            .get(&name)
            .is_none_or(|known| known.version < record.version);
        if is_newer {
            newest.insert(name, record);
        }
    }
    newest.into_values().collect()
}

pub(super) fn outcomes(stage: &Stage, expect: &Expect) -> Vec<String> {
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    let newest = newest(stage);
    let of = |record: &&Record| {
        expect
            .of
            .as_ref()
            .is_none_or(|of| record.reference.entity() == of)
    };
    let mut listed = String::new();
    for record in newest.iter().filter(of) {
        *counted.entry(record.state.name()).or_default() += 1;
        listed.push_str(&format!(
            "\n    {} {}",
            record.reference,
            record.state.name()
        ));
    }
    let wanted = expect.outcomes.iter().flatten();
    let wrong = wanted.filter_map(|(state, expected)| {
        let found = counted.get(state.as_str()).copied().unwrap_or_default();
        let what = format!("facts that are {state}");
        (found != *expected)
            .then(|| differs(&what, expected, &format!("{found}; there are{listed}")))
    });
    wrong.collect()
}

pub(super) fn record(stage: &Stage, expect: &Expect) -> Result<Vec<String>, StageError> {
    let name = expect.record.as_deref().unwrap_or_default();
    let reference = named(name)?;
    let mut versions = stage.cloud.records();
    versions.retain(|record| record.reference == reference);
    versions.sort_by_key(|record| std::cmp::Reverse(record.version));
    let states: Vec<&str> = versions.iter().map(|record| record.state.name()).collect();
    let mut wrong = Vec::new();
    if let Some(expected) = &expect.versions
        && *expected != states
    {
        wrong.push(differs(
            &format!("versions of {name}, newest first"),
            &expected.join(", "),
            &states.join(", "),
        ));
    }
    let state = states.first().copied().unwrap_or("not there");
    let expected = expect.state.as_deref().unwrap_or(state);
    if state != expected {
        wrong.push(differs(&format!("state of {name}"), &expected, &state));
    }
    let reason = versions
        .first()
        .and_then(|record| record.reason.clone())
        .unwrap_or_default();
    if let Some(words) = expect
        .reason
        .as_ref()
        .filter(|words| !reason.contains(words.as_str()))
    {
        wrong.push(differs(&format!("reason of {name}"), words, &reason));
    }
    Ok(wrong)
}

fn named(name: &str) -> Result<Reference, StageError> {
    reference(name).ok_or_else(|| {
        StageError::Impossible(format!(
            "{name:?} names no fact: write SOURCE/ACCOUNT/ENTITY/ID"
        ))
    })
}

pub(super) fn calls(stage: &Stage, expect: &Expect) -> Vec<String> {
    let Some(wanted) = &expect.calls else {
        return Vec::new();
    };
    let before = |name: &str| match wanted.since {
        Since::Start => 0,
        Since::Step => stage
            .before
            .iter()
            .find(|(its, _)| its == name)
            .map_or(0, |(_, count)| *count),
    };
    let all = stage.odoo.all_calls();
    let since: Vec<String> = all
        .into_iter()
        .skip(before("odoo"))
        .map(|path| call(&path))
        .collect();
    let mut wrong = Vec::new();
    for (pattern, expected) in &wanted.odoo {
        let found = since.iter().filter(|call| is_like(call, pattern)).count() as u64;
        if found != *expected {
            let listed = since.join(", ");
            wrong.push(differs(
                &format!("calls of Odoo's {pattern}"),
                expected,
                &format!("{found}; there were {listed}"),
            ));
        }
    }
    let counts = stage.counts();
    for (source, expected) in &wanted.sources {
        let count = counts
            .iter()
            .find(|(its, _)| its == source)
            .map_or(0, |(_, count)| *count);
        let found = (count - before(source)) as u64;
        if found != *expected {
            wrong.push(differs(&format!("calls of {source}"), expected, &found));
        }
    }
    wrong
}

/// `/json/2/sale.order/load` → `sale.order.load`.
fn call(path: &str) -> String {
    let call = path.strip_prefix("/json/2/").unwrap_or(path);
    call.replace('/', ".")
}

/// Whether a call is what a pattern stands for: `sale.order.load`, `sale.order.*`, `*.load`, `*`.
fn is_like(call: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => call.starts_with(start) && call.ends_with(end),
        None => call == pattern,
    }
}

pub(super) fn standin(stage: &Stage, expect: &Expect) -> Result<Vec<String>, StageError> {
    let place = expect.standin.as_deref().unwrap_or_default();
    let mut wrong = Vec::new();
    if let Some(expected) = expect.count {
        let found = stage.standins.count(place)?;
        if found != expected {
            wrong.push(differs(&format!("records of {place}"), &expected, &found));
        }
    }
    for (field, value) in &expect.fields {
        let expected = value.value();
        let found = stage
            .standins
            .shows(place, field)?
            .unwrap_or(Value::Yes(false));
        let is_amount = expected.amount().is_some() && expected.amount() == found.amount();
        if !is_amount && !equal(&expected, &found) {
            wrong.push(differs(&format!("{place}: {field}"), &expected, &found));
        }
    }
    Ok(wrong)
}

pub(super) async fn console(stage: &Stage, expect: &Expect) -> Result<Vec<String>, StageError> {
    let path = expect.console.as_deref().unwrap_or_default();
    let who = expect.who.clone().unwrap_or_else(steward);
    let answer = stage.ask_console(&who, "GET", path, None).await;
    let said = body_of(&answer);
    let mut wrong = Vec::new();
    if answer.status_code != 200 {
        return Ok(vec![differs(
            &format!("status of the console's {path}"),
            &200,
            &answer.status_code,
        )]);
    }
    let lacking = expect
        .contains
        .iter()
        .filter(|words| !said.contains(words.as_str()));
    wrong.extend(
        lacking.map(|words| differs(&format!("words of the console's {path}"), words, &said)),
    );
    if let Some(expected) = &expect.is {
        let value = Value::read(&said).unwrap_or(Value::Null);
        let at = expect.at.as_deref().unwrap_or_default();
        let found = value.at(at).cloned().unwrap_or(Value::Null);
        if !equal(&expected.value(), &found) {
            wrong.push(differs(
                &format!("{at} of the console's {path}"),
                &expected.value(),
                &found,
            ));
        }
    }
    Ok(wrong)
}

pub(super) fn dead_letters(stage: &Stage, expect: &Expect) -> Vec<String> {
    let letters = stage.cloud.dead_letters();
    let found: usize = letters.iter().map(|(_, count)| count).sum();
    let expected = expect.dead_letters.unwrap_or_default();
    match found as u64 == expected {
        true => Vec::new(),
        false => vec![differs(
            "dead letters",
            &expected,
            &format!("{found}: {letters:?}"),
        )],
    }
}
