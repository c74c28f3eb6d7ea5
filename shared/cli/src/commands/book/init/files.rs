//! The texts of a first book's files.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use domain::book::GAP;
use odoo::survey::{Company, Named, Service, Survey};
use sources::Entry;
use toml::Value;

const SCHEMA: &str = "# The keys that a book may have: tenon book schema > book.schema.json\n#:schema book.schema.json\n\n";

/// Every file of a first book, by its name.
pub fn of(found: &Survey, crm: &Entry, psa: &Entry) -> Vec<(&'static str, String)> {
    vec![
        ("entities.toml", entities(&found.companies)),
        ("catalogue.toml", catalogue(&found.services)),
        ("people.toml", people(&found.employees)),
        ("sources.toml", sources(&found.payment_terms, crm, psa)),
    ]
}

fn entities(companies: &[Company]) -> String {
    let mut text = format!(
        "{SCHEMA}# The companies that sell. A table's name is the book's own name for one.\n"
    );
    for company in companies {
        let Company {
            id,
            name,
            currency,
            taxes,
            journals,
        } = company;
        let key = key(name, *id);
        let _ = write!(text, "\n[entities.{key}]\n");
        line(&mut text, "crm_name", name);
        remark(&mut text, "as the CRM calls it; Odoo's name is a guess");
        let _ = writeln!(text, "odoo_company = {id}");
        line(&mut text, "currency", currency);
        gap(
            &mut text,
            "zone",
            "the zone that decides its dates, such as Europe/Brussels",
        );
        listed(&mut text, "Sale taxes in Odoo", taxes);
        listed(&mut text, "Sale journals in Odoo", journals);
    }
    text
}

fn catalogue(services: &[Service]) -> String {
    let mut text = format!(
        "{SCHEMA}# What is sold. Take out what no deal has and nobody works on. `billing` is guessed from Odoo's\n\
         # invoicing policy; `work_roles` are the PSA's roles that are billed as the service.\n"
    );
    let mut keys = BTreeSet::new();
    for service in services {
        let Named {
            id,
            name,
            external_id,
        } = &service.named;
        let _ = write!(text, "\n# {}\n[[services]]\n", one_line(name));
        let own = match key(name, *id) {
            taken if keys.contains(&taken) => format!("{taken}_{id}"),
            free => free,
        };
        line(&mut text, "key", &own);
        keys.insert(own);
        external(&mut text, "product", external_id.as_ref(), ("product", *id));
        match &service.code {
            Some(code) => line(&mut text, "sku", code),
            None => gap(&mut text, "sku", "the CRM's product code of it"),
        }
        let billing = billing(service.policy.as_deref());
        line(&mut text, "billing", billing);
        if billing == "time_and_materials" {
            let _ = writeln!(
                text,
                "work_roles = [{}]",
                quoted(&format!("{GAP}the PSA's roles of it"))
            );
        }
    }
    text
}

/// How a service is billed, by Odoo's invoicing policy of services.
fn billing(policy: Option<&str>) -> &'static str {
    match policy {
        Some("delivered_timesheet") => "time_and_materials",
        Some("delivered_milestones") => "milestone",
        Some("ordered_prepaid") => "retainer",
        Some(_) | None => "fixed_fee",
    }
}

fn people(employees: &[Named]) -> String {
    let mut text = format!("{SCHEMA}# Who works.\n");
    for Named {
        id,
        name,
        external_id,
    } in employees
    {
        let _ = write!(text, "\n# {}\n[[employees]]\n", one_line(name));
        gap(
            &mut text,
            "psa_member",
            "the PSA's identifier of this person",
        );
        external(&mut text, "odoo", external_id.as_ref(), ("employee", *id));
    }
    text
}

fn sources(terms: &[Named], crm: &Entry, psa: &Entry) -> String {
    let mut text = format!(
        "{SCHEMA}# The CRM's words (left) → the payment term in Odoo. The words are Odoo's names as a guess.\n[payment_terms]\n"
    );
    for term in terms {
        external(
            &mut text,
            &quoted(&term.name),
            term.external_id.as_ref(),
            ("payment term", term.id),
        );
    }
    text.push_str("\n[[crm]]\n");
    line(&mut text, "source", crm.name);
    gap(
        &mut text,
        "account",
        "the id of its account, as its messages carry it",
    );
    let _ = writeln!(
        text,
        "won_stages = [{}]",
        quoted(&format!("{GAP}the ids of the stages that mean won"))
    );
    text.push_str("\n# Properties that the firm has in the CRM; the last four are written by Tenon.\n[crm.properties]\n");
    for property in PROPERTIES {
        line(&mut text, property, property);
    }
    text.push_str("\n[[psa]]\n");
    line(&mut text, "source", psa.name);
    gap(
        &mut text,
        "account",
        "the id of its account, as its messages carry it",
    );
    gap(
        &mut text,
        "zone",
        "the zone that decides the day of work, such as Europe/Brussels",
    );
    line(&mut text, "deal_id_field", "CRM deal id");
    remark(
        &mut text,
        "the caption of the project's field that holds the deal's id",
    );
    text.push_str("\n# The PSA's status words → approval. A word that is not here waits for review.\n[psa.approval]\n");
    for (word, approval) in approvals(psa) {
        line(&mut text, &quoted(&word), &approval);
    }
    text
}

