//! Does what a step says.

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use tests::fault::{Answer, Fault as Failure};
use tests::fault_proxy::Standing;

use crate::book;
use crate::deliver;
use crate::format::{Call, Change, Fault, NewBook, Question, Step, Tried, Trouble};
use crate::json::Json;
use crate::people::CallError;
use crate::stage::{Stage, StageError, body_of};

/// How long a busy Odoo asks to be left alone when the story does not say.
const LEFT_ALONE: u32 = 30;

/// Does what happens in a step, and lets the functions work on it.
///
/// # Errors
/// When it cannot be done, or is answered in another way than the story says.
pub async fn act(stage: &mut Stage, step: &Step) -> Result<(), StageError> {
    if let Some(delivery) = &step.deliver {
        deliver::deliver(stage, delivery).await?;
    }
    if let Some(dropped) = &step.file {
        let content = dropped.content.as_deref().unwrap_or_default();
        stage.cloud.drop_file(&dropped.key, content);
    }
    if let Some(change) = &step.change {
        self::change(stage, change).await?;
    }
    if let Some(call) = &step.odoo {
        work_in_odoo(stage, call).await?;
    }
    if let Some(question) = &step.console {
        ask(stage, question).await?;
    }
    if let Some(fault) = &step.fault {
        break_something(stage, fault)?;
    }
    if let Some(new) = &step.book {
        activate(stage, new).await?;
    }
    if let Some(order) = step.replay {
        deliver::again(stage, order).await?;
    }
    if let Some(run) = &step.run {
        stage.run(run.schedule, run.cut_off).await?;
    }
    match &step.advance {
        Some(time) => advance(stage, time).await,
        None => stage.rest().await,
    }
}

async fn change(stage: &mut Stage, change: &Change) -> Result<(), StageError> {
    for telling in stage.standins.change(change)? {
        deliver::tell(stage, telling).await?;
    }
    Ok(())
}

async fn work_in_odoo(stage: &Stage, call: &Call) -> Result<(), StageError> {
    let mut arguments = arguments(stage, call.args.as_ref()).await?;
    let ids = match (&call.ids, &call.domain) {
        (Some(ids), _) => Some(stage.people.resolved(&ids.text()).await?),
        (None, Some(domain)) => {
            let domain = stage.people.resolved(&domain.text()).await?;
            let body = format!("{{\"domain\": {domain}}}");
            let found = stage
                .people
                .call("admin", &call.model, "search", body)
                .await?;
            match found.list().unwrap_or_default() {
                [] => {
                    return Err(StageError::Impossible(format!(
                        "no {} passes {domain}",
                        call.model
                    )));
                }
                _ => Some(found.to_string()),
            }
        }
        (None, None) => None,
    };
    arguments.extend(ids.map(|ids| format!("\"ids\": {ids}")));
    arguments.extend(
        call.company
            .map(|company| format!("\"context\": {{\"allowed_company_ids\": [{company}]}}")),
    );
    let body = format!("{{{}}}", arguments.join(", "));
    let done = stage
        .people
        .call(&call.who, &call.model, &call.method, body)
        .await;
    match (done, &call.fails) {
        (Ok(_), None) => Ok(()),
        (Err(CallError::Refused { said, .. }), Some(words)) if said.contains(words.as_str()) => {
            Ok(())
        }
        (Ok(_), Some(words)) => Err(StageError::Impossible(format!(
            "Odoo did {}.{}, and a refusal with {words:?} was expected",
            call.model, call.method
        ))),
        (Err(error), _) => Err(error.into()),
    }
}

/// The named arguments, each as a piece of JSON.
async fn arguments(stage: &Stage, args: Option<&Json>) -> Result<Vec<String>, StageError> {
    let Some(args) = args else {
        return Ok(Vec::new());
    };
    let json = stage.people.resolved(&args.text()).await?;
    let fields: std::collections::BTreeMap<String, Box<serde_json::value::RawValue>> =
        serde_json::from_str(&json).map_err(|_| {
            StageError::Impossible("args must be a table of named arguments".to_owned())
        })?;
    let piece = |(name, value): (String, Box<serde_json::value::RawValue>)| {
        format!("{}: {}", serde_json::Value::from(name), value.get())
    };
    Ok(fields.into_iter().map(piece).collect())
}

async fn ask(stage: &Stage, question: &Question) -> Result<(), StageError> {
    let body = match &question.body {
        Some(body) => Some(stage.people.resolved(&body.text()).await?),
        None => None,
    };
    let method = match (&question.method, &body) {
        (Some(method), _) => method.as_str(),
        (None, Some(_)) => "POST",
        (None, None) => "GET",
    };
    let answer = stage
        .ask_console(&question.who, method, &question.path, body)
        .await;
    let said = body_of(&answer);
    let expected = question.status.unwrap_or(200);
    let lacking = question
        .contains
        .iter()
        .find(|words| !said.contains(words.as_str()));
    match lacking {
        _ if answer.status_code != expected => Err(StageError::Impossible(format!(
            "the console answered {} {said}, and {expected} was expected",
            answer.status_code
        ))),
        Some(words) => Err(StageError::Impossible(format!(
            "the console answered {said}, and {words:?} was expected in it"
        ))),
        None => Ok(()),
    }
}

