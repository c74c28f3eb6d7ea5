//! Lists what an Odoo has that a book refers to, for whoever writes the first one. It only reads,
//! unless it is asked to have Odoo name what has no external id.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::OrFalse;
use crate::doctor::Keys;
use crate::doctor::needs::{BILLING, MASTER, WORK};
use crate::{Context, Odoo, OdooConfig, OdooError};

/// What is asked.
pub struct Question {
    /// The Odoo.
    pub config: OdooConfig,
    /// The service users' keys.
    pub keys: Keys,
    /// Whether Odoo is to give an external id to products, employees and payment terms that have
    /// none, as its own export does. It needs the group *Access to export feature*.
    pub name_all: bool,
}

/// What an Odoo has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// The companies that the service user for master data may use.
    pub companies: Vec<Company>,
    /// What is sold and is a service.
    pub services: Vec<Service>,
    /// Who works.
    pub employees: Vec<Named>,
    /// The payment terms.
    pub payment_terms: Vec<Named>,
    /// What could not be asked, and why, in a sentence each.
    pub unanswered: Vec<String>,
}

/// A company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its database id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// ISO 4217 code of its books.
    pub currency: String,
    /// Its sale taxes, as people call them.
    pub taxes: Vec<String>,
    /// Its sale journals, as people call them.
    pub journals: Vec<String>,
}

/// A service that is sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its id and name.
    pub named: Named,
    /// Its internal reference.
    pub code: Option<String>,
    /// Odoo's invoicing policy of services, such as `delivered_timesheet`.
    pub policy: Option<String>,
}

/// A record that a book names by its external id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its database id.
    pub id: i64,
    /// Its name, which may be a person's.
    pub name: String,
    /// Its external id, if it has one.
    pub external_id: Option<String>,
}

/// Lists all of it.
///
/// # Errors
/// When Odoo does not answer, or refuses the key for master data.
pub async fn survey(question: Question) -> Result<Survey, OdooError> {
    let Question {
        config,
        keys,
        name_all,
    } = question;
    let master = Odoo::new(OdooConfig {
        key: keys.master,
        ..config
    })?;
    let surveyor = Surveyor {
        work: master.with_key(keys.work),
        billing: master.with_key(keys.billing),
        master,
        name_all,
    };
    surveyor.survey().await
}

struct Surveyor {
    master: Odoo,
    work: Odoo,
    billing: Odoo,
    name_all: bool,
}

#[derive(Deserialize)]
struct RawCompany {
    id: i64,
    name: String,
    currency_id: (i64, String),
}

#[derive(Deserialize)]
struct RawProduct {
    id: i64,
    name: String,
    default_code: OrFalse<String>,
    service_policy: OrFalse<String>,
}

#[derive(Deserialize)]
struct RawNamed {
    id: i64,
    name: String,
}

/// What is exported: a row per record, with one cell.
#[derive(Deserialize)]
struct Exported {
    datas: Vec<Vec<Value>>,
}

impl Surveyor {
    async fn survey(&self) -> Result<Survey, OdooError> {
        let mut survey = Survey::default();
        let nowhere = Context::companies(&[]);
        let fields = ["name", "currency_id"];
        let companies: Vec<RawCompany> =
            listed(&self.master, "res.company", &nowhere, json!([]), &fields).await?;
        let ids: Vec<i64> = companies.iter().map(|company| company.id).collect();
        let context = Context::companies(&ids);
        for company in companies {
            let taxes = self.of_company(&company, "account.tax", "type_tax_use");
            let taxes = survey.or_none(BILLING.name, "the taxes", taxes.await);
            let journals = self.of_company(&company, "account.journal", "type");
            let journals = survey.or_none(BILLING.name, "the journals", journals.await);
            survey.companies.push(Company {
                id: company.id,
                name: company.name,
                currency: company.currency_id.1,
                taxes,
                journals,
            });
        }
        let services = self.services(&context, &mut survey).await;
        survey.services = survey.or_none(MASTER.name, "the services", services);
        let employees = self.employees(&context, &mut survey).await;
        survey.employees = survey.or_none(WORK.name, "the employees", employees);
        let terms = self.terms(&context, &mut survey).await;
        survey.payment_terms = survey.or_none(MASTER.name, "the payment terms", terms);
        Ok(survey)
    }

    /// The names of a company's sale records of a model.
    async fn of_company(
        &self,
        company: &RawCompany,
        model: &str,
        kind: &str,
    ) -> Result<Vec<String>, OdooError> {
        let context = Context::companies(&[company.id]);
        let domain = json!([[kind, "=", "sale"], ["company_id", "=", company.id]]);
        let found: Vec<RawNamed> =
            listed(&self.billing, model, &context, domain, &["name"]).await?;
        Ok(found.into_iter().map(|one| one.name).collect())
    }

