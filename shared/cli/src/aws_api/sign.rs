//! Signature version 4.

use std::time::SystemTime;

use aws_credential_types::Credentials as SdkCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign,
};
use aws_sigv4::sign::v4::SigningParams;

use crate::aws_api::{AwsError, Request};

/// An access key, and a session token where it belongs to a role.
#[derive(Clone)]
pub struct Credentials(SdkCredentials);

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Credentials({})", self.0.access_key_id())
    }
}

impl Credentials {
    /// Credentials from their parts.
    #[must_use]
    pub fn new(access_key_id: &str, secret_access_key: &str, session_token: Option<&str>) -> Self {
        let token = session_token.map(str::to_owned);
        Self(SdkCredentials::new(
            access_key_id,
            secret_access_key,
            token,
            None,
            "tenon",
        ))
    }
}

/// The headers that sign a request.
pub(super) fn headers(
    credentials: &Credentials,
    region: &str,
    request: &Request<'_>,
) -> Result<Vec<(String, String)>, AwsError> {
    let failed = |reason: String| AwsError::NotSigned {
        service: request.service.to_owned(),
        action: request.action.to_owned(),
        reason,
    };
    let identity = credentials.0.clone().into();
    let mut settings = SigningSettings::default();
    // S3 takes large bodies; hashing them in an unoptimised build would take longer than sending.
    let body = if request.service == "s3" {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        SignableBody::UnsignedPayload
    } else {
        SignableBody::Bytes(&request.body)
    };
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(request.service)
        .time(now())
        .settings(settings)
        .build()
        .map_err(|error| failed(error.to_string()))?
        .into();
    let given = request
        .headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()));
    let signable = SignableRequest::new(request.method.as_str(), &request.url, given, body)
        .map_err(|error| failed(error.to_string()))?;
    let (instructions, _) = sign(signable, &params)
        .map_err(|error| failed(error.to_string()))?
        .into_parts();
    let (headers, _) = instructions.into_parts();
    Ok(headers
        .iter()
        .map(|header| (header.name().to_owned(), header.value().to_owned()))
        .collect())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a signature is valid for a few minutes of real time only"
)]
fn now() -> SystemTime {
    SystemTime::now()
}
