//! What has to come together where a vendor signs nothing.

use super::{Refusal, Request, Verdict, token};
use crate::facts::proof::{Nothing, OtherProof};
use crate::{SourceSecret, json, salesforce, xml};

pub(super) fn judge(
    title: &str,
    proofs: &Nothing,
    request: &Request<'_>,
    secret: &SourceSecret,
) -> Result<Verdict, Refusal> {
    let missing = |proof: String| Refusal::ProofMissing {
        title: title.to_owned(),
        proof,
    };
    if request.account.is_empty() {
        return Err(missing("the account in our address".to_owned()));
    }
    for proof in &proofs.require {
        match proof {
            OtherProof::SecretInQuery(name) => {
                let Some(given) = token::query(request.public_url, name)? else {
                    return Err(missing(format!(
                        "the secret in the parameter {name} of our address"
                    )));
                };
                match token::one_of(given.as_bytes(), secret)? {
                    Verdict::Proved => {}
                    Verdict::NotHere(refusal) => return Err(refusal),
                }
            }
            OtherProof::SalesforceIdInElement(name) => {
                let named = element(request.body, name);
                let named = named.ok_or_else(|| missing(format!("the element {name}")))?;
                if !salesforce::is_same(&named, request.account) {
                    return Err(Refusal::WrongAccount);
                }
            }
            OtherProof::AccountAt(place) => {
                let text = json::text_of(request.body).ok();
                let named = text.and_then(|text| json::id_at(text, place));
                let named = named.ok_or_else(|| missing(format!("the account at {place}")))?;
                if named != request.account {
                    return Err(Refusal::WrongAccount);
                }
            }
        }
    }
    Ok(Verdict::Proved)
}

/// The text of the first element of this name.
fn element(body: &[u8], name: &str) -> Option<String> {
    let document = xml::parse(json::text_of(body).ok()?).ok()?;
    let mut all = document.descendants();
    let element = all.find(|node| node.tag_name().name() == name)?;
    Some(element.text()?.trim().to_owned())
}
