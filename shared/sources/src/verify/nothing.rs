//! What has to come together where a vendor signs nothing.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{Refusal, Request, Verdict, token};
use crate::facts::proof::{Nothing, OtherProof};
use crate::{SourceSecret, json};

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
                if !is_same_salesforce_id(&named, request.account) {
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

/// An id of Salesforce has 15 characters, or 18 of which the last three repeat what is upper case.
fn is_same_salesforce_id(one: &str, other: &str) -> bool {
    let short = |id: &str| match id.len() {
        15 | 18 => id.get(..15).map(str::to_owned),
        _ => None,
    };
    short(one).is_some() && short(one) == short(other)
}

/// The text of the first element of this name. A document type is refused: nothing of ours is
/// looked up because a stranger's entity says so.
fn element(body: &[u8], name: &str) -> Option<String> {
    let mut reader = Reader::from_reader(body);
    let mut within = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => within = start.local_name().as_ref() == name.as_bytes(),
            Event::Text(text) if within => {
                return Some(std::str::from_utf8(&text).ok()?.trim().to_owned());
            }
            Event::End(_) => within = false,
            Event::DocType(_) | Event::GeneralRef(_) | Event::Eof => return None,
            Event::Text(_)
            | Event::Empty(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_) => {}
        }
    }
}
