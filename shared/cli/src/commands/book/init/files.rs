//! The texts of a first book's files.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use domain::book::GAP;
use odoo::survey::{Company, Named, Service, Survey};
use sources::facts::survey::Topic;
use sources::survey::Found;

use super::accounts::System;
use super::source_file::sources;
use super::texts::{SCHEMA, external, gap, key, line, listed, one_line, quoted, remark};

/// Every file of a first book, by its name.
pub(super) fn of(found: &Survey, crm: &System, psa: &System) -> Vec<(&'static str, String)> {
    vec![
        ("entities.toml", entities(&found.companies)),
        (
            "catalogue.toml",
            catalogue(&found.services, psa.said(Topic::Roles)),
        ),
        (
            "people.toml",
            people(&found.employees, psa.said(Topic::Members)),
        ),
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

fn catalogue(services: &[Service], roles: &[Found]) -> String {
    let mut text = format!(
        "{SCHEMA}# What is sold. Take out what no deal has and nobody works on. `billing` is guessed from Odoo's\n\
         # invoicing policy; `work_roles` are the PSA's roles that are billed as the service.\n"
    );
    let names: Vec<String> = roles.iter().map(|role| role.id.clone()).collect();
    listed(&mut text, "The PSA's roles", &names);
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
            let role = roles.iter().find(|role| same(&role.id, name));
            let role = role.map_or_else(
                || format!("{GAP}the PSA's roles of it"),
                |role| role.id.clone(),
            );
            let _ = writeln!(text, "work_roles = [{}]", quoted(&role));
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

fn people(employees: &[Named], members: &[Found]) -> String {
    let mut text = format!("{SCHEMA}# Who works.\n");
    for Named {
        id,
        name,
        external_id,
    } in employees
    {
        let _ = write!(text, "\n# {}\n[[employees]]\n", one_line(name));
        match of_the_name(name, employees, members) {
            Some(member) => {
                line(&mut text, "psa_member", &member.id);
                remark(&mut text, "has the same name there; make sure of it");
            }
            None => gap(
                &mut text,
                "psa_member",
                "the PSA's identifier of this person",
            ),
        }
        external(&mut text, "odoo", external_id.as_ref(), ("employee", *id));
    }
    let others = members
        .iter()
        .filter(|member| !employees.iter().any(|one| same(&one.name, &member.name)));
    let others: Vec<String> = others
        .map(|member| format!("{} ({})", member.id, member.name))
        .collect();
    text.push('\n');
    listed(
        &mut text,
        "In the PSA and not in Odoo by this name",
        &others,
    );
    text
}

/// The member of the PSA with this name, if nobody else has it on either side.
fn of_the_name<'a>(name: &str, employees: &[Named], members: &'a [Found]) -> Option<&'a Found> {
    let mut here = employees.iter().filter(|one| same(&one.name, name));
    let mut there = members.iter().filter(|member| same(&member.name, name));
    let member = there.next()?;
    (here.nth(1).is_none() && there.next().is_none()).then_some(member)
}

/// Whether two names differ in nothing but space and capital letters.
fn same(one: &str, other: &str) -> bool {
    one_line(one).to_lowercase() == one_line(other).to_lowercase()
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

    fn system(name: &str, said: &[(Topic, &[(&str, &str)])]) -> System {
        let mut system = System::unasked(sources::source(name).unwrap());
        for (topic, found) in said {
            let found = found.iter().map(|(id, name)| Found {
                id: (*id).to_owned(),
                name: (*name).to_owned(),
            });
            system.said.insert(*topic, found.collect());
        }
        system
    }

    #[test]
    fn a_first_book_lacks_nothing_but_its_gaps_and_is_a_book_when_they_are_filled() {
        let texts = of(
            &survey(),
            &system("hubspot", &[]),
            &system("connectwise", &[]),
        );
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

    #[test]
    fn what_the_accounts_said_leaves_no_gap_and_a_name_that_two_have_does() {
        let crm = [
            (Topic::Account, [("48807704", "")].as_slice()),
            (
                Topic::WonStages,
                &[("closedwon", "Closed won"), ("78", "Signed")],
            ),
            (
                Topic::DealFields,
                &[("legal_entity", ""), ("signed_on", "")],
            ),
        ];
        let psa = [
            (
                Topic::Roles,
                [("senior  consultant", ""), ("Clerk", "")].as_slice(),
            ),
            (
                Topic::Members,
                &[("ALove", "ADA"), ("Ada2", "Ada"), ("bot", "")],
            ),
            (Topic::ProjectFields, &[("Deal", "")]),
        ];
        let found = survey();
        let texts = of(
            &found,
            &system("hubspot", &crm),
            &system("connectwise", &psa),
        );
        let texts: BTreeMap<&str, String> = texts.into_iter().collect();
        let sources = &texts["sources.toml"];
        assert!(sources.contains("account = \"48807704\"\n"), "{sources}");
        let won = "won_stages = [\"closedwon\", \"78\"] # Closed won, Signed\n";
        assert!(sources.contains(won), "{sources}");
        assert!(sources.contains("signed_on = \"signed_on\"\n"), "{sources}");
        assert!(
            sources.contains("has none called purchase_order"),
            "{sources}"
        );
        assert!(
            sources.contains("# Fields that there are: Deal\n"),
            "{sources}"
        );
        let role = "work_roles = [\"senior  consultant\"]\n";
        assert!(texts["catalogue.toml"].contains(role), "{texts:?}");
        assert!(
            texts["people.toml"].contains("psa_member = \"GAP: "),
            "{texts:?}"
        );
    }

    #[test]
    fn a_person_is_found_by_a_name_and_who_is_not_is_named() {
        let mut found = survey();
        found.employees[0].name = "bot".to_owned();
        let psa = [(Topic::Members, [("x", "Bot"), ("ALove", "Ada")].as_slice())];
        let texts = of(
            &found,
            &system("hubspot", &[]),
            &system("connectwise", &psa),
        );
        let texts: BTreeMap<&str, String> = texts.into_iter().collect();
        let people = &texts["people.toml"];
        assert!(
            people.contains("psa_member = \"x\" # has the same name"),
            "{people}"
        );
        assert!(
            people.contains("not in Odoo by this name: ALove (Ada)"),
            "{people}"
        );
    }
}
