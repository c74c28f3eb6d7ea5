//! Odoo 14 to 18: the same calls over `/jsonrpc`, with the names that things had there.
//!
//! The flows are written once, in the words of Odoo 19 and its JSON-2 API. Here every request is put into
//! the words of an older version (`names`) and every answer back (`answer`). Odoo 19 still answers
//! `/jsonrpc` too, which is how this is held against a real one.
//! <https://www.odoo.com/documentation/17.0/developer/reference/external_api.html>

mod answer;
mod names;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::wire::{Answer, Answering, HttpWire, Request, Wire};
use crate::{ApiKey, OdooError};

/// Where calls of the JSON-2 API begin.
const JSON_2: &str = "/json/2/";
/// The version that it came with.
const FIRST_WITH_JSON_2: u8 = 19;

/// The way to an Odoo of a version (14 to 19), with the limits of [`HttpWire::new`].
pub fn to_version(
    version: u8,
    url: &str,
    read_timeout: Duration,
) -> Result<Arc<dyn Wire>, OdooError> {
    let wire = Arc::new(HttpWire::new(url, read_timeout)?);
    Ok(match version {
        FIRST_WITH_JSON_2.. => wire,
        older => Arc::new(OlderWire::new(wire, older)),
    })
}

/// An Odoo that is asked over `/jsonrpc`.
pub struct OlderWire {
    wire: Arc<dyn Wire>,
    version: u8,
    /// Database and login → the user's id, which every call names.
    users: Mutex<BTreeMap<(String, String), i64>>,
}

/// A call of the JSON-2 API.
struct Call<'a> {
    model: &'a str,
    database: &'a str,
    login: &'a str,
    key: &'a str,
}

impl OlderWire {
    /// To an Odoo of this version (14 to 19) behind `wire`.
    pub fn new(wire: Arc<dyn Wire>, version: u8) -> Self {
        Self {
            wire,
            version,
            users: Mutex::default(),
        }
    }

    async fn translate(&self, request: Request) -> Result<Answer, OdooError> {
        let (Some(called), Some((database, key))) =
            (request.path.strip_prefix(JSON_2), &request.caller)
        else {
            return self.wire.send(request).await;
        };
        let (model, method) = called.split_once('/').unwrap_or((called, ""));
        let (login, key) = credentials(key)?;
        let call = Call {
            model,
            database,
            login,
            key,
        };
        let user = match self.user(&call).await? {
            Ok(user) => user,
            Err(answer) => return Ok(answer),
        };
        let body = request.body.unwrap_or_default();
        let named = serde_json::from_slice(&body).unwrap_or_default();
        let (method, arguments) = names::request(self.version, model, method, named);
        let answer = self.execute(&call, user, &method, arguments).await?;
        Ok(names::answer(self.version, model, answer))
    }

    async fn execute(
        &self,
        call: &Call<'_>,
        user: i64,
        method: &str,
        mut named: serde_json::Map<String, Value>,
    ) -> Result<Answer, OdooError> {
        // What a method works on comes first; everything else has a name there too.
        let ids: Vec<Value> = named.remove("ids").into_iter().collect();
        let arguments = json!([
            call.database,
            user,
            call.key,
            call.model,
            method,
            ids,
            named
        ]);
        self.rpc("object", "execute_kw", &arguments).await
    }

    /// The id of the user whose key it is. Odoo answers `false` for a key that it does not know.
    async fn user(&self, call: &Call<'_>) -> Result<Result<i64, Answer>, OdooError> {
        let who = (call.database.to_owned(), call.login.to_owned());
        if let Some(user) = self.users.lock().await.get(&who) {
            return Ok(Ok(*user));
        }
        let arguments = json!([call.database, call.login, call.key, {}]);
        let answer = self.rpc("common", "authenticate", &arguments).await?;
        if !(200..300).contains(&answer.status) {
            return Ok(Err(answer));
        }
        let user: i64 = serde_json::from_slice(&answer.body).map_err(|_| OdooError::KeyRefused)?;
        self.users.lock().await.insert(who, user);
        Ok(Ok(user))
    }

    async fn rpc(
        &self,
        service: &str,
        method: &str,
        arguments: &Value,
    ) -> Result<Answer, OdooError> {
        let call = json!({
            "jsonrpc": "2.0", "method": "call",
            "params": {"service": service, "method": method, "args": arguments},
        });
        let request = Request {
            path: "/jsonrpc".to_owned(),
            caller: None,
            body: Some(call.to_string().into_bytes()),
        };
        let answer = self.wire.send(request).await?;
        Ok(answer::unpacked(answer))
    }
}

impl Wire for OlderWire {
    fn send(&self, request: Request) -> Answering<'_> {
        Box::pin(self.translate(request))
    }
}

