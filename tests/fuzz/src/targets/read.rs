//! Every source's reading.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::book::{Book, Psa};
use domain::event::{Approval, Event};
use serde_json::Value;
use sources::{Message, PULLED, Reading, Source, Unreadable, read};

use crate::canary;
use crate::input::Input;
use crate::proof::texts;
use crate::samples;
use crate::target::Target;

static BOOK: LazyLock<Book> = LazyLock::new(super::book);

/// Every fixture, as a message that is pushed and as an answer that was asked for; every reading
/// needs one, so the examples of all descriptions are there too.
pub fn samples(target: Target) -> Vec<Input> {
    let mut inputs = Vec::new();
    for sample in samples::all() {
        let mut pushed = Input::of_body(target, sample.name.clone(), &sample.account, sample.bytes);
        let mut pulled = pushed.clone();
        pulled.sample.push_str(" pulled");
        pulled.headers.push((PULLED.to_owned(), String::new()));
        pushed.sample.push_str(" pushed");
        inputs.extend([pushed, pulled]);
    }
    for source in sources::all() {
        for (number, example) in source.facts.examples.iter().enumerate() {
            let name = format!("{}/example {number}", source.name());
            let body = example.body.clone().into_bytes();
            let mut input = Input::of_body(target, name, &example.account, body);
            let kept = |(name, _): &(&String, &String)| source.keep_headers().contains(*name);
            let headers = example.headers.iter().filter(kept);
            input.headers = headers.map(|(n, v)| (n.clone(), v.clone())).collect();
            inputs.push(input);
        }
    }
    inputs
}

/// It is read or refused without a word of it, always in the same way, and what is read is sound.
pub fn check(input: &Input, sample: &Input) -> Result<(), String> {
    let source = sources::source(sample.source()).ok_or("the source is not described")?;
    let headers: BTreeMap<String, String> = input.headers.iter().cloned().collect();
    let message = Message {
        account: &input.account,
        received_at: input.now,
        headers: &headers,
        body: &input.body,
    };
    let readings = read(source, &BOOK, &message);
    if readings != read(source, &BOOK, &message) {
        return Err("read twice, it says two things".to_owned());
    }
    let readings = match readings {
        Ok(readings) => readings,
        Err(unreadable) => return canary::is_silent(&unreadable, &[]),
    };
    if readings.len() > input.body.len() {
        return Err(format!(
            "{} events in {} bytes",
            readings.len(),
            input.body.len()
        ));
    }
    for reading in &readings {
        one(source, input, sample, reading)?;
    }
    Ok(())
}

fn one(source: &Source, input: &Input, sample: &Input, reading: &Reading) -> Result<(), String> {
    let reference = match reading {
        Reading::Unreadable(unreadable) => {
            canary::is_silent(unreadable, &[])?;
            // The size and the encoding are the whole message's.
            let whole = matches!(
                unreadable,
                Unreadable::TooLarge { .. } | Unreadable::NotText
            );
            return if whole {
                Err("one event is too large alone".to_owned())
            } else {
                Ok(())
            };
        }
        Reading::Event(event) => {
            sound(source, input, sample, event)?;
            event.reference()
        }
        Reading::Fetch(fetch) => &fetch.reference,
        Reading::Missed(_) | Reading::NotForUs(_) => return Ok(()),
    };
    if reference.system() != source.name() || reference.account() != input.account {
        return Err(format!(
            "{} is not of this source and account",
            reference.entity()
        ));
    }
    match format!("{reference}").contains('\0') {
        true => Err("a name has a NUL in it".to_owned()),
        false => Ok(()),
    }
}

/// An event survives its own text, has no NUL, and is approved only by a word that means it.
fn sound(source: &Source, input: &Input, sample: &Input, event: &Event) -> Result<(), String> {
    let text = serde_json::to_string(event).map_err(|_| "an event has no text")?;
    let values: Value = serde_json::from_str(&text).map_err(|_| "an event's text is no JSON")?;
    if texts(&values).iter().any(|text| text.contains('\0')) {
        return Err("a text of an event has a NUL in it".to_owned());
    }
    let again: Event = serde_json::from_str(&text).map_err(|_| "an event's text is no event")?;
    if again != *event {
        return Err("an event is another one after it was written down".to_owned());
    }
    let (status, approval) = match event {
        Event::TimeEntry(entry) => (&entry.status, entry.approval),
        Event::Expense(expense) => (&expense.status, expense.approval),
        Event::TimeOff(off) => (&off.status, off.approval),
        Event::Deal(_)
        | Event::Project(_)
        | Event::Assignment(_)
        | Event::Removed(_)
        | Event::Withdrawn(_)
        | Event::Person(_)
        | Event::Ticket(_)
        | Event::InvoiceStatus(_) => return Ok(()),
    };
    if approval != Approval::Approved {
        return Ok(());
    }
    let words = approved_words(source);
    if !words.contains(status) {
        return Err("approved by a word that does not mean it".to_owned());
    }
    // Where the sample says it in that word, any approval needs the word.
    match !says(&sample.body, &words) || says(&input.body, &words) {
        true => Ok(()),
        false => Err("approved, and the message nowhere says so".to_owned()),
    }
}

/// The words by which a source approves.
fn approved_words(source: &Source) -> Vec<String> {
    let is_of_book = |psa: &&Psa| psa.source == source.name();
    let of_book = BOOK.psa.iter().filter(is_of_book);
    let of_book = of_book.flat_map(|psa| &psa.approval);
    let described = source.facts.approval.values().flat_map(|map| &map.states);
    let means = |(word, approval): (&String, &Approval)| {
        (*approval == Approval::Approved).then(|| word.clone())
    };
    of_book.chain(described).filter_map(means).collect()
}

/// Whether one of these words is in a body, however it is escaped.
fn says(body: &[u8], words: &[String]) -> bool {
    let text = String::from_utf8_lossy(body);
    let within = |text: &str| words.iter().any(|word| text.contains(word.as_str()));
    let parsed: Option<Value> = serde_json::from_str(&text).ok();
    // A value that our reader takes and this one does not has its words as they are, or escaped.
    within(&text)
        || text.contains("\\u")
        || parsed.is_some_and(|value| texts(&value).iter().any(|text| within(text)))
}