/// What a deal needs beside what every CRM has, and what is told back.
const PROPERTIES: [&str; 9] = [
    "legal_entity",
    "payment_terms",
    "purchase_order",
    "signed_on",
    "vat",
    "invoice_number",
    "invoice_status",
    "invoice_total",
    "invoice_open",
];

/// The words of the vendor's own documentation for the states of time, as its description has them.
fn approvals(psa: &Entry) -> Vec<(String, String)> {
    let facts: toml::Table = psa.text.parse().unwrap_or_default();
    let states = ["approval", "time_entry", "states"];
    let found = states
        .iter()
        .try_fold(&Value::Table(facts), |value, key| value.get(key))
        .cloned();
    let states = found
        .as_ref()
        .and_then(Value::as_table)
        .into_iter()
        .flatten();
    let states =
        states.filter_map(|(word, approval)| Some((word.clone(), approval.as_str()?.to_owned())));
    states.collect()
}

fn external(text: &mut String, name: &str, id: Option<&String>, (what, number): (&str, i64)) {
    match id {
        Some(id) => line(text, name, id),
        None => {
            let missing = format!(
                "the external id of {what} {number}; it has none yet: --name-all, or an export in Odoo with that column, gives it one"
            );
            gap(text, name, &missing);
        }
    }
}

fn line(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "{name} = {}", quoted(value));
}

fn gap(text: &mut String, name: &str, question: &str) {
    line(text, name, &format!("{GAP}{question}"));
}

/// Behind the line that was written last.
fn remark(text: &mut String, words: &str) {
    text.truncate(text.trim_end().len());
    let _ = writeln!(text, " # {words}");
}

fn listed(text: &mut String, what: &str, names: &[String]) {
    if !names.is_empty() {
        let names: Vec<String> = names.iter().map(|name| one_line(name)).collect();
        let _ = writeln!(text, "# {what}: {}", names.join(", "));
    }
}

/// A name as a key that needs no quotes.
fn key(name: &str, id: i64) -> String {
    let mut key = String::new();
    for c in name.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => key.push(c),
            _ if !key.is_empty() && !key.ends_with('_') => key.push('_'),
            _ => {}
        }
    }
    match key.trim_matches('_') {
        "" => format!("odoo_{id}"),
        key => key.to_owned(),
    }
}

fn quoted(value: &str) -> String {
    Value::String(value.to_owned()).to_string()
}

fn one_line(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::book::{Book, bundle};

    use super::*;

    fn named(id: i64, name: &str, external_id: Option<&str>) -> Named {
        Named {
            id,
            name: name.to_owned(),
            external_id: external_id.map(str::to_owned),
        }
    }

    fn survey() -> Survey {
        Survey {
            companies: vec![Company {
                id: 1,
                name: "Müller & Söhne \"GmbH\"".to_owned(),
                currency: "EUR".to_owned(),
                taxes: vec!["19 %".to_owned()],
                journals: vec![],
            }],
            services: vec![Service {
                named: named(7, "Senior\nConsultant", Some("catalogue.senior")),
                code: Some("SENIOR".to_owned()),
                policy: Some("delivered_timesheet".to_owned()),
            }],
            employees: vec![named(3, "Ada", None)],
            payment_terms: vec![named(2, "30 Days", Some("account.term_30"))],
            unanswered: Vec::new(),
        }
    }

    fn entry(name: &str) -> &'static Entry {
        sources::ENTRIES
            .iter()
            .find(|entry| entry.name == name)
            .unwrap()
    }

    #[test]
    fn a_first_book_lacks_nothing_but_its_gaps_and_is_a_book_when_they_are_filled() {
        let texts = of(&survey(), entry("hubspot"), entry("connectwise"));
        let texts: BTreeMap<String, String> = texts
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text))
            .collect();
        let text = bundle(&texts);
        let error = Book::parse(&text).unwrap_err().to_string();
        let gaps = text.matches(GAP).count();
        assert_eq!(error.lines().count(), gaps, "{error}");
        assert!(error.contains("people.toml:9: employees.odoo: "), "{error}");

        let filled = text.lines().map(|line| match line.split_once(GAP) {
            Some((before, _)) if line.contains("zone") => format!("{before}Europe/Berlin\"\n"),
            Some((before, after)) => {
                let end = if after.ends_with(']') { "\"]" } else { "\"" };
                format!("{before}x.y{end}\n")
            }
            None => format!("{line}\n"),
        });
        let book = Book::parse(&filled.collect::<String>()).unwrap();
        assert_eq!(book.services[0].product, "catalogue.senior");
        assert_eq!(book.entities["m_ller_s_hne_gmbh"].currency, "EUR");
        assert!(book.psa.first().approval.contains_key("ApprovedByTierTwo"));
    }
}
