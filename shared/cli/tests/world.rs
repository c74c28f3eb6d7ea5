//! A world starts, takes a template, keeps strangers out, survives a stop of Odoo, and leaves nothing
//! behind.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::path::{Path, PathBuf};

use cli::aws_api::{Aws, Credentials, SQS};
use cli::dev::redeploy::Deployed;
use cli::progress::Progress;
use cli::stack::{Stack, StackOptions, seed};
use reqwest::Method;
use serde_json::{Value, json};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/tiny")
        .join(name)
}

async fn start() -> Stack {
    let options = StackOptions {
        template: Some(file("template.yaml")),
        programs: Some(vec![("echo".to_owned(), file("bootstrap"))]),
        parameters: vec![("OdooUrl".to_owned(), "{odoo_url}".to_owned())],
        ..StackOptions::default()
    };
    Stack::start(&options, &Progress::new())
        .await
        .unwrap_or_else(|error| panic!("{error}"))
}

async fn client(stack: &Stack, who: &str) -> Aws {
    let name = stack.output(&format!("{who}Name")).unwrap();
    stack
        .aws()
        .with_credentials(stack.aws().new_access_key(name).await.unwrap())
}

async fn odoo_says(stack: &Stack, key: &str, call: &str, body: &Value) -> Option<Value> {
    let url = format!("{}/json/2/{call}", stack.odoo_url());
    let request = reqwest::Client::new().post(url).bearer_auth(key).json(body);
    request.send().await.ok()?.json().await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_runs_and_ends() {
    let mut stack = start().await;
    the_function_answers(&stack).await;
    only_the_caller_may_call(&stack).await;
    a_stranger_may_not_send(&stack).await;
    a_changed_program_replaces_the_deployed_one(&stack).await;
    the_seed_is_there(&stack).await;
    stack.stop_odoo();
    assert_eq!(
        odoo_says(&stack, seed::ADMIN_KEY, "res.users/context_get", &json!({})).await,
        None
    );
    stack.start_odoo().unwrap();
    the_seed_is_there(&stack).await;
    let folder = stack.run_folder().folder().to_owned();
    drop(stack);
    assert!(!folder.exists(), "{}", folder.display());
}

async fn the_function_answers(stack: &Stack) {
    let url = format!("{}/open", stack.api_url("ApiUrl").unwrap());
    let response = reqwest::Client::new()
        .post(url)
        .body("{\"a\":1.10}")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["event"]["body"], "{\"a\":1.10}");
    assert_eq!(answer["odoo"], stack.odoo_url());
    assert_eq!(
        answer["key"], "ASIA",
        "the function runs with its role, not as the administrator"
    );
}

/// As `tenon dev` does it after a build. A file that was only written again is not deployed again.
async fn a_changed_program_replaces_the_deployed_one(stack: &Stack) {
    let program = std::env::temp_dir().join(format!("tenon-changed-{}", std::process::id()));
    let text = std::fs::read_to_string(file("bootstrap")).unwrap();
    std::fs::write(&program, &text).unwrap();
    let programs = [("echo".to_owned(), program.clone())];
    let mut deployed = Deployed::note(&programs).unwrap();
    let mut replaced = async || {
        deployed
            .replace_changed(stack.aws(), &programs)
            .await
            .unwrap()
    };
    assert!(replaced().await.is_empty());
    std::fs::write(&program, &text).unwrap();
    assert!(replaced().await.is_empty(), "written again, but the same");
    std::fs::write(
        &program,
        text.replace("'statusCode': 200", "'statusCode': 203"),
    )
    .unwrap();
    assert_eq!(replaced().await, ["echo"]);
    assert!(replaced().await.is_empty());
    let url = format!("{}/open", stack.api_url("ApiUrl").unwrap());
    let answer = reqwest::Client::new().post(url).body("{}").send().await;
    assert_eq!(answer.unwrap().status(), 203, "the new program answers");
    std::fs::remove_file(&program).unwrap();
}

async fn only_the_caller_may_call(stack: &Stack) {
    let url = format!("{}/closed/door", stack.api_url("ApiUrl").unwrap());
    let unsigned = reqwest::Client::new()
        .post(&url)
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(unsigned.status(), 403);
    let stranger = client(stack, "Stranger")
        .await
        .call_api(Method::POST, &url, &json!({}))
        .await
        .unwrap();
    assert_eq!(stranger.status, 403, "{}", stranger.body);
    let caller = client(stack, "Caller")
        .await
        .call_api(Method::POST, &url, &json!({}))
        .await
        .unwrap();
    assert_eq!(caller.status, 200, "{}", caller.body);
    let identity = &caller.json()["event"]["requestContext"]["identity"];
    eprintln!("identity: {identity}");
    assert_eq!(identity["userArn"], stack.output("CallerArn").unwrap());
    let forged = Credentials::new(identity["accessKey"].as_str().unwrap(), "wrong", None);
    let forged = stack
        .aws()
        .with_credentials(forged)
        .call_api(Method::POST, &url, &json!({}))
        .await
        .unwrap();
    assert_eq!(forged.status, 403, "{}", forged.body);
}

async fn a_stranger_may_not_send(stack: &Stack) {
    let message = json!({ "QueueUrl": stack.output("QueueUrl").unwrap(), "MessageBody": "x" });
    let refused = client(stack, "Stranger")
        .await
        .json(SQS, "SendMessage", &message)
        .await
        .unwrap_err()
        .to_string();
    assert!(refused.contains("not authorized"), "{refused}");
    stack
        .aws()
        .json(SQS, "SendMessage", &message)
        .await
        .unwrap();
}

async fn the_seed_is_there(stack: &Stack) {
    for (external_id, name, code, ..) in seed::PRODUCTS {
        let (module, id) = external_id.split_once('.').unwrap();
        let look = json!({ "module": module, "xml_id": id });
        let found = odoo_says(
            stack,
            seed::MASTER.key,
            "ir.model.data/check_object_reference",
            &look,
        )
        .await
        .unwrap();
        let read = json!({ "ids": [found[1]], "fields": ["name", "default_code", "service_policy", "uom_id", "taxes_id"] });
        let product = odoo_says(stack, seed::ADMIN_KEY, "product.product/read", &read)
            .await
            .unwrap();
        assert_eq!(
            (
                product[0]["name"].as_str(),
                product[0]["default_code"].as_str()
            ),
            (Some(name), Some(code))
        );
        assert_eq!(
            product[0]["taxes_id"].as_array().map(Vec::len),
            Some(2),
            "one tax for each of the two companies: {product}"
        );
    }
    let other = [seed::ALICE.0, seed::BOB.0, seed::PAYMENT_TERM_30_DAYS];
    for (module, id) in other
        .iter()
        .map(|external_id| external_id.split_once('.').unwrap())
    {
        let look = json!({ "module": module, "xml_id": id });
        let found = odoo_says(
            stack,
            seed::ADMIN_KEY,
            "ir.model.data/check_object_reference",
            &look,
        );
        assert!(found.await.unwrap()[1].is_i64(), "{module}.{id}");
    }
    for user in seed::USERS {
        let context = odoo_says(stack, user.key, "res.users/context_get", &json!({}))
            .await
            .unwrap();
        assert!(context["lang"].is_string(), "{}: {context}", user.login);
    }
    let invoices = odoo_says(
        stack,
        seed::READ.key,
        "account.move/search_read",
        &json!({ "domain": [], "fields": ["name"] }),
    )
    .await;
    assert_eq!(invoices, Some(json!([])));
}
