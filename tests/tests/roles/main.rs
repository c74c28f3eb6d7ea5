//! What each deployed role may do, tried with its own credentials against the account that
//! enforces it: exactly what is written here, and nothing else.

mod attempts;

use std::path::PathBuf;

use cli::aws_api::{Aws, AwsError, SECRETS};
use cli::deploy;
use cli::functions::Built;
use cli::progress::Progress;
use cli::story::{Firm, StoryError};
use reqwest::Method;
use serde_json::json;
use tests::deployed::{self, Function};
use tests::emulator::Emulator;
use tests::steps;

use attempts::{attempts, of_secrets};

/// Function → what it may do, thing by thing. `batch` reads a table's items
/// as `get` does and `clear` deletes them as `delete` does, many at once;
/// `secret` reads a secret, `rewrite` replaces one, `send` puts a message into a queue, `look`
/// and `remove` are for its dead letters; `read` reads files below a prefix of the bucket.
/// `Validate` and `Bill` may put only items of some partitions into `control`, and `Post` and `Feedback`
/// read and put those of others; the emulator does not know that condition, so here they may do so with any.
/// `every queue` stands for looking at and removing from all dead letters: what a queue triggers
/// gets AWS's own policy for that from SAM, and it names no queue.
/// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaSQSQueueExecutionRole.html>
const MAY: [(&str, &str); 12] = [
    ("Audit", "audit: put query; keep: seals; add: Stream"),
    (
        "Bill",
        "ledger: put get query delete; billing: put get query; control: get put query; \
         send: Billing; every queue",
    ),
    (
        "Collect",
        "control: get; exceptions: put query update; send: Deliveries; read: in; every queue",
    ),
    (
        "Console",
        "ledger: put get batch query delete; exceptions: put query update; \
         control: get put query; crosswalk: query; billing: get query; \
         send: Deliveries Master Work Billing Units Releases Feedback Keys Files; keep: books; recorded: query; audit: put query; read: seals; every queue",
    ),
    (
        "Feedback",
        "ledger: query; control: get put; exceptions: put query update; send: Deliveries Feedback; \
         secret: hubspot connectwise; every queue",
    ),
    (
        "Intake",
        "send: Deliveries Keys; secret: hubspot connectwise",
    ),
    (
        "Post",
        "ledger: put get batch query update delete clear; exceptions: put query update; \
         control: get put; \
         send: Master Work Billing; secret: odoo/master odoo/work odoo/billing; every queue",
    ),
    (
        "Pull",
        "control: get put; exceptions: put query update; send: Deliveries; \
         secret: odoo/read hubspot connectwise",
    ),
    ("Relay", "send: Units Releases Feedback; add: Stream"),
    (
        "Rotate",
        "secret: connectwise; rewrite: connectwise; every queue",
    ),
    (
        "Sweep",
        "ledger: put get batch query delete; crosswalk: put; control: get; \
         exceptions: put query update; send: Master Work Billing; every queue",
    ),
    (
        "Validate",
        "ledger: put get query delete; billing: query; exceptions: put query update; control: get put; \
         recorded: put; send: Deliveries Master Work Billing; add: Drift; secret: hubspot connectwise; every queue",
    ),
];

const EVERY_QUEUE: &str = "look: Deliveries Master Work Billing Units Releases Feedback Keys Files Stream Drift; \
    remove: Deliveries Master Work Billing Units Releases Feedback Keys Files Stream Drift";

/// What may be tried with files that are there.
const FILE_CALLS: [(&str, &str, Method, &str); 10] = [
    ("read: in", FILES, Method::GET, "in/read.json"),
    ("read: elsewhere", FILES, Method::GET, "elsewhere.json"),
    ("drop: in", FILES, Method::PUT, "in/drop.json"),
    ("remove: in", FILES, Method::DELETE, "in/remove.json"),
    ("read: books", BOOKS, Method::GET, "read.toml"),
    ("keep: books", BOOKS, Method::PUT, "keep.toml"),
    ("remove: books", BOOKS, Method::DELETE, "remove.toml"),
    ("read: seals", SEALS, Method::GET, "read.json"),
    ("keep: seals", SEALS, Method::PUT, "keep.json"),
    ("remove: seals", SEALS, Method::DELETE, "remove.json"),
];

/// The outputs of the template that name the buckets.
const FILES: &str = "FilesBucketName";
const BOOKS: &str = "BooksBucketName";
const SEALS: &str = "SealsBucketName";

/// The version of IAM's API.
const IAM: &str = "2010-05-08";

