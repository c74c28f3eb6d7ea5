//! The edge: what is refused leaves no trace behind, what is proved but unreadable becomes a
//! question for people, and the console knows who is asking.

use cli::aws_api::SECRETS;
use cli::progress::Progress;
use cli::standin::Webhook;
use cli::standin::sign::sign_connectwise;
use cli::story::firm::{PUBLIC_BASE_URL, SECRETS_OF_THE_DEMO};
use cli::story::{Firm, StoryError};
use reqwest::Method;
use serde_json::{Value, json};
use tests::deployed::{self, text};
use tests::logs::Logs;
use tests::steps;
use tests::vendors::{
    callback, connectwise, connectwise_path, event, good_hubspot, hubspot, hubspot_path,
};

/// The largest body that is taken.
const MOST: usize = 180 * 1024;

/// HubSpot's own limit for the age of a message is five minutes.
const TEN_MINUTES_MS: i64 = 600_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_edge_keeps_only_what_is_proved() -> Result<(), StoryError> {
    let progress = &Progress::new();
    let firm = steps::open(progress).await?;
    progress.line("\nRefused at the edge");
    // First of all: a function that has read a secret keeps it for a minute.
    without_a_secret_a_source_is_told_to_come_again(&firm).await?;
    what_is_not_proved_is_refused(&firm).await?;
    what_is_too_large_or_nowhere_is_refused(&firm).await?;
    the_wrong_account_is_refused(&firm).await?;
    a_key_from_a_strangers_host_is_never_fetched(&firm).await?;
    nothing_of_it_left_a_trace(&firm).await?;
    progress.line("\nProved, but unreadable");
    broken_messages_become_questions(&firm).await?;
    progress.line("\nThe console");
    the_console_answers_only_whom_iam_allows(&firm).await?;
    only_what_drifted_is_kept(&firm).await?;
    progress.line("\nA version of the address that ends");
    a_version_that_ends_works_and_says_when(&firm).await
}

/// Row K12: nobody who calls us finds out on the day itself.
async fn a_version_that_ends_works_and_says_when(firm: &Firm) -> Result<(), StoryError> {
    assert_eq!(answered(firm).await, (200, None), "it does not end yet");
    deployed::set_variable(&firm.stack, "Intake", "API_SUNSET", "2027-06-30").await?;
    let ends = "Wed, 30 Jun 2027 00:00:00 GMT".to_owned();
    assert_eq!(answered(firm).await, (200, Some(ends)));
    Ok(())
}

/// The status of a good webhook, and until when its address is there.
async fn answered(firm: &Firm) -> (u16, Option<String>) {
    let path = hubspot_path();
    let webhook = good_hubspot(&event());
    let url = format!("{}{path}", firm.stack.intake_url().expect("an address"));
    let mut request = reqwest::Client::new().post(url).body(webhook.body);
    for (name, value) in &webhook.headers {
        request = request.header(*name, value);
    }
    let answer = request.send().await.expect("an answer");
    let ends = answer.headers().get("sunset");
    let ends = ends.map(|value| value.to_str().expect("a text").to_owned());
    (answer.status().as_u16(), ends)
}

async fn without_a_secret_a_source_is_told_to_come_again(firm: &Firm) -> Result<(), StoryError> {
    let aws = firm.stack.aws();
    let sources = [
        ("hubspot", hubspot_path(), good_hubspot(&event()), 503),
        ("connectwise", connectwise_path(), callback(firm), 429),
    ];
    for (name, path, webhook, busy) in sources {
        let id = format!("tenon/demo/{name}");
        let secret = aws
            .json(SECRETS, "GetSecretValue", &json!({"SecretId": id}))
            .await?;
        let delete = json!({"SecretId": id, "ForceDeleteWithoutRecovery": true});
        aws.json(SECRETS, "DeleteSecret", &delete).await?;
        assert_eq!(
            firm.post(&path, &webhook).await?,
            busy,
            "{name} without a secret"
        );
        // As the template creates it: there, and without a value.
        aws.json(SECRETS, "CreateSecret", &json!({"Name": id}))
            .await?;
        assert_eq!(
            firm.post(&path, &webhook).await?,
            busy,
            "{name} with an empty secret"
        );
        let mut unusable = json!({"SecretId": id, "SecretString": "{}"});
        aws.json(SECRETS, "PutSecretValue", &unusable).await?;
        assert_eq!(
            firm.post(&path, &webhook).await?,
            busy,
            "{name} with an unusable secret"
        );
        unusable["SecretString"] = secret["SecretString"].clone();
        aws.json(SECRETS, "PutSecretValue", &unusable).await?;
    }
    // The unusable one would be remembered for a minute; a new process remembers nothing.
    deployed::set_variable(&firm.stack, "Intake", "PUBLIC_BASE_URL", PUBLIC_BASE_URL).await?;
    Ok(())
}

