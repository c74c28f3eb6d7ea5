//! The only door for people: what waits and why, what a record became, and the few decisions that
//! only people take.
//!
//! Who is asking comes from the request's IAM context, never from the body.

mod assignments;
mod audit;
mod book_test;
mod books;
mod confirm;
mod contract;
mod customer;
mod dead_letters;
mod error;
mod flows;
mod hidden;
mod project;
mod rebuild;
mod retry;
mod rights;
mod status;
mod summary;
mod trace;

use std::sync::Arc;

use aws::{
    Agreements, Audit, BadEnvironment, Bells, Billing, Books, Chain, Clock, Connection, Crosswalk,
    DeadLetters, Environment, Exceptions, Files, Heard, Identities, Ledger, Losses, OdooGate,
    Recordings, Runs, Sunset, Tokens,
};
use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::encodings::Body;
use domain::book::Right;
use serde_json::{Value, json};
use tracing::{info, warn};

use error::ConsoleError;

/// The function, with everything it needs.
pub struct Console {
    ledger: Ledger,
    billing: Billing,
    exceptions: Exceptions,
    identities: Identities,
    agreements: Agreements,
    crosswalk: Crosswalk,
    books: Books,
    archive: Files,
    audit: Audit,
    seals: Files,
    /// None where nothing is kept for trying books.
    recordings: Option<Recordings>,
    heard: Heard,
    losses: Losses,
    runs: Runs,
    gate: Arc<OdooGate>,
    dead_letters: Vec<DeadLetters>,
    bells: Bells,
    clock: Arc<dyn Clock>,
    tokens: Arc<dyn Tokens>,
    sunset: Sunset,
}

impl Console {
    /// Connects to AWS.
    pub async fn connect(environment: &Environment) -> Result<Self, BadEnvironment> {
        Self::over(environment, &Connection::open().await)
    }

    /// The function over a connection that is there already.
    pub fn over(
        environment: &Environment,
        connection: &Connection,
    ) -> Result<Self, BadEnvironment> {
        let table = |name| environment.required(name);
        Ok(Self {
            ledger: Ledger::new(connection, table("LEDGER_TABLE")?),
            billing: Billing::new(connection, table("BILLING_TABLE")?),
            exceptions: Exceptions::new(connection, table("EXCEPTIONS_TABLE")?),
            identities: Identities::new(connection, table("CONTROL_TABLE")?),
            agreements: Agreements::new(connection, table("CONTROL_TABLE")?),
            crosswalk: Crosswalk::new(connection, table("CROSSWALK_TABLE")?),
            books: Books::new(connection, table("CONTROL_TABLE")?),
            archive: Files::new(connection, environment.required("BOOKS_BUCKET")?),
            audit: Audit::new(connection, table("AUDIT_TABLE")?),
            seals: Files::new(connection, environment.required("SEALS_BUCKET")?),
            recordings: environment
                .optional("RECORDED_TABLE")
                .map(|table| Recordings::new(connection, table)),
            heard: Heard::new(connection, table("CONTROL_TABLE")?),
            losses: Losses::new(connection, table("CONTROL_TABLE")?),
            runs: Runs::new(connection, table("CONTROL_TABLE")?),
            gate: OdooGate::new(
                connection,
                table("CONTROL_TABLE")?,
                &environment.required("ODOO_DATABASE")?,
                environment.odoo_budget()?,
            ),
            dead_letters: dead_letters(environment, connection)?,
            bells: Bells::new(connection, &environment.bells()?),
            clock: connection.clock(),
            tokens: connection.tokens(),
            sunset: Sunset::read(environment)?,
        })
    }

    /// Answers one request.
    pub async fn answer(&self, request: &ApiGatewayProxyRequest) -> ApiGatewayProxyResponse {
        let path = request.path.as_deref().unwrap_or_default();
        let method = request.http_method.as_str();
        let mut response = match self.route(request, method, path).await {
            Ok(answer) => {
                info!(method, path, "console answered");
                respond(200, &answer)
            }
            Err(error) => {
                warn!(method, path, error = %Chain(&error), "console refused");
                respond(error.status(), &json!({"error": Chain(&error).to_string()}))
            }
        };
        self.sunset.tell(&mut response.headers);
        response
    }

    async fn route(
        &self,
        request: &ApiGatewayProxyRequest,
        method: &str,
        path: &str,
    ) -> Result<Value, ConsoleError> {
        let person = person(request).ok_or(ConsoleError::Nobody)?;
        let path = path.strip_prefix("/console/").unwrap_or_default();
        let right = rights::needed(method, path).ok_or(ConsoleError::UnknownPath)?;
        let answer = match rights::changes_something(method, path) {
            true => self.decide_written(request, path, &person, right).await?,
            false => {
                self.allow(&person, right).await?;
                self.do_it(request, (method, path), &person).await?
            }
        };
        match self.may(&person, Right::SeeAmounts).await? {
            true => Ok(answer),
            false => Ok(hidden::without_amounts(answer)),
        }
    }

