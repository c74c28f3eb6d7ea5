//! Everything that the functions wrote to their logs.

use cli::aws_api::{AwsError, LOGS};
use cli::stack::Stack;
use serde_json::{Value, json};

use crate::deployed::{array, functions, text};

/// What the runtime itself writes around every call.
const OF_THE_RUNTIME: [&str; 4] = ["START ", "END ", "REPORT ", "INIT_START "];

/// One line.
pub struct Line {
    /// The function's name in the template.
    pub function: String,
    /// As it was written.
    pub text: String,
}

impl Line {
    /// The line as JSON, or null.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
}

/// All lines of all functions.
pub struct Logs(pub Vec<Line>);

impl Logs {
    /// Reads everything.
    ///
    /// # Errors
    /// When the account does not answer.
    pub async fn read(stack: &Stack) -> Result<Self, AwsError> {
        let mut lines = Vec::new();
        for function in functions(stack.aws()).await? {
            for line in of_group(stack, &format!("/aws/lambda/{}", function.deployed)).await? {
                lines.push(Line {
                    function: function.name.clone(),
                    text: line,
                });
            }
        }
        Ok(Self(lines))
    }

    /// The lines of one function.
    pub fn of(&self, function: &str) -> Vec<&Line> {
        self.0
            .iter()
            .filter(|line| line.function == function)
            .collect()
    }

    /// The lines of one function that contain a text.
    pub fn lines(&self, function: &str, part: &str) -> Vec<&Line> {
        self.of(function)
            .into_iter()
            .filter(|line| line.text.contains(part))
            .collect()
    }

    /// Every line with any of these words in it.
    pub fn naming(&self, words: &[&str]) -> Vec<String> {
        naming(
            self.0
                .iter()
                .map(|line| (line.function.as_str(), line.text.as_str())),
            words,
        )
    }
}

/// Every line with any of these words in it: where it was found, and the line.
pub fn naming<'a>(lines: impl Iterator<Item = (&'a str, &'a str)>, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (place, line) in lines {
        for word in words.iter().filter(|word| line.contains(**word)) {
            found.push(format!("{place} names {word:?}: {line}"));
        }
    }
    found
}

/// Our functions' own lines of a log group; a function that never ran has no group.
async fn of_group(stack: &Stack, group: &str) -> Result<Vec<String>, AwsError> {
    let wanted = json!({"logGroupName": group, "limit": 10_000});
    let answer = match stack.aws().json(LOGS, "FilterLogEvents", &wanted).await {
        Err(AwsError::Refused { code, .. }) if code == "ResourceNotFoundException" => {
            return Ok(Vec::new());
        }
        other => other?,
    };
    let events = array(&answer["events"]);
    assert!(
        events.len() < 10_000,
        "{group} has more lines than one answer carries"
    );
    let lines = events.iter().map(|event| text(&event["message"]));
    Ok(lines
        .filter(|line| !OF_THE_RUNTIME.iter().any(|own| line.starts_with(own)))
        .collect())
}
