//! How a message proves where it comes from.

use serde::Deserialize;

/// One way in which a source proves its messages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// Its name within the source, for example `v3`.
    pub scheme: String,
    /// Whether it counts only where an account's secret asks for it by name: it is weaker than
    /// another scheme of this source, and an old message must not come in by the weaker door.
    #[serde(default)]
    pub only_if_chosen: bool,
    /// A header that says which scheme it is, where several use the same place.
    pub version: Option<Version>,
    /// The proof.
    pub by: Proof,
}

/// A header that says which scheme a message uses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The header, in lower case.
    pub header: String,
    /// Its value for this scheme.
    pub is: String,
}

/// The kinds of proof.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// A signature over parts of the message.
    Signature(Signature),
    /// A shared text, sent along as it is. It proves the sender and covers nothing.
    Token(Token),
    /// HTTP Basic: the secret is `user:password`. It covers nothing.
    Basic {},
    /// A JSON Web Token. It proves the sender and covers nothing but its own claims.
    Jwt(Jwt),
    /// The vendor signs nothing; other proofs have to come together.
    Nothing(Nothing),
}

/// A signature over parts of the message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// How it is made.
    pub method: Method,
    /// What is signed, in this order and with nothing in between.
    pub parts: Vec<Part>,
    /// What the vendor is said to sign instead; either is accepted.
    #[serde(default)]
    pub or_parts: Vec<Part>,
    /// How a secret becomes the key.
    #[serde(default)]
    pub key: Key,
    /// Where it is.
    pub at: Place,
    /// When the message was sent; without it a replay is stopped by its version alone.
    pub timestamp: Option<SentAt>,
}

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// HMAC with SHA-1.
    HmacSha1,
    /// HMAC with SHA-256.
    HmacSha256,
    /// HMAC with SHA-512.
    HmacSha512,
    /// SHA-1 of the parts; one of them is the secret.
    Sha1,
    /// SHA-256 of the parts; one of them is the secret.
    Sha256,
    /// SHA-512 of the parts; one of them is the secret.
    Sha512,
    /// Ed25519; the secret holds the vendor's public key.
    Ed25519,
}

impl Method {
    /// Whether it is a digest without a key.
    #[must_use]
    pub const fn is_plain_digest(self) -> bool {
        matches!(self, Self::Sha1 | Self::Sha256 | Self::Sha512)
    }
}

/// A part of what is signed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The HTTP method, in capitals.
    Method,
    /// The full address as the vendor called it.
    Url {
        /// The characters whose percent-escapes are decoded first; all others stay escaped.
        decode: String,
    },
    /// The bytes of the body as received.
    Body,
    /// The body with what Autotask escapes inside of JSON written as `\uXXXX`.
    EscapedBody,
    /// The text of the message's time, as sent.
    Timestamp,
    /// The text of a header.
    Header(String),
    /// This text.
    Literal(String),
    /// The secret itself; only in a plain digest.
    Secret,
}

/// How a secret becomes the key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// The secret's text is the key.
    #[default]
    Text,
    /// The key is written in base64.
    Base64 {
        /// What may stand before it.
        #[serde(default)]
        prefix: String,
    },
    /// The key is written in hexadecimal digits.
    Hex,
    /// The key is the SHA-256 of a text that was fetched earlier and is kept in the secret.
    Sha256OfFetched(FetchedKey),
}

/// Where a key is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchedKey {
    /// Where the body names the address of its key.
    pub url_at: String,
    /// The address's query parameter that must name the account.
    pub account_parameter: String,
    /// Hosts that may be asked; `*.` stands for one or more labels.
    pub allowed_hosts: Vec<String>,
}

/// Where a signature is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The header, in lower case.
    pub header: String,
    /// How its bytes are written.
    pub encoding: Encoding,
    /// How the header is built around it.
    #[serde(default)]
    pub shape: Shape,
}

/// How bytes are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Standard base64 with padding.
    Base64,
    /// Hexadecimal digits of either case.
    Hex,
}

/// How a header is built around a signature.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// The signature and nothing else.
    #[default]
    Plain,
    /// This text, then the signature.
    Prefixed(String),
    /// `name=value` between commas; this name holds the signature, and may come several times.
    Fields(String),
    /// `tag,value` between spaces; only values of this tag count.
    List(String),
}

/// When a message was sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentAt {
    /// Where it is.
    pub at: TimePlace,
    /// How it is written; the first form that fits counts.
    pub written: Vec<TimeForm>,
    /// How far it may be from our clock, in both directions. Without it the time only informs.
    pub tolerance_seconds: Option<u32>,
}

/// Where a message's time is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimePlace {
    /// A header, in lower case.
    Header(String),
    /// A field of the signature's header.
    Field(String),
}

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeForm {
    /// Whole seconds since 1970.
    Seconds,
    /// Thousandths of a second since 1970.
    Milliseconds,
    /// `2026-11-22T12:00:00Z`.
    Rfc3339,
}

/// A shared text, sent along.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// Where it is.
    pub at: TokenPlace,
    /// What stands before it.
    #[serde(default)]
    pub prefix: String,
}

/// Where a token is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenPlace {
    /// A header, in lower case.
    Header(String),
    /// A header whose name the firm chose.
    AnyHeader,
    /// A parameter of the address.
    Query(String),
    /// A place in the body.
    Body(String),
}

/// A JSON Web Token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jwt {
    /// The only algorithm that is accepted, whatever the token says of itself.
    pub algorithm: JwtAlgorithm,
    /// The header, in lower case.
    pub header: String,
    /// What stands before it.
    #[serde(default)]
    pub prefix: String,
    /// Who must have made it.
    pub issuer: Option<String>,
    /// The claim that names the account.
    pub account_claim: Option<String>,
    /// Whether it must say until when it holds.
    pub expires: bool,
}

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JwtAlgorithm {
    /// HMAC with SHA-256; the secret is the key.
    Hs256,
    /// RSA with SHA-256; the secret holds the vendor's public key as PEM.
    Rs256,
}

/// What has to come together where nothing is signed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {
    /// All of these.
    pub require: Vec<OtherProof>,
}

/// A proof that is no signature.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherProof {
    /// A parameter of our own address carries the secret: only the vendor was told the address.
    SecretInQuery(String),
    /// The body's first XML element of this name is the account, an id of Salesforce.
    SalesforceIdInElement(String),
    /// The place in the body is the account.
    AccountAt(String),
}
