//! What is tried in a role: calls that change nothing even where they are allowed.

use cli::aws_api::{Aws, AwsError, DYNAMODB, JsonService, SECRETS, SQS};
use cli::story::{Firm, StoryError};
use serde_json::{Value, json};
use tests::deployed::{self, array};

const SECRET_NAMES: [&str; 6] = [
    "hubspot",
    "connectwise",
    "odoo/master",
    "odoo/work",
    "odoo/billing",
    "odoo/read",
];

/// A call that changes nothing even where it is allowed.
pub struct Attempt {
    pub name: String,
    service: JsonService,
    operation: &'static str,
    body: Value,
}

impl Attempt {
    /// Any answer but a refusal means that the role may.
    pub async fn is_allowed(&self, role: &Aws) -> bool {
        match role.json(self.service, self.operation, &self.body).await {
            Err(AwsError::Refused { code, .. }) => !code.contains("AccessDenied"),
            Err(other) => panic!("{}: {other}", self.name),
            Ok(_) => true,
        }
    }
}

/// Those on the secrets.
pub fn of_secrets() -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for name in SECRET_NAMES {
        let id = format!("tenon/demo/{name}");
        let mut push = |what: &str, operation, body| {
            let name = format!("{what}: {name}");
            attempts.push(Attempt {
                name,
                service: SECRETS,
                operation,
                body,
            });
        };
        push("secret", "GetSecretValue", json!({"SecretId": id}));
        // Allowed, it fails for want of a value.
        push("rewrite", "PutSecretValue", json!({"SecretId": id}));
    }
    attempts
}

/// All of them.
pub async fn attempts(firm: &Firm) -> Result<Vec<Attempt>, StoryError> {
    let mut attempts = of_secrets();
    for url in firm.stack.output("Queues")?.split(',') {
        let name = format!("send: {}", queue_of(url, "Queue"));
        // Allowed, it fails for want of a body.
        let body = json!({"QueueUrl": url, "MessageBody": ""});
        attempts.push(Attempt {
            name,
            service: SQS,
            operation: "SendMessage",
            body,
        });
    }
    for url in firm.stack.output("DeadLetterQueues")?.split(',') {
        attempts.extend(of_dead_letters(url));
    }
    for table in tables(firm).await? {
        attempts.extend(of_table(&table));
    }
    Ok(attempts)
}

/// A queue's name in the template, without its ending.
fn queue_of<'a>(url: &'a str, ending: &str) -> &'a str {
    let name = url.split('-').nth(1);
    let name = name.and_then(|name| name.strip_suffix(ending));
    name.expect("a queue's name")
}

fn of_dead_letters(url: &str) -> [Attempt; 3] {
    let queue = queue_of(url, "DeadLetters");
    let attempt = |what: &str, operation, body| Attempt {
        name: format!("{what}: {queue}"),
        service: SQS,
        operation,
        body,
    };
    // Allowed, one finds nothing, and the others fail for want of a receipt and of a body.
    let look = json!({"QueueUrl": url, "VisibilityTimeout": 0});
    let remove = json!({"QueueUrl": url, "ReceiptHandle": "none"});
    let add = json!({"QueueUrl": url, "MessageBody": ""});
    [
        attempt("look", "ReceiveMessage", look),
        attempt("remove", "DeleteMessage", remove),
        attempt("add", "SendMessage", add),
    ]
}

async fn tables(firm: &Firm) -> Result<Vec<String>, StoryError> {
    let answer = firm
        .stack
        .aws()
        .json(DYNAMODB, "ListTables", &json!({}))
        .await?;
    Ok(array(&answer["TableNames"])
        .iter()
        .map(deployed::text)
        .collect())
}

fn of_table(table: &str) -> Vec<Attempt> {
    let short = table
        .split('-')
        .nth(1)
        .and_then(|name| name.strip_suffix("Table"));
    let short = short.expect("a table's name").to_lowercase();
    let key = json!({"pk": {"S": "nobody"}, "sk": {"S": "nothing"}});
    let only_if_there = "attribute_exists(pk)";
    let calls = [
        ("get", "GetItem", json!({"Key": key})),
        (
            "query",
            "Query",
            json!({
                "KeyConditionExpression": "pk = :pk",
                "ExpressionAttributeValues": {":pk": {"S": "nobody"}},
            }),
        ),
        ("scan", "Scan", json!({"Limit": 1})),
        (
            "put",
            "PutItem",
            json!({"Item": key, "ConditionExpression": only_if_there}),
        ),
        (
            "update",
            "UpdateItem",
            json!({"Key": key, "ConditionExpression": only_if_there}),
        ),
        (
            "delete",
            "DeleteItem",
            json!({"Key": key, "ConditionExpression": only_if_there}),
        ),
        (
            "batch",
            "BatchGetItem",
            json!({"RequestItems": {table: {"Keys": [key]}}}),
        ),
        (
            "clear",
            "BatchWriteItem",
            json!({"RequestItems": {table: [{"DeleteRequest": {"Key": key}}]}}),
        ),
    ];
    calls
        .into_iter()
        .map(|(what, operation, mut body)| {
            if !operation.starts_with("Batch") {
                body["TableName"] = json!(table);
            }
            Attempt {
                name: format!("{short}: {what}"),
                service: DYNAMODB,
                operation,
                body,
            }
        })
        .collect()
}
