//! Signing as the vendors sign, spelled out from the definition of HMAC (RFC 2104).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

/// The block of SHA-256, to which HMAC pads its key.
const BLOCK: usize = 64;

/// The headers of a HubSpot webhook, signature v3. `url` is the address as HubSpot calls it; the
/// twelve escapes that HubSpot decodes before signing must not occur in it.
pub fn sign_hubspot(
    secret: &str,
    method: &str,
    url: &str,
    body: &str,
    sent_ms: i64,
) -> Vec<(&'static str, String)> {
    let text = [method, url, body, &sent_ms.to_string()].concat();
    let signature = BASE64_STANDARD.encode(hmac(secret.as_bytes(), text.as_bytes()));
    vec![
        ("content-type", "application/json".to_owned()),
        ("x-hubspot-request-timestamp", sent_ms.to_string()),
        ("x-hubspot-signature-v3", signature),
    ]
}

/// The headers of a ConnectWise callback.
pub fn sign_connectwise(signing_key: &str, body: &str) -> Vec<(&'static str, String)> {
    let key = Sha256::digest(signing_key.as_bytes());
    let signature = BASE64_STANDARD.encode(hmac(&key, body.as_bytes()));
    vec![
        ("content-type", "application/json".to_owned()),
        ("x-content-signature", signature),
    ]
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let hashed: [u8; 32];
    let key = if key.len() > BLOCK {
        hashed = Sha256::digest(key).into();
        hashed.as_slice()
    } else {
        key
    };
    let pad = |mask: u8| {
        let zeros = std::iter::repeat(&0_u8);
        key.iter()
            .chain(zeros)
            .take(BLOCK)
            .map(move |byte| byte ^ mask)
    };
    let inner: Vec<u8> = pad(0x36).chain(message.iter().copied()).collect();
    let outer: Vec<u8> = pad(0x5c).chain(Sha256::digest(inner)).collect();
    Sha256::digest(outer).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// <https://www.rfc-editor.org/rfc/rfc4231> test cases 2 and 6 (a key longer than a block).
    #[test]
    fn hmac_agrees_with_its_standard() {
        let hex = |bytes: [u8; 32]| bytes.map(|byte| format!("{byte:02x}")).concat();
        assert_eq!(
            hex(hmac(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let message = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(
            hex(hmac(&[0xaa; 131], message)),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    /// The example HubSpot publishes for signature v3.
    #[test]
    fn hubspots_published_example_is_reproduced() {
        let body = r#"[{"eventId":531833541,"subscriptionId":3923621,"portalId":48807704,"appId":16111050,"occurredAt":1752613920733,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":138017612137,"changeFlag":"CREATED","changeSource":"CRM_UI","sourceId":"userId:76023669"}]"#;
        let headers = sign_hubspot(
            "cfc68c0b-4b4e-4ef8-b764-95350e4ea479",
            "POST",
            "https://webhook.site/335453f5-94b3-49d9-b684-a55354d4b8df",
            body,
            1_752_613_922_216,
        );
        let signature = "gbj1XPRvUt0noT7i7fXfTzOD4sLzQmf0VT28ZYq0EYg=".to_owned();
        assert!(headers.contains(&("x-hubspot-signature-v3", signature)));
    }
}