fn break_something(stage: &Stage, fault: &Fault) -> Result<(), StageError> {
    let proxy = match fault.with.as_str() {
        "odoo" => Some(&stage.odoo),
        source => stage.standins.proxy(source),
    };
    let proxy = proxy.ok_or_else(|| {
        StageError::Impossible(format!(
            "{:?} is neither odoo nor a source of this story",
            fault.with
        ))
    })?;
    let closed = fault.what == Trouble::Away && fault.calls.is_none() && fault.only.is_none();
    proxy.set_closed(closed);
    let busy = Answer::TryLater(
        StatusCode::TOO_MANY_REQUESTS,
        fault.retry_after.unwrap_or(LEFT_ALONE),
    );
    let failure = match fault.what {
        Trouble::Nothing => None,
        Trouble::Away => Some(Failure::before(Answer::Nothing)),
        Trouble::AnswerLost => Some(Failure::after(Answer::Nothing)),
        Trouble::Busy => Some(Failure::before(busy)),
        Trouble::Unavailable => Some(Failure::before(Answer::Status(
            StatusCode::SERVICE_UNAVAILABLE,
        ))),
    };
    let path = fault.only.as_ref().map(|only| match only.rsplit_once('.') {
        Some((model, method)) if fault.with == "odoo" => format!("/json/2/{model}/{method}"),
        _ => only.clone(),
    });
    proxy.keep_failing(failure.map(|failure| Standing {
        fault: failure,
        path,
        times: fault.calls,
    }));
    Ok(())
}

/// As people do it: one publishes, another one approves and says from when on it is valid.
async fn activate(stage: &mut Stage, new: &NewBook) -> Result<(), StageError> {
    let text = new.text.as_deref().unwrap_or(&stage.book_text);
    let text = match (book::with(text, new.overrides.as_ref()), &new.refused) {
        (Ok(text), _) => text,
        // What the console refuses is handed to it as it is.
        (Err(_), Some(_)) => text.to_owned(),
        (Err(problem), None) => return Err(StageError::Book(problem)),
    };
    if let Some(wanted) = &new.tried {
        let said = tried(stage, &new.who, &text, wanted).await;
        return said.map_err(StageError::Impossible);
    }
    match (publish(stage, new, &text).await, &new.refused) {
        (Ok(()), None) => {
            stage.book_text = text;
            Ok(())
        }
        (Err(said), Some(words)) if said.contains(words.as_str()) => Ok(()),
        (Ok(()), Some(words)) => Err(StageError::Impossible(format!(
            "the book is in force, and a refusal with {words:?} was expected"
        ))),
        (Err(said), _) => Err(StageError::Book(said)),
    }
}

/// Tries a book, and says what is not as the story wants it.
async fn tried(stage: &Stage, who: &str, text: &str, wanted: &Tried) -> Result<(), String> {
    let (mut said, mut differences) = (String::new(), 0);
    let mut place = serde_json::Value::Null;
    loop {
        let body = serde_json::json!({"content": text, "days": wanted.days, "place": place});
        let body = Some(body.to_string());
        let answer = stage.ask_console(who, "POST", "book/test", body).await;
        let answer_text = body_of(&answer);
        if answer.status_code != 200 {
            return Err(format!(
                "book/test was answered {} {answer_text}",
                answer.status_code
            ));
        }
        let read: serde_json::Value = serde_json::from_str(&answer_text).unwrap_or_default();
        let found = read
            .get("differences")
            .and_then(serde_json::Value::as_array);
        differences += found.map_or(0, Vec::len);
        place = read.get("next").cloned().unwrap_or_default();
        said.push_str(&answer_text);
        if place.is_null() {
            break;
        }
    }
    let missing = |words: &&String| !said.contains(words.as_str());
    match wanted.contains.iter().find(missing) {
        Some(words) => Err(format!(
            "{words:?} is not in what trying the book said: {said}"
        )),
        None if differences != wanted.differences => Err(format!(
            "{} facts should be judged differently, not {differences}: {said}",
            wanted.differences
        )),
        None => Ok(()),
    }
}

/// The three steps of a book; a refusal in the console's words.
async fn publish(stage: &Stage, new: &NewBook, text: &str) -> Result<(), String> {
    let version =
        domain::book::Book::parse(text).map_or_else(|_| String::new(), |book| book.version);
    let steps = [
        (
            &new.who,
            "book",
            serde_json::json!({"content": text, "note": "of a story"}),
        ),
        (
            &new.approver,
            "book/approve",
            serde_json::json!({"book": version}),
        ),
        (
            &new.approver,
            "book/activate",
            serde_json::json!({"book": version, "from": new.from}),
        ),
    ];
    for (who, path, body) in steps {
        let answer = stage
            .ask_console(who, "POST", path, Some(body.to_string()))
            .await;
        if answer.status_code != 200 {
            return Err(format!(
                "{path} was answered {} {}",
                answer.status_code,
                body_of(&answer)
            ));
        }
    }
    Ok(())
}

async fn advance(stage: &mut Stage, time: &str) -> Result<(), StageError> {
    if time == "rest" {
        return stage.until_quiet().await;
    }
    let now = stage.cloud.clock().shown();
    let end = match (time.parse::<SignedDuration>(), time.parse::<Timestamp>()) {
        (Ok(by), _) => now.checked_add(by).unwrap_or(Timestamp::MAX),
        (Err(_), Ok(end)) if end > now => end,
        (Err(_), Ok(_)) => {
            return Err(StageError::Impossible(format!(
                "it is {now} already, and the clock never goes back"
            )));
        }
        (Err(_), Err(_)) => {
            return Err(StageError::Impossible(format!(
                "{time:?} is no time: write \"15m\", \"2h\", \"rest\" or an instant such as \"2026-12-01T08:00:00Z\""
            )));
        }
    };
    stage.until(end).await
}
