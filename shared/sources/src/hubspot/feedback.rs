//! Writing on a deal or a company in HubSpot.

use domain::feedback::Feedback;

use crate::api::ApiRequest;

/// The request that writes these values on the deal or company. Writing them twice changes nothing.
///
/// <https://developers.hubspot.com/docs/api-reference/crm-deals-v3/guide#update-deals>
pub fn request(feedback: &Feedback) -> ApiRequest {
    let list = match feedback.target.entity() {
        "company" => "companies",
        _ => "deals",
    };
    let properties = serde_json::json!({ "properties": feedback.properties });
    ApiRequest {
        method: "PATCH",
        path_and_query: format!(
            "/crm/v3/objects/{list}/{}",
            super::deal_fetch::escaped(feedback.target.id())
        ),
        body: Some(properties.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Reference;
    use std::collections::BTreeMap;

    #[test]
    fn the_values_are_written_as_they_are() {
        let feedback = Feedback {
            target: Reference::new("hubspot", "48807704", "deal", "99"),
            properties: BTreeMap::from([
                (
                    "odoo_invoice_number".to_owned(),
                    "INV/2026/00001".to_owned(),
                ),
                ("odoo_invoice_total".to_owned(), "1200.50".to_owned()),
            ]),
            awaited: BTreeMap::new(),
        };
        let first = request(&feedback);
        assert_eq!(first.method, "PATCH");
        assert_eq!(first.path_and_query, "/crm/v3/objects/deals/99");
        assert_eq!(
            first.body.as_deref(),
            Some(
                r#"{"properties":{"odoo_invoice_number":"INV/2026/00001","odoo_invoice_total":"1200.50"}}"#
            )
        );
        let company = Feedback {
            target: Reference::new("hubspot", "48807704", "company", "5"),
            ..feedback
        };
        let other = request(&company);
        assert_eq!(other.path_and_query, "/crm/v3/objects/companies/5");
    }
}
