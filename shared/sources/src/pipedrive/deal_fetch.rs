//! Fetching a deal with everything that belongs to it, as a sequence of requests and answers.
//!
//! Two rounds: the deal with its products; then its organization and its person. Which addresses of
//! version 2 answer them is to be confirmed on an account.
//!
//! <https://developers.pipedrive.com/docs/api/v1/Deals>

use domain::book::Book;
use domain::event::Event;

use super::deal::whole;
use crate::api::{ApiAnswer, ApiError, ApiRequest, classify};
use crate::fetch_error::{FetchError, good, read};
use crate::hubspot::deal_fetch::escaped;
use crate::json;

/// The most products that one answer has.
const MOST_PRODUCTS: u32 = 500;

/// A deal that is being fetched.
pub(crate) struct DealFetch {
    account: String,
    first: Option<First>,
}

/// The answers of the first round, and what they name.
struct First {
    deal: String,
    products: String,
    organization: Option<String>,
    person: Option<String>,
}

/// Where a fetch stands.
pub(crate) enum Fetching {
    /// These have to be sent; their answers go to [`DealFetch::next`] in the same order.
    Ask(DealFetch, Vec<ApiRequest>),
    /// All of it.
    Done(Event),
    /// Pipedrive has no such deal any more.
    Gone,
}

impl DealFetch {
    /// Begins with the deal itself.
    pub(crate) fn start(account: &str, deal_id: &str) -> (Self, Vec<ApiRequest>) {
        let path = escaped(deal_id);
        let requests = vec![
            get(format!("/api/v2/deals/{path}")),
            get(format!(
                "/api/v2/deals/{path}/products?limit={MOST_PRODUCTS}"
            )),
        ];
        let fetch = Self {
            account: account.to_owned(),
            first: None,
        };
        (fetch, requests)
    }

    /// Takes the answers to the last requests, in their order.
    pub(crate) fn next(
        mut self,
        book: &Book,
        answers: &[ApiAnswer],
    ) -> Result<Fetching, FetchError> {
        if let Some(first) = self.first.take() {
            return self.second(book, &first, answers);
        }
        let [deal, products] = answers else {
            return Err(count(2, answers));
        };
        let deal = match classify(deal) {
            Ok(answer) => answer.body.clone(),
            Err(ApiError::NotFound) => return Ok(Fetching::Gone),
            Err(cause) => {
                let what = "deal";
                return Err(FetchError::Api { what, cause });
            }
        };
        let products = good("products", products)?.to_owned();
        let more = json::id_at(&products, "/additional_data/next_cursor");
        if more.is_some_and(|mark| !mark.is_empty()) {
            return Err(FetchError::TooManyLines);
        }
        let named = |field| read("deal", &deal, |top| top.object("data")?.optional_id(field));
        let first = First {
            organization: named("org_id")?,
            person: named("person_id")?,
            deal,
            products,
        };
        let part = |path: &str, id: &Option<String>| {
            let id = id.as_deref().map(escaped)?;
            Some(get(format!("/api/v2/{path}/{id}")))
        };
        let organization = part("organizations", &first.organization);
        let person = part("persons", &first.person);
        let requests: Vec<ApiRequest> = organization.into_iter().chain(person).collect();
        if requests.is_empty() {
            return self.second(book, &first, &[]);
        }
        self.first = Some(first);
        Ok(Fetching::Ask(self, requests))
    }

