//! What an account says that a first book names: how it is asked, and what the answer means.

use crate::api::{ApiAnswer, ApiError, ApiRequest, classify};
use crate::facts::survey::Question;
use crate::json::{self, Unreadable, missing};

/// One of what was asked for. It has no `Debug`: the name may be a person's.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// What the book writes.
    pub id: String,
    /// What people call it; empty where it has no other name.
    pub name: String,
}

/// Why an answer does not say it.
#[derive(Debug, thiserror::Error)]
pub enum NotSaid {
    /// The API did not answer the question.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The answer has another shape than the description says.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

/// What is asked.
#[must_use]
pub fn request(question: &Question) -> ApiRequest {
    ApiRequest {
        method: "GET",
        path_and_query: question.path.clone(),
        body: None,
    }
}

/// What the answer says, in its order.
///
/// # Errors
/// When it is none, or not in the shape described.
pub fn found(question: &Question, answer: &ApiAnswer) -> Result<Vec<Found>, NotSaid> {
    let body = classify(answer)?.body.as_str();
    let mut all = Vec::new();
    for record in records(body, &question.records)? {
        match &question.within {
            Some(place) => all.extend(records(record, place)?),
            None => all.push(record),
        }
    }
    let is_meant = |record: &&str| {
        question.only.as_ref().is_none_or(|only| {
            json::id_at(record, &only.at).is_some_and(|said| only.is.contains(&said))
        })
    };
    let meant = all.into_iter().filter(is_meant);
    meant.map(|record| one(question, record)).collect()
}

fn one(question: &Question, record: &str) -> Result<Found, NotSaid> {
    let id = json::id_at(record, &question.id).ok_or_else(|| missing(&question.id))?;
    let name = question
        .name
        .iter()
        .filter_map(|place| json::id_at(record, place));
    let name: Vec<String> = name.filter(|part| !part.is_empty()).collect();
    Ok(Found {
        id,
        name: name.join(" "),
    })
}

/// The records at a place; an object there is the only one.
fn records<'a>(body: &'a str, place: &str) -> Result<Vec<&'a str>, Unreadable> {
    let there = match place {
        "" => body,
        place => json::at(body, place).ok_or_else(|| missing(place))?,
    };
    match there.trim_start().starts_with('{') {
        true => Ok(vec![there]),
        false => Ok(json::array(there)?.iter().map(|one| one.get()).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::survey::Topic;
    use crate::source;

    fn said(name: &str, topic: Topic, status: u16, body: &str) -> Result<String, String> {
        let facts = &source(name).unwrap().facts;
        let question = facts.survey.get(&topic).unwrap();
        assert!(request(question).path_and_query.starts_with('/'));
        let answer = ApiAnswer {
            status,
            body: body.to_owned(),
        };
        let lines = |found: Vec<Found>| {
            let lines = found.iter().map(|one| format!("{}={}", one.id, one.name));
            lines.collect::<Vec<_>>().join(" ")
        };
        found(question, &answer)
            .map(lines)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_account_says_what_a_first_book_names() {
        let details = r#"{"portalId":48807704,"timeZone":"US/Eastern","companyCurrency":"USD"}"#;
        let account = said("hubspot", Topic::Account, 200, details);
        assert_eq!(account, Ok("48807704=".to_owned()));
        let pipelines = r#"{"results":[{"id":"default","stages":[
            {"id":"closedwon","label":"Closed won","metadata":{"isClosed":"true","probability":"1.0"}},
            {"id":"closedlost","label":"Closed lost","metadata":{"isClosed":"true","probability":"0.0"}}]},
            {"id":"77","stages":[{"id":"78","label":"Signed","metadata":{"probability":"1.0"}}]}]}"#;
        let stages = said("hubspot", Topic::WonStages, 200, pipelines);
        assert_eq!(stages, Ok("closedwon=Closed won 78=Signed".to_owned()));
        let members = r#"[{"id":4,"identifier":"JDoe","firstName":"Jane","lastName":"Doe"},
            {"id":5,"identifier":"bot","firstName":"","lastName":null}]"#;
        let members = said("connectwise", Topic::Members, 200, members);
        assert_eq!(members, Ok("JDoe=Jane Doe bot=".to_owned()));
        let users =
            r#"{"users":[{"id":3230547,"first_name":"Bob","last_name":"Powell"}],"page":1}"#;
        let users = said("harvest", Topic::Members, 200, users);
        assert_eq!(users, Ok("3230547=Bob Powell".to_owned()));
    }

    #[test]
    fn an_answer_that_is_none_is_said_and_never_repeated() {
        let forbidden = said(
            "hubspot",
            Topic::Account,
            403,
            r#"{"message":"Bob may not"}"#,
        );
        let sentence = "the source does not accept our access (HTTP 403)";
        assert_eq!(forbidden, Err(sentence.to_owned()));
        for body in ["{}", "[]x", r#"{"results":[{"stages":3}]}"#, "<html>"] {
            let error = said("hubspot", Topic::WonStages, 200, body).unwrap_err();
            assert!(!error.contains("html"), "{error}");
        }
    }
}