async fn what_is_not_proved_is_refused(firm: &Firm) -> Result<(), StoryError> {
    let (path, body) = (&hubspot_path(), &event());
    let good = SECRETS_OF_THE_DEMO[0];
    let old = hubspot(good, path, body, TEN_MINUTES_MS);
    let future = hubspot(good, path, body, -TEN_MINUTES_MS);
    let changed = Webhook {
        body: body.replace("99", "98"),
        ..good_hubspot(body)
    };
    let without = |header: &str| {
        let mut webhook = good_hubspot(body);
        webhook.headers.retain(|(name, _)| *name != header);
        webhook
    };
    for (what, webhook) in [
        ("a wrong secret", hubspot("another secret", path, body, 0)),
        ("ten minutes old", old),
        ("ten minutes ahead", future),
        ("changed on its way", changed),
        (
            "signed for another address",
            hubspot(good, "/in/hubspot/1", body, 0),
        ),
        ("no signature", without("x-hubspot-signature-v3")),
        ("no time", without("x-hubspot-request-timestamp")),
    ] {
        assert_eq!(firm.post(path, &webhook).await?, 401, "HubSpot: {what}");
    }
    let path = &connectwise_path();
    let real = callback(firm);
    let forged = Webhook {
        headers: sign_connectwise("wrong", &real.body),
        ..callback(firm)
    };
    let unsigned = Webhook {
        headers: Vec::new(),
        ..callback(firm)
    };
    for (what, webhook) in [("a wrong key", forged), ("no signature", unsigned)] {
        assert_eq!(firm.post(path, &webhook).await?, 401, "ConnectWise: {what}");
    }
    Ok(())
}

async fn what_is_too_large_or_nowhere_is_refused(firm: &Firm) -> Result<(), StoryError> {
    let large = "a".repeat(MOST + 1);
    assert_eq!(
        firm.post(&hubspot_path(), &good_hubspot(&large)).await?,
        413
    );
    assert_eq!(
        firm.post(&connectwise_path(), &connectwise(&large)).await?,
        413
    );
    for path in [
        "/elsewhere",
        "/in",
        "/in/hubspot",
        "/in/nobody/1",
        "/in/hubspot/1/2",
        "/x/y/z",
    ] {
        let webhook = hubspot(SECRETS_OF_THE_DEMO[0], path, &event(), 0);
        assert_eq!(firm.post(path, &webhook).await?, 404, "{path}");
    }
    Ok(())
}

async fn the_wrong_account_is_refused(firm: &Firm) -> Result<(), StoryError> {
    // Well signed for the address of one account, about another.
    let path = "/in/hubspot/4711";
    let webhook = hubspot(SECRETS_OF_THE_DEMO[0], path, &event(), 0);
    assert_eq!(firm.post(path, &webhook).await?, 401);
    assert_eq!(
        firm.post("/in/connectwise/Other", &callback(firm)).await?,
        401
    );
    let other = callback(firm)
        .body
        .replace("\"CompanyId\":\"Cobalt\"", "\"CompanyId\":\"Other\"");
    assert!(other.contains("Other"));
    assert_eq!(
        firm.post(&connectwise_path(), &connectwise(&other)).await?,
        401
    );
    Ok(())
}

async fn a_key_from_a_strangers_host_is_never_fetched(firm: &Firm) -> Result<(), StoryError> {
    let vendor = format!("https://{}/", cli::standin::connectwise::HOST);
    for host in [
        "https://evil.example/",
        "http://sandbox-na.myconnectwise.net/",
        "https://sandbox-na.myconnectwise.net@evil.example/",
        "https://myconnectwise.net.evil.example/",
        "https://169.254.169.254/",
    ] {
        let body = callback(firm).body.replace(&vendor, host);
        assert!(body.contains(host));
        let webhook = Webhook {
            headers: sign_connectwise("of a stranger", &body),
            body,
        };
        assert_eq!(
            firm.post(&connectwise_path(), &webhook).await?,
            401,
            "{host}"
        );
    }
    Ok(())
}

/// No message, no record, no question, no call to a source, and no function behind intake ran.
async fn nothing_of_it_left_a_trace(firm: &Firm) -> Result<(), StoryError> {
    for queue in firm.stack.output("Queues")?.split(',') {
        assert_eq!(firm.messages_in(queue).await?, 0, "messages in {queue}");
    }
    assert_eq!(steps::items_in_ledger(firm).await?, 0);
    assert_eq!(steps::exceptions(firm).await?, [Value::Null; 0]);
    assert_eq!(
        (firm.hubspot.requests(), firm.connectwise.key_requests()),
        (0, 0)
    );
    let logs = Logs::read(&firm.stack).await?;
    assert!(
        !logs.lines("Intake", "delivery refused").is_empty(),
        "the refusals were told"
    );
    for function in ["Validate", "Post", "Rotate", "Relay", "Bill", "Feedback"] {
        assert!(logs.of(function).is_empty(), "{function} ran");
    }
    Ok(())
}