    async fn services(
        &self,
        context: &Context,
        survey: &mut Survey,
    ) -> Result<Vec<Service>, OdooError> {
        const MODEL: &str = "product.product";
        let domain = json!([["type", "=", "service"], ["sale_ok", "=", true]]);
        let fields = ["name", "default_code", "service_policy"];
        let found: Vec<RawProduct> = listed(&self.master, MODEL, context, domain, &fields).await?;
        let ids: Vec<i64> = found.iter().map(|product| product.id).collect();
        let names = self
            .external_ids(&self.master, context, MODEL, &ids, survey)
            .await?;
        let service = |product: RawProduct| Service {
            named: Named {
                external_id: names.get(&product.id).cloned(),
                id: product.id,
                name: product.name,
            },
            code: product.default_code.0,
            policy: product.service_policy.0,
        };
        Ok(found.into_iter().map(service).collect())
    }

    /// Everybody may list public employees; their external ids are those of the employees.
    async fn employees(
        &self,
        context: &Context,
        survey: &mut Survey,
    ) -> Result<Vec<Named>, OdooError> {
        let listed: Vec<RawNamed> = listed(
            &self.work,
            "hr.employee.public",
            context,
            json!([]),
            &["name"],
        )
        .await?;
        self.named(&self.work, context, ("hr.employee", listed), survey)
            .await
    }

    async fn terms(&self, context: &Context, survey: &mut Survey) -> Result<Vec<Named>, OdooError> {
        const MODEL: &str = "account.payment.term";
        let found = listed(&self.master, MODEL, context, json!([]), &["name"]).await?;
        self.named(&self.master, context, (MODEL, found), survey)
            .await
    }

    async fn named(
        &self,
        odoo: &Odoo,
        context: &Context,
        (model, found): (&str, Vec<RawNamed>),
        survey: &mut Survey,
    ) -> Result<Vec<Named>, OdooError> {
        let ids: Vec<i64> = found.iter().map(|one| one.id).collect();
        let names = self
            .external_ids(odoo, context, model, &ids, survey)
            .await?;
        let named = |one: RawNamed| Named {
            external_id: names.get(&one.id).cloned(),
            id: one.id,
            name: one.name,
        };
        Ok(found.into_iter().map(named).collect())
    }

    /// The external ids of records, by their database ids. Whoever may not have the others named
    /// is told so, and has those that are there.
    async fn external_ids(
        &self,
        odoo: &Odoo,
        context: &Context,
        model: &str,
        ids: &[i64],
        survey: &mut Survey,
    ) -> Result<BTreeMap<i64, String>, OdooError> {
        let mut names = BTreeMap::new();
        for (name, id) in odoo.names_of(context, model, ids).await? {
            // The first one is the oldest, which is the one that its module or import gave it.
            names.entry(id).or_insert(name);
        }
        let unnamed: Vec<i64> = (ids.iter().copied())
            .filter(|id| !names.contains_key(id))
            .collect();
        if !self.name_all || unnamed.is_empty() {
            return Ok(names);
        }
        let arguments = json!({"ids": unnamed, "fields_to_export": ["id"]});
        let exported: Result<Exported, OdooError> =
            odoo.call(model, "export_data", context, arguments).await;
        match exported {
            Ok(exported) => {
                let cells = exported.datas.iter().map(|row| row.first()?.as_str());
                let given = unnamed.iter().zip(cells);
                names.extend(given.filter_map(|(id, name)| Some((*id, name?.to_owned()))));
            }
            Err(error) => survey
                .unanswered
                .push(format!("external ids of {model} cannot be given: {error}")),
        }
        Ok(names)
    }
}

impl Survey {
    /// What was listed; nothing, and a sentence about it, when it could not be.
    fn or_none<T>(&mut self, user: &str, what: &str, found: Result<Vec<T>, OdooError>) -> Vec<T> {
        found.unwrap_or_else(|error| {
            self.unanswered
                .push(format!("the user {user} cannot list {what}: {error}"));
            Vec::new()
        })
    }
}

async fn listed<T: DeserializeOwned>(
    odoo: &Odoo,
    model: &str,
    context: &Context,
    domain: Value,
    fields: &[&str],
) -> Result<Vec<T>, OdooError> {
    let arguments = json!({"domain": domain, "fields": fields, "order": "id"});
    odoo.call(model, "search_read", context, arguments).await
}