/// The secret of a user of an older Odoo is `login:key`.
fn credentials(key: &ApiKey) -> Result<(&str, &str), OdooError> {
    key.reveal().split_once(':').ok_or(OdooError::KeyRefused)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex as Notes;

    use super::*;
    use crate::{Context, Odoo};

    /// Answers as an older Odoo does, and notes what it was asked.
    struct Older {
        answers: Notes<Vec<&'static str>>,
        asked: Notes<Vec<Value>>,
    }

    impl Older {
        fn answering(answers: &[&'static str]) -> Arc<Self> {
            let mut answers = answers.to_vec();
            answers.reverse();
            let (answers, asked) = (Notes::new(answers), Notes::default());
            Arc::new(Self { answers, asked })
        }

        fn last(&self) -> Value {
            let asked = self.asked.lock().unwrap();
            asked.last().unwrap()["params"]["args"].clone()
        }
    }

    impl Wire for Older {
        fn send(&self, request: Request) -> Answering<'_> {
            assert_eq!(request.path, "/jsonrpc");
            let body = serde_json::from_slice(&request.body.unwrap()).unwrap();
            self.asked.lock().unwrap().push(body);
            let said = self.answers.lock().unwrap().pop().unwrap();
            let (status, retry_after) = (200, None);
            let body = said.as_bytes().to_vec();
            Box::pin(async move {
                Ok(Answer {
                    status,
                    retry_after,
                    body,
                })
            })
        }
    }

    fn odoo(version: u8, older: &Arc<Older>, key: &str) -> Odoo {
        let wire = OlderWire::new(Arc::clone(older) as Arc<dyn Wire>, version);
        Odoo::over(Arc::new(wire), "erp".to_owned(), ApiKey::new(key))
    }

    fn nowhere() -> Context {
        Context::companies(&[])
    }

    #[tokio::test]
    async fn the_analytic_account_of_a_project_has_the_name_of_the_version() {
        for (version, name) in [(17, "analytic_account_id"), (18, "account_id")] {
            let older = Older::answering(&[r#"{"result":7}"#, r#"{"result":true}"#]);
            let odoo = odoo(version, &older, "svc:secret");
            let write = json!({"ids": [41], "vals": {"account_id": 9}});
            let done: bool = odoo
                .call("project.project", "write", &nowhere(), write)
                .await
                .unwrap();
            assert!(done);
            let asked = older.last();
            assert_eq!(asked[0], "erp");
            assert_eq!(
                (&asked[1], &asked[3], &asked[4]),
                (&json!(7), &json!("project.project"), &json!("write"))
            );
            assert_eq!(
                asked[5],
                json!([[41]]),
                "what it works on is the first argument"
            );
            assert_eq!(asked[6]["vals"], json!({ name: 9 }), "Odoo {version}");
        }
    }

    #[tokio::test]
    async fn what_is_read_has_the_names_of_today_again_and_its_digits() {
        let answer =
            r#"{"result":[{"id":3,"tax_id":[1],"price_unit":160.10000000000002,"product_uom":2}]}"#;
        let older = Older::answering(&[r#"{"result":7}"#, answer]);
        let odoo = odoo(17, &older, "svc:secret");
        let read = json!({"ids": [3], "fields": ["tax_ids", "price_unit", "product_uom_id"]});
        let found: Box<serde_json::value::RawValue> = odoo
            .call("sale.order.line", "read", &nowhere(), read)
            .await
            .unwrap();
        let expected =
            r#"[{"id":3,"price_unit":160.10000000000002,"product_uom_id":2,"tax_ids":[1]}]"#;
        assert_eq!(found.get(), expected);
        assert_eq!(
            older.last()[6]["fields"],
            json!(["tax_id", "price_unit", "product_uom"])
        );
    }

    #[tokio::test]
    async fn a_key_is_asked_for_its_user_once_and_one_without_login_is_refused() {
        let older = Older::answering(&[r#"{"result":7}"#, r#"{"result":1}"#, r#"{"result":2}"#]);
        let asked = odoo(16, &older, "svc:secret");
        for _ in 0..2 {
            let count = json!({"domain": []});
            let _: i64 = asked
                .call("res.partner", "search_count", &nowhere(), count)
                .await
                .unwrap();
        }
        assert_eq!(older.asked.lock().unwrap().len(), 3);
        let without = odoo(16, &older, "secret");
        let refused: Result<i64, _> = without
            .call("res.partner", "search_count", &nowhere(), json!({}))
            .await;
        assert!(matches!(refused, Err(OdooError::KeyRefused)));
        let unknown = Older::answering(&[r#"{"result":false}"#]);
        let refused: Result<i64, _> = odoo(16, &unknown, "svc:wrong")
            .call("res.partner", "search_count", &nowhere(), json!({}))
            .await;
        assert!(matches!(refused, Err(OdooError::KeyRefused)));
    }

    #[tokio::test]
    async fn an_error_within_http_200_is_the_error_that_it_is() {
        let fault = |name: &str| {
            let text = format!(
                r#"{{"error":{{"code":200,"message":"Odoo Server Error","data":{{"name":"{name}","message":"no","debug":"secret"}}}}}}"#
            );
            let text: &'static str = Box::leak(text.into_boxed_str());
            text
        };
        let failed = async |name: &str| {
            let older = Older::answering(&[r#"{"result":7}"#, fault(name)]);
            let asked = odoo(17, &older, "svc:secret");
            let answer: Result<Value, _> = asked
                .call("res.partner", "read", &nowhere(), json!({"ids": [1]}))
                .await;
            answer.unwrap_err()
        };
        let conflict = failed("psycopg2.errors.SerializationFailure").await;
        assert!(matches!(conflict, OdooError::Busy { .. }), "{conflict}");
        let denied = failed("odoo.exceptions.AccessError").await;
        assert!(matches!(denied, OdooError::NotAllowed { .. }), "{denied}");
        let refused = failed("odoo.exceptions.UserError").await;
        assert!(matches!(refused, OdooError::Refused { .. }), "{refused}");
        let key = failed("odoo.exceptions.AccessDenied").await;
        assert!(matches!(key, OdooError::KeyRefused), "{key}");
    }
}
