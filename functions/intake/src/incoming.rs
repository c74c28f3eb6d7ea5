//! What the gateway hands over, as plain parts.

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use aws_lambda_events::http::HeaderValue;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sources::{Headers, Source};

/// The largest body we take. With base64 and its envelope it stays below what SQS carries.
pub const MAX_BODY_BYTES: usize = 180 * 1024;

/// A request for a source we know.
pub struct Incoming<'a> {
    /// The source that the path names.
    pub source: &'static Source,
    /// The account that the path names.
    pub account: &'a str,
    /// The address as the source called it.
    pub public_url: String,
    /// The headers, with those that came twice.
    pub headers: Headers,
    /// The bytes as sent.
    pub body: Vec<u8>,
}

/// A request that is not even looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// The path names no source and account.
    #[error("the path is not /in/SOURCE/ACCOUNT of a known source")]
    UnknownPath,
    /// Not a POST.
    #[error("only POST is taken")]
    WrongMethod,
    /// More than [`MAX_BODY_BYTES`].
    #[error("the body is larger than {MAX_BODY_BYTES} bytes")]
    TooLarge,
    /// The gateway says base64, the body says otherwise.
    #[error("the body is not the base64 that the gateway says it is")]
    NotBase64,
}

impl NotTaken {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::UnknownPath => 404,
            Self::WrongMethod => 405,
            Self::TooLarge => 413,
            Self::NotBase64 => 400,
        }
    }

    /// A short name for counting.
    pub const fn word(self) -> &'static str {
        match self {
            Self::UnknownPath => "unknown_path",
            Self::WrongMethod => "wrong_method",
            Self::TooLarge => "too_large",
            Self::NotBase64 => "not_base64",
        }
    }
}

impl<'a> Incoming<'a> {
    /// Takes a request apart.
    pub fn read(
        request: &'a ApiGatewayProxyRequest,
        public_base_url: Option<&str>,
    ) -> Result<Self, NotTaken> {
        let path = request.path.as_deref().unwrap_or_default();
        let (source, account) = route(path).ok_or(NotTaken::UnknownPath)?;
        if request.http_method.as_str() != "POST" {
            return Err(NotTaken::WrongMethod);
        }
        let text = request.body.as_deref().unwrap_or_default();
        // Base64 is a third longer; refused before it is decoded.
        if text.len() > MAX_BODY_BYTES / 3 * 4 + 4 {
            return Err(NotTaken::TooLarge);
        }
        let body = match request.is_base64_encoded {
            true => BASE64_STANDARD
                .decode(text)
                .map_err(|_| NotTaken::NotBase64)?,
            false => text.as_bytes().to_vec(),
        };
        if body.len() > MAX_BODY_BYTES {
            return Err(NotTaken::TooLarge);
        }
        // The plain list holds only the last of those that came twice.
        let all = match request.multi_value_headers.is_empty() {
            true => &request.headers,
            false => &request.multi_value_headers,
        };
        // One that is no plain text is still there: left out, a header that came twice would look as
        // if it had come once.
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = all
            .iter()
            .map(|(name, value)| (name.as_str(), text(value)))
            .collect();
        Ok(Self {
            source,
            account,
            public_url: public_url(request, path, public_base_url),
            headers,
            body,
        })
    }
}

fn route(path: &str) -> Option<(&'static Source, &str)> {
    let (source, account) = path.strip_prefix("/in/")?.split_once('/')?;
    let plain = !account.is_empty() && !account.contains('/');
    sources::source(source)
        .filter(|_| plain)
        .map(|source| (source, account))
}

/// The address that the source signed: the configured one, else the gateway's own domain. Never
/// `Host` or a forwarding header, which the caller chooses.
fn public_url(request: &ApiGatewayProxyRequest, path: &str, base: Option<&str>) -> String {
    let query = query(request);
    match base {
        Some(base) => format!("{}{path}{query}", base.trim_end_matches('/')),
        None => {
            let context = &request.request_context;
            let domain = context.domain_name.as_deref().unwrap_or_default();
            let stage = context.stage.as_deref().unwrap_or_default();
            format!("https://{domain}/{stage}{path}{query}")
        }
    }
}