    /// Does what a person decides. It is written down first: what cannot be is not done. How it ended is
    /// answered also when that cannot be written down: an error would say that nothing was done.
    async fn decide_written(
        &self,
        request: &ApiGatewayProxyRequest,
        path: &str,
        person: &str,
        right: Right,
    ) -> Result<Value, ConsoleError> {
        let body = body(request)?;
        self.write_down(person, path, &body, "asked").await?;
        let done = async {
            self.allow(person, right).await?;
            self.do_it(request, ("POST", path), person).await
        };
        let done = done.await;
        let outcome = match &done {
            Ok(_) => "done".to_owned(),
            Err(error) => format!("refused with {}", error.status()),
        };
        if let Err(error) = self.write_down(person, path, &body, &outcome).await {
            warn!(path, outcome, error = %Chain(&error), "how a decision ended is not written down");
        }
        done
    }

    async fn do_it(
        &self,
        request: &ApiGatewayProxyRequest,
        what: (&str, &str),
        person: &str,
    ) -> Result<Value, ConsoleError> {
        let body = body(request)?;
        match what {
            ("GET", "status") => self.status().await,
            ("GET", "dead-letters") => self.dead_letters().await,
            ("POST", "dead-letters") => self.redrive(&body).await,
            ("POST", "crosswalk") => self.confirm(&body, person).await,
            ("POST", "contract") => self.confirm_contract(&body, person).await,
            ("POST", "customer/link") => self.link_customer(&body, person).await,
            ("POST", "customer/distinct") => self.distinct_customer(&body, person).await,
            ("POST", "retry") => self.retry(&body).await,
            ("GET", "assignments") => {
                let asked = request.query_string_parameters.first("project");
                self.assignments(asked).await
            }
            ("GET", "project") => {
                let asked = request.query_string_parameters.first("id");
                self.project(asked.ok_or(ConsoleError::NothingAsked)?).await
            }
            ("GET", "flows") => self.flows().await,
            ("POST", "flows/run") => self.run_flow(&body).await,
            ("POST", "flows/promote") => self.promote_flow(&body).await,
            ("POST", "ledger/rebuild") => self.rebuild(person).await,
            ("POST", "book") => self.publish(&body, person).await,
            ("POST", "book/test") => self.test_book(&body).await,
            ("POST", "book/approve") => self.approve(&body, person).await,
            ("POST", "book/activate") => self.activate(&body, person).await,
            ("POST", "book/rollback") => self.roll_back(person).await,
            ("GET", "book/versions") => self.book_versions().await,
            ("GET", "book") => {
                let asked = request.query_string_parameters.first("version");
                self.book_text(asked).await
            }
            ("GET", "audit") => {
                let asked = request.query_string_parameters.first("id");
                let place = request.query_string_parameters.first("place");
                let asked = asked.ok_or(ConsoleError::NothingAsked)?;
                self.happened(asked, place).await
            }
            ("POST", "audit/check") => self.examine(&body).await,
            ("GET", "audit/seal") => {
                let day = request.query_string_parameters.first("day");
                self.examine_seal(day.unwrap_or_default()).await
            }
            ("GET", "trace") => {
                let asked = request.query_string_parameters.first("id");
                self.trace(asked.ok_or(ConsoleError::NothingAsked)?).await
            }
            _ => Err(ConsoleError::UnknownPath),
        }
    }
}

/// The dead letters of every queue, and of the table's stream, which no queue had before.
fn dead_letters(
    environment: &Environment,
    connection: &Connection,
) -> Result<Vec<DeadLetters>, BadEnvironment> {
    let sources = environment.addresses("QUEUE_URLS")?;
    let letters = environment.addresses("DEAD_LETTERS_URLS")?.into_iter();
    let letters = letters.map(|(name, url)| {
        let source = sources.get(&name).cloned();
        DeadLetters::new(connection, &name, url, source)
    });
    Ok(letters.collect())
}

/// Who is asking, as IAM knows them.
fn person(request: &ApiGatewayProxyRequest) -> Option<String> {
    request
        .request_context
        .identity
        .user_arn
        .clone()
        .filter(|arn| !arn.is_empty())
}

fn body(request: &ApiGatewayProxyRequest) -> Result<String, ConsoleError> {
    use base64::Engine as _;
    let text = request.body.clone().unwrap_or_default();
    if !request.is_base64_encoded {
        return Ok(text);
    }
    let bytes = base64::prelude::BASE64_STANDARD
        .decode(text)
        .map_err(|_| ConsoleError::BadBody)?;
    String::from_utf8(bytes).map_err(|_| ConsoleError::BadBody)
}

fn respond(status: u16, answer: &Value) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = i64::from(status);
    response.body = Some(Body::Text(answer.to_string()));
    if let Ok(value) = "application/json".parse() {
        response.headers.insert("content-type", value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_comes_from_the_gateways_context_only() {
        let mut request = ApiGatewayProxyRequest::default();
        request.body = Some(r#"{"userArn":"arn:aws:iam::1:user/eve"}"#.to_owned());
        assert_eq!(person(&request), None);
        request.request_context.identity.user_arn = Some("arn:aws:iam::1:user/ada".to_owned());
        assert_eq!(person(&request).as_deref(), Some("arn:aws:iam::1:user/ada"));
    }
}
