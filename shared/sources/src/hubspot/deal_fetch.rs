//! Fetching a deal with everything that belongs to it, as a sequence of requests and answers.
//!
//! Two rounds: the deal with its associations; then its company, its billing contact and its line
//! items. Nobody waits in here: the caller sends, and hands the answers to [`DealFetch::next`].
//!
//! <https://developers.hubspot.com/docs/api-reference/crm-deals-v3/guide>

use domain::book::{Book, CrmProperties};
use domain::event::Deal;

use super::deal_parts::{
    COMPANY_PROPERTIES, DealHead, LINE_PROPERTIES, contact, customer, deal, head, lines,
};
use crate::api::{ApiAnswer, ApiError, ApiRequest, classify};
use crate::fetch_error::{good, read};

pub use crate::fetch_error::FetchError;

/// How many records one batch read may name.
pub const BATCH: usize = 100;

/// A deal that is being fetched.
pub struct DealFetch {
    account: String,
    deal_id: String,
    // Boxed because a fetch is handed to and fro inside `Fetching`.
    names: Box<CrmProperties>,
    head: Option<Box<DealHead>>,
}

/// Where a fetch stands.
pub enum Fetching {
    /// These have to be sent; their answers go to [`DealFetch::next`] in the same order.
    Ask(DealFetch, Vec<ApiRequest>),
    /// All of it.
    Done(Box<Deal>),
    /// HubSpot has no such deal any more.
    Gone,
}

impl DealFetch {
    /// Begins with the deal itself.
    pub fn start(account: &str, deal_id: &str, book: &Book) -> (Self, Vec<ApiRequest>) {
        let names = book.crm_or_first("hubspot", account).properties.clone();
        let properties = [
            "dealname",
            "dealstage",
            "amount",
            "deal_currency_code",
            "hubspot_owner_id",
            "closedate",
            &names.legal_entity,
            &names.payment_terms,
            &names.purchase_order,
            &names.signed_on,
        ];
        let if_named = [
            &names.purchase_order_until,
            &names.purchase_order_amount,
            &names.cap_hours,
            &names.cap_amount,
            &names.invoice_issuer,
        ];
        let if_named = if_named.into_iter().flatten().map(String::as_str);
        let properties: Vec<String> = properties
            .into_iter()
            .chain(if_named)
            .map(escaped)
            .collect();
        let properties = properties.join(",");
        let path = escaped(deal_id);
        let request = get(format!(
            "/crm/v3/objects/deals/{path}?properties={properties}&associations=companies,contacts,line_items"
        ));
        let fetch = Self {
            account: account.to_owned(),
            deal_id: deal_id.to_owned(),
            names: Box::new(names),
            head: None,
        };
        (fetch, vec![request])
    }

    /// Takes the answers to the last requests, in their order.
    pub fn next(mut self, answers: Vec<ApiAnswer>) -> Result<Fetching, FetchError> {
        match self.head.take() {
            None => self.take_deal(&answers),
            Some(head) => self.take_parts(*head, &answers),
        }
    }

    fn take_deal(mut self, answers: &[ApiAnswer]) -> Result<Fetching, FetchError> {
        let [answer] = answers else {
            return Err(FetchError::AnswerCount {
                asked: 1,
                given: answers.len(),
            });
        };
        let body = match classify(answer) {
            Ok(answer) => &answer.body,
            Err(ApiError::NotFound) => return Ok(Fetching::Gone),
            Err(cause) => {
                return Err(FetchError::Api {
                    what: "deal",
                    cause,
                });
            }
        };
        let Some(head) = read("deal", body, |object| head(body, object))? else {
            return Ok(Fetching::Gone);
        };
        if head.more_lines {
            return Err(FetchError::TooManyLines);
        }
        let requests = self.part_requests(&head);
        if requests.is_empty() {
            return self.take_parts(head, &[]);
        }
        self.head = Some(Box::new(head));
        Ok(Fetching::Ask(self, requests))
    }

    fn part_requests(&self, head: &DealHead) -> Vec<ApiRequest> {
        let own = [Some(&self.names.vat), self.names.language.as_ref()];
        let own: Vec<String> = own
            .into_iter()
            .flatten()
            .map(|name| escaped(name))
            .collect();
        let own = own.join(",");
        let company = head.company.iter().map(|id| {
            let id = escaped(id);
            get(format!(
                "/crm/v3/objects/companies/{id}?properties={COMPANY_PROPERTIES},{own}"
            ))
        });
        let contact = head.contact.iter().map(|id| {
            let id = escaped(id);
            get(format!(
                "/crm/v3/objects/contacts/{id}?properties=firstname,lastname,email"
            ))
        });
        let lines = head.line_items.chunks(BATCH);
        let lines = lines.map(|ids| line_request(ids, &self.names));
        company.chain(contact).chain(lines).collect()
    }

    fn take_parts(self, head: DealHead, answers: &[ApiAnswer]) -> Result<Fetching, FetchError> {
        let asked = self.part_requests(&head).len();
        if asked != answers.len() {
            return Err(FetchError::AnswerCount {
                asked,
                given: answers.len(),
            });
        }
        let account = self.account.as_str();
        let mut answers = answers.iter();
        let mut part = |wanted: &Option<String>, what| match wanted {
            Some(_) => answers.next().map(|answer| good(what, answer)).transpose(),
            None => Ok(None),
        };
        let customer = part(&head.company, "company")?
            .map(|body| read("company", body, |o| customer(o, account, &self.names)))
            .transpose()?;
        let contact = part(&head.contact, "contact")?
            .map(|body| read("contact", body, |o| contact(o, account)))
            .transpose()?;
        let mut found = Vec::new();
        for answer in answers {
            let body = good("line items", answer)?;
            found.extend(read("line items", body, |o| {
                lines(o, account, &self.names)
            })?);
        }
        if found.len() != head.line_items.len() {
            return Err(FetchError::LinesMissing {
                asked: head.line_items.len(),
                given: found.len(),
            });
        }
        found.sort_by_key(|line| line.order());
        let mut deal = read("deal", &head.body, |o| {
            deal(o, account, &self.deal_id, &self.names)
        })?;
        deal.customer = customer;
        deal.billing_contact = contact;
        deal.lines = found.into_iter().map(|line| line.line).collect();
        Ok(Fetching::Done(Box::new(deal)))
    }
}

fn get(path_and_query: String) -> ApiRequest {
    ApiRequest {
        method: "GET",
        path_and_query,
        body: None,
    }
}

fn line_request(ids: &[String], names: &CrmProperties) -> ApiRequest {
    let (hours, unit) = (names.budget_hours.as_deref(), names.unit.as_deref());
    let properties = LINE_PROPERTIES.into_iter().chain(hours).chain(unit);
    let properties: Vec<&str> = properties.collect();
    let inputs: Vec<_> = ids
        .iter()
        .map(|id| serde_json::json!({ "id": id }))
        .collect();
    ApiRequest {
        method: "POST",
        path_and_query: "/crm/v3/objects/line_items/batch/read".to_owned(),
        body: Some(serde_json::json!({ "properties": properties, "inputs": inputs }).to_string()),
    }
}

/// Escapes what is not a letter, a digit or `-_.~`, so that no id and no property name can change
/// the path it is put into.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(char::from(byte));
            }
            other => escaped.push_str(&format!("%{other:02X}")),
        }
    }
    escaped
}