#[tokio::test(flavor = "multi_thread")]
async fn every_role_may_do_what_it_needs_and_nothing_else() -> Result<(), StoryError> {
    let progress = &Progress::new();
    let firm = steps::open(progress).await?;
    let aws = firm.stack.aws();
    let functions = deployed::functions(aws).await?;
    let names: Vec<&str> = functions
        .iter()
        .map(|function| function.name.as_str())
        .collect();
    assert_eq!(names, MAY.map(|(name, _)| name));
    for (_, bucket, _, key) in FILE_CALLS {
        let bucket = firm.stack.output(bucket)?;
        aws.put_object(bucket, key, b"{}".to_vec()).await?;
    }
    let (climber, attempts) = (climber(aws).await?, attempts(&firm).await?);
    for (function, (_, may)) in functions.iter().zip(MAY) {
        let climbed = climber.assume_role(&function.role, "test").await;
        assert!(
            climbed.is_err(),
            "only Lambda takes on the role of {}",
            function.name
        );
        let role = session(aws, function).await?;
        let mut could = Vec::new();
        for attempt in &attempts {
            if attempt.is_allowed(&role).await {
                could.push(attempt.name.as_str());
            }
        }
        could.extend(with_files(&firm, &role).await?);
        could.sort_unstable();
        let expected = single_words(may);
        assert_eq!(could, expected, "what the role of {} may do", function.name);
        progress.line(&format!(
            "   {}: {} of {}",
            function.name,
            could.len(),
            attempts.len()
        ));
    }
    intake_is_refused_by_name(aws, &functions).await
}

/// Nobody is run here, so any program will do.
fn no_programs() -> Vec<(String, PathBuf)> {
    let names = MAY.map(|(name, _)| name.to_lowercase());
    let none = tests::root().join("README.md");
    names.map(|name| (name, none.clone())).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_a_source_whose_token_rotates_may_write_its_secret_and_no_other() {
    let emulator = Emulator::start();
    let aws = emulator.aws();
    let programs = Built::given(&no_programs()).expect("a workspace");
    let parameters = [
        ("Environment", "demo"),
        ("OdooUrl", "http://127.0.0.1:9"),
        ("OdooDatabase", "odoo"),
        ("RotatingSource", "hubspot"),
    ];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let deployed = deploy::deploy(&aws, &programs, None, &parameters).await;
    deployed.expect("it is deployed");
    let functions = deployed::functions(&aws).await.expect("functions");
    for function in &functions {
        let role = session(&aws, function).await.expect("a session");
        let mut could = Vec::new();
        for attempt in of_secrets()
            .iter()
            .filter(|one| one.name.starts_with("rewrite"))
        {
            if attempt.is_allowed(&role).await {
                could.push(attempt.name.clone());
            }
        }
        let may: &[&str] = match function.name.as_str() {
            "Feedback" | "Pull" | "Validate" => &["rewrite: hubspot"],
            "Rotate" => &["rewrite: connectwise"],
            _ => &[],
        };
        assert_eq!(could, may, "{}", function.name);
    }
}

/// `a: b c; d: e` → `a: b`, `a: c`, `d: e`, sorted.
fn single_words(may: &str) -> Vec<String> {
    let may = may.replace("every queue", EVERY_QUEUE);
    let things = may.split("; ").filter_map(|part| part.split_once(": "));
    let mut all: Vec<String> = things
        .flat_map(|(thing, verbs)| verbs.split(' ').map(move |verb| format!("{thing}: {verb}")))
        .collect();
    all.sort();
    all
}

/// The refusal itself, word for word: not just any error.
async fn intake_is_refused_by_name(aws: &Aws, functions: &[Function]) -> Result<(), StoryError> {
    let intake = functions
        .iter()
        .find(|function| function.name == "Intake")
        .expect("is deployed");
    let role = session(aws, intake).await?;
    for name in ["odoo/master", "odoo/work", "odoo/billing", "odoo/read"] {
        let wanted = json!({"SecretId": format!("tenon/demo/{name}")});
        let refused = role.json(SECRETS, "GetSecretValue", &wanted).await;
        let Err(AwsError::Refused { code, message, .. }) = refused else {
            panic!("intake read the secret {name}");
        };
        assert!(code.starts_with("AccessDenied"), "{code}");
        assert!(message.contains("not authorized to perform: secretsmanager:GetSecretValue"));
    }
    Ok(())
}

/// A person who may take on every role, as far as their own permissions go.
async fn climber(aws: &Aws) -> Result<Aws, AwsError> {
    let parameter = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let user = parameter("UserName", "carl.climber");
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*",
    }]});
    let parameters = [
        user.clone(),
        parameter("PolicyName", "climb"),
        parameter("PolicyDocument", &policy.to_string()),
    ];
    aws.query("iam", IAM, "CreateUser", &[user]).await?;
    aws.query("iam", IAM, "PutUserPolicy", &parameters).await?;
    Ok(aws.with_credentials(aws.new_access_key("carl.climber").await?))
}

/// A session in a function's role. The emulator's administrator may take on any.
async fn session(aws: &Aws, function: &Function) -> Result<Aws, AwsError> {
    let credentials = aws.assume_role(&function.role, "test").await?;
    Ok(aws.with_credentials(credentials))
}

/// Which of [`FILE_CALLS`] a role may do.
async fn with_files(firm: &Firm, role: &Aws) -> Result<Vec<&'static str>, StoryError> {
    let mut could = Vec::new();
    for (name, bucket, method, key) in FILE_CALLS {
        let bucket = firm.stack.output(bucket)?;
        match role
            .rest("s3", method, &format!("/{bucket}/{key}"), None)
            .await
        {
            Err(AwsError::Refused { code, .. }) if code.contains("AccessDenied") => {}
            Err(other) => panic!("{name}: {other}"),
            Ok(_) => could.push(name),
        }
    }
    Ok(could)
}
