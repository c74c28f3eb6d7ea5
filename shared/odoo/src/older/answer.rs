//! From an answer of `/jsonrpc` to the answer that the JSON-2 API would give.

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::wire::Answer;

/// `/jsonrpc` answers HTTP 200, whatever happened.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    data: FaultData,
}

/// What it means is in the name of Odoo's exception; `debug` is a traceback and is not kept.
#[derive(Deserialize)]
struct FaultData {
    name: String,
    message: String,
}

/// What is within: the result, or the error with a status that says that it is one.
pub fn unpacked(answer: Answer) -> Answer {
    if !(200..300).contains(&answer.status) {
        return answer;
    }
    let (status, body) = match serde_json::from_slice::<Envelope<'_>>(&answer.body) {
        Ok(Envelope {
            error: Some(Fault { data }),
            ..
        }) => {
            let body = json!({"name": data.name, "message": data.message});
            (500, body.to_string().into_bytes())
        }
        // A method without an answer has a result of null, or none.
        Ok(Envelope { result, .. }) => {
            let text = result.map_or("null", RawValue::get);
            (answer.status, text.as_bytes().to_vec())
        }
        Err(_) => return answer,
    };
    Answer {
        status,
        body,
        ..answer
    }
}