/// What the gateway does not escape in a query.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The query, from its parts: the gateway keeps neither their order nor their writing. A source
/// that signs its address is given one without a query, or with one parameter.
fn query(request: &ApiGatewayProxyRequest) -> String {
    let parameters = match request.multi_value_query_string_parameters.is_empty() {
        true => &request.query_string_parameters,
        false => &request.multi_value_query_string_parameters,
    };
    let escaped = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
    let mut pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
        .collect();
    pairs.sort();
    match pairs.is_empty() {
        true => String::new(),
        false => format!("?{}", pairs.join("&")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn request(path: &str, body: &str, base64: bool) -> ApiGatewayProxyRequest {
        let mut request = ApiGatewayProxyRequest::default();
        request.path = Some(path.to_owned());
        request.http_method = "POST".parse().unwrap();
        request.body = Some(body.to_owned());
        request.is_base64_encoded = base64;
        request
    }

    fn refused(request: &ApiGatewayProxyRequest) -> Option<NotTaken> {
        Incoming::read(request, None).err()
    }

    #[test]
    fn only_a_known_source_with_one_account_is_a_path() {
        for path in [
            "/",
            "/in/hubspot",
            "/in/hubspot/",
            "/in/nobody/1",
            "/in/hubspot/1/2",
            "/x",
        ] {
            assert_eq!(
                refused(&request(path, "", false)),
                Some(NotTaken::UnknownPath),
                "{path}"
            );
        }
        assert_eq!(refused(&request("/in/hubspot/1", "[]", false)), None);
    }

    #[test]
    fn the_limit_is_of_the_bytes_not_of_their_encoding() {
        let fits = "a".repeat(MAX_BODY_BYTES);
        let over = "a".repeat(MAX_BODY_BYTES + 1);
        for (text, refusal) in [(&fits, None), (&over, Some(NotTaken::TooLarge))] {
            assert_eq!(refused(&request("/in/hubspot/1", text, false)), refusal);
            let encoded = BASE64_STANDARD.encode(text);
            assert_eq!(refused(&request("/in/hubspot/1", &encoded, true)), refusal);
        }
        let lie = request("/in/hubspot/1", "not base64!", true);
        assert_eq!(refused(&lie), Some(NotTaken::NotBase64));
    }

    #[test]
    fn the_signed_address_is_the_configured_one() {
        let request = request("/in/hubspot/1", "[]", false);
        let url = Incoming::read(&request, Some("https://hooks.example.com/"))
            .ok()
            .unwrap();
        assert_eq!(url.public_url, "https://hooks.example.com/in/hubspot/1");
    }

    #[test]
    fn a_secret_in_the_address_and_a_header_that_came_twice_are_seen() {
        let mut request = request("/in/hubspot/1", "[]", false);
        for (name, value) in [
            ("x-a", "1"),
            ("x-a", "2"),
            ("x-b", "1"),
            ("x-c", "1"),
            ("x-c", "\u{fffd}"),
        ] {
            let value = HeaderValue::from_str(value).unwrap();
            request.multi_value_headers.append(name, value);
        }
        let parameters = HashMap::from([("code", vec!["a/b=="]), ("x", vec!["1"])]);
        let owned = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect();
        request.multi_value_query_string_parameters = parameters
            .into_iter()
            .map(|(name, values)| (name.to_owned(), owned(values)))
            .collect::<HashMap<String, Vec<String>>>()
            .into();
        let read = Incoming::read(&request, Some("https://h.example"))
            .ok()
            .unwrap();
        let url = "https://h.example/in/hubspot/1?code=a%2Fb%3D%3D&x=1";
        assert_eq!(read.public_url, url);
        assert!(read.headers.one("x-a").is_err());
        assert!(read.headers.one("x-c").is_err());
        assert_eq!(read.headers.one("x-b").ok().flatten(), Some("1"));
    }
}
