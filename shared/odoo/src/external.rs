//! From an external id to a database id and back, with the rights of any service user.

use serde::Deserialize;
use serde_json::json;

use crate::answer::OrFalse;
use crate::{Context, Odoo, OdooError};

impl Odoo {
    /// The record under an external id, archived or not; none when there is no such id.
    pub(crate) async fn look_up(
        &self,
        context: &Context,
        external_id: &str,
    ) -> Result<Option<i64>, OdooError> {
        let Some((module, name)) = external_id.split_once('.') else {
            return Err(OdooError::refused(format!(
                "{external_id:?} is not an external id: expected module.name"
            )));
        };
        let context = context.clone().with("active_test", json!(false));
        let arguments = json!({"module": module, "xml_id": name});
        let found: Result<(String, OrFalse<i64>), OdooError> = self
            .call(
                "ir.model.data",
                "check_object_reference",
                &context,
                arguments,
            )
            .await;
        match found {
            Ok((_, OrFalse(Some(id)))) => Ok(Some(id)),
            Ok((model, OrFalse(None))) => Err(OdooError::NotAllowed {
                message: format!("{external_id} ({model}) exists but our user may not see it"),
            }),
            // Odoo answers an unknown id with this text and a ValueError, like any other mistake.
            Err(OdooError::Refused { message }) if message.starts_with("External ID not found") => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The record under an external id that must exist.
    pub(crate) async fn resolve(
        &self,
        context: &Context,
        external_id: &str,
    ) -> Result<i64, OdooError> {
        self.look_up(context, external_id)
            .await?
            .ok_or_else(|| OdooError::refused(format!("{external_id} does not exist in Odoo")))
    }

    /// The external ids of records. One may have several, or none.
    pub(crate) async fn names_of(
        &self,
        context: &Context,
        model: &str,
        ids: &[i64],
    ) -> Result<Vec<(String, i64)>, OdooError> {
        #[derive(Deserialize)]
        struct Metadata {
            id: i64,
            xmlids: Vec<Name>,
        }
        #[derive(Deserialize)]
        struct Name {
            xmlid: String,
        }
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let arguments = json!({"ids": ids});
        let metadata: Vec<Metadata> = self.call(model, "get_metadata", context, arguments).await?;
        let names =
            |Metadata { id, xmlids }| xmlids.into_iter().map(move |name: Name| (name.xmlid, id));
        Ok(metadata.into_iter().flat_map(names).collect())
    }
}