/// A message that is the vendor's own and cannot be read: where it goes, from whom, and the code of
/// the question that it becomes.
type Broken = (String, Webhook, &'static str, &'static str);

/// A person's name, which no exception may repeat.
const CANARY: &str = "{\"dealname\":\"Pat Payer";

fn broken_hubspot(body: &str, code: &'static str) -> Broken {
    (hubspot_path(), good_hubspot(body), "hubspot", code)
}

fn broken_connectwise(body: &str, code: &'static str) -> Broken {
    (connectwise_path(), connectwise(body), "connectwise", code)
}

fn broken_messages(firm: &Firm) -> [Broken; 6] {
    let project = callback(firm).body;
    let parsed: Value = serde_json::from_str(&project).expect("a callback is JSON");
    let entity = text(&parsed["Entity"]);
    let mut cut = parsed.clone();
    cut["Entity"] = json!(&entity[..entity.len() / 2]);
    let mut without = parsed;
    without["Entity"] = json!("{\"id\":5}");
    let no_deal = event().replace("objectId", "objectIdd");
    [
        broken_hubspot(CANARY, "delivery_unreadable"),
        broken_hubspot("{}", "delivery_unreadable"),
        broken_hubspot(&no_deal, "schema_drift"),
        broken_connectwise(CANARY, "delivery_unreadable"),
        broken_connectwise(&cut.to_string(), "delivery_unreadable"),
        broken_connectwise(&without.to_string(), "schema_drift"),
    ]
}

async fn broken_messages_become_questions(firm: &Firm) -> Result<(), StoryError> {
    for (number, (path, webhook, source, code)) in broken_messages(firm).into_iter().enumerate() {
        let case = format!("case {number}");
        let before = steps::exceptions(firm).await?;
        let status = firm.post(&path, &webhook).await?;
        assert_eq!(status, 200, "{case}: it is the vendor's");
        firm.rest().await?;
        let mut after = steps::exceptions(firm).await?;
        after.retain(|exception| !before.contains(exception));
        assert_eq!(after.len(), 1, "{case}: {after:?}");
        let of = text(&after[0]["reference"]);
        assert!(of.starts_with(&format!("{source}__")), "{case}: {of}");
        let seen = (text(&after[0]["code"]), text(&after[0]["owner"]));
        assert_eq!(seen, (code.to_owned(), "operations".to_owned()), "{case}");
        let said = after[0].to_string();
        assert!(
            !said.contains("Payer"),
            "it says where, never what was sent"
        );
    }
    let logs = Logs::read(&firm.stack).await?;
    assert_eq!(logs.naming(&["Payer"]), [""; 0]);
    assert_eq!(firm.eyes()?.orders().await?, []);
    Ok(())
}

/// Two of the broken messages lack a field: they are kept for whoever mends the reading.
async fn only_what_drifted_is_kept(firm: &Firm) -> Result<(), StoryError> {
    for queue in firm.stack.output("DeadLetterQueues")?.split(',') {
        let kept = if queue.contains("-DriftDeadLetters-") {
            2
        } else {
            0
        };
        assert_eq!(firm.messages_in(queue).await?, kept, "messages in {queue}");
    }
    Ok(())
}

async fn the_console_answers_only_whom_iam_allows(firm: &Firm) -> Result<(), StoryError> {
    let url = format!("{}/console/status", firm.stack.intake_url()?);
    let anybody = reqwest::Client::new();
    let unsigned = anybody
        .get(&url)
        .send()
        .await
        .map_err(StoryError::NoAnswer)?;
    assert_eq!(unsigned.status(), 403, "without credentials");
    let book = format!("{}/console/book", firm.stack.intake_url()?);
    let claim = json!({"content": "", "userArn": "arn:aws:iam::000000000000:user/stella.steward"});
    let claimed = anybody
        .post(&book)
        .json(&claim)
        .send()
        .await
        .map_err(StoryError::NoAnswer)?;
    assert_eq!(claimed.status(), 403, "a name in the body is nobody");
    let aws = firm.stack.aws();
    let user = [("UserName".to_owned(), "nora.nobody".to_owned())];
    aws.query("iam", "2010-05-08", "CreateUser", &user).await?;
    let nora = aws.with_credentials(aws.new_access_key("nora.nobody").await?);
    for (method, url) in [(Method::GET, &url), (Method::POST, &book)] {
        let reply = nora.call_api(method, url, &Value::Null).await?;
        assert_eq!(
            reply.status, 403,
            "a user without the policy: {}",
            reply.body
        );
    }
    assert!(
        firm.status().await?["lanes"].is_array(),
        "whoever has it, is answered"
    );
    Ok(())
}