    fn second(
        &self,
        book: &Book,
        first: &First,
        answers: &[ApiAnswer],
    ) -> Result<Fetching, FetchError> {
        let asked = usize::from(first.organization.is_some()) + usize::from(first.person.is_some());
        if asked != answers.len() {
            return Err(count(asked, answers));
        }
        let mut answers = answers.iter();
        let mut part = |wanted: &Option<String>, what| match wanted {
            Some(_) => answers.next().map(|answer| good(what, answer)).transpose(),
            None => Ok(None),
        };
        let organization = part(&first.organization, "organization")?;
        let person = part(&first.person, "person")?;
        // As `read` takes them from a file.
        let mut body = format!("{{\"deal\":{},\"products\":{}", first.deal, first.products);
        for (name, answer) in [("organization", organization), ("person", person)] {
            if let Some(answer) = answer {
                body.push_str(&format!(",\"{name}\":{answer}"));
            }
        }
        body.push('}');
        let event = read("deal", &body, |answers| whole(book, &self.account, answers))?;
        Ok(Fetching::Done(event))
    }
}

fn count(asked: usize, answers: &[ApiAnswer]) -> FetchError {
    FetchError::AnswerCount {
        asked,
        given: answers.len(),
    }
}

const fn get(path_and_query: String) -> ApiRequest {
    ApiRequest {
        method: "GET",
        path_and_query,
        body: None,
    }
}

#[cfg(test)]
mod tests {
    use domain::NextStep;
    use serde_json::{Value, json};

    use super::*;
    use crate::tests::demo_book;

    fn answer(status: u16, body: &Value) -> ApiAnswer {
        let body = body.to_string();
        ApiAnswer { status, body }
    }

    /// The answers of the fixture that `read` is tried with.
    fn parts() -> Value {
        let path = "/fixtures/pipedrive/answers.json";
        let text = std::fs::read_to_string(format!("{}{path}", env!("CARGO_MANIFEST_DIR")));
        serde_json::from_str(&text.unwrap()).unwrap()
    }

    fn first(deal: &Value, products: &Value) -> Result<Fetching, FetchError> {
        let (fetch, requests) = DealFetch::start("123", "99");
        let paths: Vec<&str> = requests.iter().map(|r| r.path_and_query.as_str()).collect();
        assert_eq!(
            paths,
            ["/api/v2/deals/99", "/api/v2/deals/99/products?limit=500"]
        );
        fetch.next(&demo_book(), &[answer(200, deal), answer(200, products)])
    }

    #[test]
    fn a_deal_is_asked_for_with_its_products_and_then_with_whom_it_names() {
        let parts = parts();
        let Ok(Fetching::Ask(fetch, requests)) = first(&parts["deal"], &parts["products"]) else {
            panic!("a second round");
        };
        let paths: Vec<&str> = requests.iter().map(|r| r.path_and_query.as_str()).collect();
        assert_eq!(paths, ["/api/v2/organizations/31", "/api/v2/persons/41"]);
        let answers = [
            answer(200, &parts["organization"]),
            answer(200, &parts["person"]),
        ];
        let Ok(Fetching::Done(Event::Deal(deal))) = fetch.next(&demo_book(), &answers) else {
            panic!("a whole deal");
        };
        assert_eq!(deal.lines.len(), 2);
        assert_eq!(deal.customer.unwrap().name, "Globex Corp");
        assert!(deal.billing_contact.is_some());
    }

    #[test]
    fn half_of_a_deal_is_none() {
        let parts = parts();
        let gone = answer(404, &json!({"success": false}));
        let products = answer(200, &parts["products"]);
        let (fetch, _) = DealFetch::start("123", "99");
        let next = fetch.next(&demo_book(), &[gone.clone(), products]);
        assert!(matches!(next, Ok(Fetching::Gone)));
        let mut more = parts["products"].clone();
        more["additional_data"] = json!({"next_cursor": "abc"});
        let next = first(&parts["deal"], &more).err();
        assert_eq!(next, Some(FetchError::TooManyLines));
        let Ok(Fetching::Ask(fetch, _)) = first(&parts["deal"], &parts["products"]) else {
            panic!("a second round");
        };
        let organization = answer(200, &parts["organization"]);
        let next = fetch.next(&demo_book(), &[organization, gone]).err();
        assert_eq!(next.unwrap().next_step(), NextStep::Reject);
    }
}
