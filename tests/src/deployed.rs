//! What the template became in the account.

use cli::aws_api::{Aws, AwsError};
use cli::stack::Stack;
use reqwest::Method;
use serde_json::{Value, json};

/// A deployed function.
pub struct Function {
    /// Its name in the template, such as `Post`.
    pub name: String,
    /// Its name in the account.
    pub deployed: String,
    /// The role that it runs with.
    pub role: String,
}

/// All functions, by their names in the template.
///
/// # Errors
/// When the account does not answer.
pub async fn functions(aws: &Aws) -> Result<Vec<Function>, AwsError> {
    let answer = aws
        .rest("lambda", Method::GET, "/2015-03-31/functions/", None)
        .await?;
    let mut functions: Vec<Function> = array(&answer["Functions"])
        .iter()
        .map(|function| {
            let deployed = text(&function["FunctionName"]);
            let name = deployed.split('-').nth(1).unwrap_or(&deployed).to_owned();
            Function {
                name,
                deployed,
                role: text(&function["Role"]),
            }
        })
        .collect();
    functions.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(functions)
}

/// What a function answers to a trigger of its own.
///
/// # Errors
/// When it does not answer.
///
/// # Panics
/// When no such function is deployed.
pub async fn invoke(aws: &Aws, name: &str, trigger: &Value) -> Result<Value, AwsError> {
    let functions = functions(aws).await?;
    let function = functions.iter().find(|function| function.name == name);
    let deployed = &function.expect("is deployed").deployed;
    let path = format!("/2015-03-31/functions/{deployed}/invocations");
    aws.rest("lambda", Method::POST, &path, Some(trigger)).await
}

/// What makes functions run: queues and the table's stream.
///
/// # Errors
/// When the account does not answer.
pub async fn event_source_mappings(aws: &Aws) -> Result<Vec<Value>, AwsError> {
    let path = "/2015-03-31/event-source-mappings/";
    let answer = aws.rest("lambda", Method::GET, path, None).await?;
    Ok(array(&answer["EventSourceMappings"]))
}

/// Changes one variable of a function's environment, as an operator would. Environments that run
/// already are replaced.
///
/// # Errors
/// When the account refuses.
pub async fn set_variable(
    stack: &Stack,
    function: &str,
    variable: &str,
    value: &str,
) -> Result<(), AwsError> {
    let aws = stack.aws();
    let all = functions(aws).await?;
    let function = all
        .iter()
        .find(|f| f.name == function)
        .expect("the function is deployed");
    let path = format!("/2015-03-31/functions/{}/configuration", function.deployed);
    let now = aws.rest("lambda", Method::GET, &path, None).await?;
    let mut variables = now["Environment"]["Variables"].clone();
    assert!(
        variables[variable].is_string(),
        "{} has no {variable}",
        function.name
    );
    variables[variable] = json!(value);
    let change = json!({"Environment": {"Variables": variables}});
    aws.rest("lambda", Method::PUT, &path, Some(&change))
        .await?;
    Ok(())
}

/// The elements of a JSON array, or none.
pub fn array(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// A JSON string's text, or the value as JSON.
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
