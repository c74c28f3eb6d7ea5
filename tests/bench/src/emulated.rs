//! The same tables in the AWS emulator, asked over HTTP: what a table that is not in this process
//! adds.

use cli::aws_api::{Aws, DYNAMODB};
use cli::cache::Cache;
use cli::stack::{Installed, MiniStack, RunFolder};
use reqwest::Client;
use serde_json::Value;

use crate::table::{self, Answer};

/// A running emulator with our tables in it.
pub struct Emulated {
    // In the order in which they must end.
    ministack: MiniStack,
    _run: RunFolder,
    http: Client,
}

impl Emulated {
    /// Starts it.
    pub async fn start(installed: &Installed) -> Self {
        let cache = Cache::locate().expect("a cache");
        let run = RunFolder::create(&cache).expect("a run folder");
        let ministack = MiniStack::start(&installed.ministack, &run.path("ministack"));
        let ministack = ministack.expect("the emulator starts");
        let aws = Aws::root(ministack.url());
        for request in table::all() {
            let created = aws.json(DYNAMODB, "CreateTable", &request).await;
            created.expect("a table");
        }
        Self {
            ministack,
            _run: run,
            http: Client::new(),
        }
    }

    /// What the emulator answers. It asks for a signature and believes any.
    pub async fn answer(&self, operation: &str, body: &Value) -> Answer {
        let target = format!("DynamoDB_20120810.{operation}");
        let scope = "Credential=test/20260101/eu-central-1/dynamodb/aws4_request";
        let signature = format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0");
        let request = (self.http.post(self.ministack.url()))
            .header("x-amz-target", target)
            .header("authorization", signature)
            .header("content-type", "application/x-amz-json-1.0")
            .body(body.to_string());
        let response = request.send().await.expect("the emulator answers");
        let status = response.status().as_u16();
        let text = response.text().await.expect("its answer");
        let answer = serde_json::from_str(&text).expect("JSON");
        match status {
            200 => Ok(answer),
            _ => Err((status, answer)),
        }
    }
}
