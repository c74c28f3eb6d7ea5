//! A source calls `intake`, as the gateway hands its call over.

use aws::Clock as _;
use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use aws_lambda_events::http::{HeaderName, HeaderValue};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cli::standin::sign::{sign_connectwise, sign_hubspot};

use crate::format::{Delivery, Order, Signature};
use crate::functions::PUBLIC_BASE_URL;
use crate::stage::{Sent, Stage, StageError, body_of};
use crate::standins::{CLIENT_SECRET, SIGNING_KEY, Telling};

/// The status that a delivery must be answered with when the story does not say.
const TAKEN: std::ops::RangeInclusive<i64> = 200..=299;

/// A source tells of a change by itself.
///
/// # Errors
/// When its message is not taken in.
pub async fn tell(stage: &mut Stage, telling: Telling) -> Result<(), StageError> {
    let account = account(stage, &telling.source, None)?;
    let sent = Sent {
        source: telling.source,
        account,
        body: telling.body,
    };
    once(stage, &sent, Signature::Right, &[], None).await?;
    stage.sent.push(sent);
    Ok(())
}

/// A message of the story.
///
/// # Errors
/// When it is not answered as the story says.
pub async fn deliver(stage: &mut Stage, delivery: &Delivery) -> Result<(), StageError> {
    let body = delivery.payload.as_ref().map(crate::json::Json::content);
    let sent = Sent {
        source: delivery.source.clone(),
        account: account(stage, &delivery.source, delivery.account.as_ref())?,
        body: body.unwrap_or_default(),
    };
    let headers: Vec<(&str, String)> = (delivery.headers.iter())
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    for _ in 0..delivery.times {
        once(stage, &sent, delivery.signature, &headers, delivery.status).await?;
    }
    if delivery.signature == Signature::Right {
        stage.sent.push(sent);
    }
    Ok(())
}

/// Everything that was delivered comes again, signed as the vendor signs a repetition.
///
/// # Errors
/// When a message is not taken in.
pub async fn again(stage: &mut Stage, order: Order) -> Result<(), StageError> {
    let mut all = stage.sent.clone();
    if order == Order::Backwards {
        all.reverse();
    }
    for sent in &all {
        once(stage, sent, Signature::Right, &[], None).await?;
    }
    Ok(())
}

fn account(stage: &Stage, source: &str, named: Option<&String>) -> Result<String, StageError> {
    let account = named.cloned().or_else(|| stage.account_of(source));
    account.ok_or_else(|| {
        StageError::Impossible(format!(
            "the book names no account of {source}: write account = \"…\""
        ))
    })
}

async fn once(
    stage: &mut Stage,
    sent: &Sent,
    signature: Signature,
    headers: &[(&str, String)],
    status: Option<i64>,
) -> Result<(), StageError> {
    let path = format!("/in/{}/{}", sent.source, sent.account);
    let mut signed = signed(stage, sent, &path, signature)?;
    signed.extend(headers.iter().cloned());
    let answer = stage
        .functions
        .intake
        .answer(&request(&path, &signed, &sent.body))
        .await;
    let expected = match status {
        Some(status) => answer.status_code == status,
        None => TAKEN.contains(&answer.status_code),
    };
    match expected {
        true => Ok(()),
        false => Err(StageError::Impossible(format!(
            "{} was answered {} {}, and {} was expected",
            sent.source,
            answer.status_code,
            body_of(&answer),
            status.map_or_else(|| "200 to 299".to_owned(), |status| status.to_string()),
        ))),
    }
}

/// The headers of the vendor's signature.
fn signed<'a>(
    stage: &Stage,
    sent: &Sent,
    path: &str,
    signature: Signature,
) -> Result<Vec<(&'a str, String)>, StageError> {
    let secret = |right: &'static str| match signature {
        Signature::Right => right,
        Signature::Wrong | Signature::None => "another-secret",
    };
    match (sent.source.as_str(), signature) {
        (_, Signature::None) => Ok(Vec::new()),
        ("hubspot", _) => {
            let now = stage.cloud.clock().now().as_millisecond();
            let url = format!("{PUBLIC_BASE_URL}{path}");
            Ok(sign_hubspot(
                secret(CLIENT_SECRET),
                "POST",
                &url,
                &sent.body,
                now,
            ))
        }
        ("connectwise", _) => Ok(sign_connectwise(secret(SIGNING_KEY), &sent.body)),
        (other, _) => Err(StageError::Impossible(format!(
            "nobody here signs as {other} does: write signature = \"none\" and the headers themselves"
        ))),
    }
}

/// A call as the gateway writes it.
fn request(path: &str, headers: &[(&str, String)], body: &str) -> ApiGatewayProxyRequest {
    let mut request = ApiGatewayProxyRequest::default();
    request.path = Some(path.to_owned());
    request.http_method = "POST".parse().unwrap_or_default();
    request.body = Some(BASE64_STANDARD.encode(body));
    request.is_base64_encoded = true;
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            request.multi_value_headers.append(name, value);
        }
    }
    request
}
