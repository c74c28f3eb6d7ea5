//! Signatures by name.

use std::borrow::Cow;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use aws_lc_rs::{digest, hmac};
use subtle::{Choice, ConstantTimeEq as _};

use crate::facts::proof::Method;

/// Whether this key gives one of these signatures over the parts. All are compared, so that the
/// time taken does not tell which one was nearly right.
pub(super) fn matches(
    method: Method,
    key: &[u8],
    parts: &[Cow<'_, [u8]>],
    given: &[Vec<u8>],
) -> Choice {
    let expected = match method {
        Method::HmacSha1 => mac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key, parts),
        Method::HmacSha256 => mac(hmac::HMAC_SHA256, key, parts),
        Method::HmacSha512 => mac(hmac::HMAC_SHA512, key, parts),
        Method::Sha1 => plain(&digest::SHA1_FOR_LEGACY_USE_ONLY, parts),
        Method::Sha256 => plain(&digest::SHA256, parts),
        Method::Sha512 => plain(&digest::SHA512, parts),
        Method::Ed25519 => return ed25519(key, parts, given),
    };
    let equal = |signature: &Vec<u8>| expected.as_slice().ct_eq(signature.as_slice());
    given.iter().map(equal).fold(Choice::from(0), |a, b| a | b)
}

/// SHA-256 of some bytes, in hexadecimal digits.
pub(super) fn hex_of_sha256(bytes: &[u8]) -> String {
    domain::fingerprint::hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// SHA-256 of a text.
pub(super) fn sha256(text: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, text.as_bytes())
        .as_ref()
        .to_vec()
}

fn mac(algorithm: hmac::Algorithm, key: &[u8], parts: &[Cow<'_, [u8]>]) -> Vec<u8> {
    let mut context = hmac::Context::with_key(&hmac::Key::new(algorithm, key));
    for part in parts {
        context.update(part);
    }
    context.sign().as_ref().to_vec()
}

fn plain(algorithm: &'static digest::Algorithm, parts: &[Cow<'_, [u8]>]) -> Vec<u8> {
    let mut context = digest::Context::new(algorithm);
    for part in parts {
        context.update(part);
    }
    context.finish().as_ref().to_vec()
}

fn ed25519(key: &[u8], parts: &[Cow<'_, [u8]>], given: &[Vec<u8>]) -> Choice {
    let message = parts.concat();
    let public = UnparsedPublicKey::new(&ED25519, key);
    let good = |signature: &Vec<u8>| public.verify(&message, signature).is_ok();
    Choice::from(u8::from(given.iter().any(good)))
}
