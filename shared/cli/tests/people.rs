//! What people ask of a deployment with the command itself: status, trace, retry, crosswalk, book.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::process::{Command, Output};

use cli::aws_api::xml::first_text;
use cli::functions::Profile;
use cli::progress::Progress;
use cli::standin::demo;
use cli::story::Firm;
use serde_json::{Value, json};

/// The command as a person in a shell has it, with that person's own credentials.
struct Shell {
    api_url: String,
    key: String,
    secret: String,
}

impl Shell {
    async fn of(firm: &Firm) -> Self {
        let user = [("UserName".to_owned(), "stella.steward".to_owned())];
        let aws = firm.stack.aws();
        let answer = aws
            .query("iam", "2010-05-08", "CreateAccessKey", &user)
            .await
            .unwrap();
        Self {
            api_url: firm.stack.intake_url().unwrap(),
            key: first_text(&answer, "AccessKeyId"),
            secret: first_text(&answer, "SecretAccessKey"),
        }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_tenon"))
            .args(arguments)
            .env("TENON_API_URL", &self.api_url)
            .env("AWS_ACCESS_KEY_ID", &self.key)
            .env("AWS_SECRET_ACCESS_KEY", &self.secret)
            .env_remove("AWS_SESSION_TOKEN")
            .output()
            .unwrap()
    }

    fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        text(&output.stdout)
    }

    fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{arguments:?}: {}",
            text(&output.stdout)
        );
        text(&output.stderr)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A page's words without its line breaks and its tree.
fn flat(page: &str) -> String {
    let words = page.split_whitespace();
    let words = words.filter(|word| !["│", "├─", "└─"].contains(word));
    words.collect::<Vec<_>>().join(" ")
}

/// A complete deal is won.
async fn win(firm: &mut Firm) {
    let today = jiff::civil::date(2026, 11, 3);
    demo::add_deal(&firm.hubspot, today);
    for (name, value) in [
        ("legal_entity", "Northwind Consulting Inc"),
        ("po_number", "PO-4711"),
        ("dealstage", "closedwon"),
    ] {
        let changed = firm.hubspot.set_property(demo::DEAL, name, value);
        assert_eq!(firm.hubspot_sends(changed).await.unwrap(), 200);
    }
    firm.rest().await.unwrap();
}

/// Takes from the master-data user the right to write customers, or gives it back.
async fn customers_allowed(firm: &Firm, allowed: bool) {
    let eyes = firm.eyes().unwrap();
    let user: Vec<Value> = eyes
        .search(
            "res.users",
            json!([["login", "=", "svc-master"]]),
            &["login"],
        )
        .await
        .unwrap();
    let group: Vec<Value> = eyes
        .call(
            "ir.model.data",
            "search_read",
            json!({
                "domain": [["module", "=", "base"], ["name", "=", "group_partner_manager"]],
                "fields": ["res_id"],
            }),
        )
        .await
        .unwrap();
    let sales: Vec<Value> = eyes
        .call("ir.model.data", "search_read", json!({
            "domain": [["module", "=", "sales_team"], ["name", "=", "group_sale_salesman_all_leads"]],
            "fields": ["res_id"],
        }))
        .await
        .unwrap();
    // Odoo lets sales people write customers as well.
    let command = if allowed { 4 } else { 3 };
    let groups = json!([[command, group[0]["res_id"]], [command, sales[0]["res_id"]]]);
    let write = json!({"ids": [user[0]["id"]], "vals": {"group_ids": groups}});
    let _: Value = eyes.call("res.users", "write", write).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_why_a_record_is_parked_and_has_it_tried_again() {
    let mut firm = Firm::open(Profile::Quick, &Progress::new()).await.unwrap();
    let shell = Shell::of(&firm).await;
    assert!(
        shell
            .says(&["status"])
            .contains("nothing waits, nothing is held")
    );

    customers_allowed(&firm, false).await;
    win(&mut firm).await;
    let customer = format!("hubspot__{}__company__{}", demo::PORTAL, demo::COMPANY);
    let status = shell.says(&["status"]);
    assert!(
        status.contains(&format!("tenon retry {customer}")),
        "{status}"
    );
    assert!(flat(&status).contains("Odoo does not allow it"), "{status}");
    what_stopped_the_deal_is_one_page(&shell, &customer);
    assert_eq!(firm.eyes().unwrap().orders().await.unwrap().len(), 0);

    customers_allowed(&firm, true).await;
    assert!(shell.says(&["retry", &customer]).contains("is tried again"));
    firm.rest().await.unwrap();
    assert_eq!(firm.eyes().unwrap().orders().await.unwrap().len(), 1);
    let trace: Value = serde_json::from_str(&shell.says(&["trace", &customer, "--json"])).unwrap();
    assert_eq!(trace["versions"][0]["state"], "posted");
    let partner = format!("odoo#res.partner#{}", trace["versions"][0]["odoo"]["id"]);
    assert!(
        shell.says(&["trace", &partner]).contains(&customer),
        "found from Odoo's side"
    );
    let order = shell.says(&["trace", "deal", demo::DEAL]);
    let waits = format!("Deal {} is in Odoo as S", demo::DEAL);
    assert!(order.starts_with(&waits), "{order}");
    assert!(
        shell
            .refuses(&["retry", &customer])
            .contains("is not parked")
    );

    a_change_after_posting_is_not_tried_again(&mut firm, &shell, &customer).await;
    decisions_are_checked(&shell);
}

/// From the bare ids that sales and finance have in hand: why nothing is in Odoo, who ends it, and
/// how. Nobody is named, and a pipe sees no colours.
fn what_stopped_the_deal_is_one_page(shell: &Shell, customer: &str) {
    let deal = shell.says(&["trace", demo::DEAL]);
    let sentence = format!(
        "Deal {} waits for customer {}, which waits for finance: {customer} could not be posted.",
        demo::DEAL,
        demo::COMPANY
    );
    assert!(flat(&deal).starts_with(&sentence), "{deal}");
    let page = shell.says(&["trace", demo::COMPANY]);
    for part in [
        "is held for finance: it could not be posted: Odoo does not allow it",
        "received ",
        "judged ",
        "tried ",
        "payment term account.account_payment_term_30days",
        "! finance must decide since",
    ] {
        assert!(flat(&page).contains(part), "{part} in {page}");
    }
    assert!(page.contains(&format!("tenon retry {customer}")), "{page}");
    for page in [deal, page, shell.says(&["status"])] {
        for word in ["\u{1b}", "Payer", "pat.payer", "stella"] {
            assert!(!page.contains(word), "{word} in {page}");
        }
        let is_command = |line: &&str| line.contains("tenon ");
        for line in page.lines().filter(|line| !is_command(line)) {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

/// Insert-once would call the change posted without writing it: a person has to decide it in Odoo.
async fn a_change_after_posting_is_not_tried_again(firm: &mut Firm, shell: &Shell, customer: &str) {
    let changed = firm
        .hubspot
        .set_property(demo::DEAL, "payment_terms", "Immediate");
    assert_eq!(firm.hubspot_sends(changed).await.unwrap(), 200);
    firm.rest().await.unwrap();
    let status = shell.says(&["status"]);
    assert!(
        flat(&status).contains(&format!(
            "{customer} changed in its source after it was posted"
        )),
        "{status}"
    );
    let said = flat(&shell.says(&["trace", demo::COMPANY]));
    let sentence = "it changed in its source afterwards, and finance must decide.";
    assert!(said.contains(sentence), "{said}");
    let refused = shell.refuses(&["retry", customer]);
    assert!(refused.contains("is in Odoo already"), "{refused}");
    let trace: Value = serde_json::from_str(&shell.says(&["trace", customer, "--json"])).unwrap();
    assert_eq!(trace["versions"][0]["state"], "held");
}

/// What cannot be decided is refused with the reason, and changes nothing.
fn decisions_are_checked(shell: &Shell) {
    assert_eq!(shell.says(&["dead-letters"]), "no dead letters\n");
    let redriven = shell.says(&["dead-letters", "redrive", "work"]);
    assert_eq!(redriven, "0 sent back to work\n");
    let refused = shell.refuses(&["dead-letters", "redrive", "nonsense"]);
    assert!(refused.contains("no queue \"nonsense\""), "{refused}");
    let project = "connectwise___43obalt__project__77";
    let unknown = "hubspot__48807704__deal__1";
    let refused = shell.refuses(&["crosswalk", "confirm", project, unknown]);
    assert!(refused.contains("is no contract we know"), "{refused}");
    let refused = shell.refuses(&["crosswalk", "confirm", "Project 77", unknown]);
    assert!(refused.contains("is not a reference"), "{refused}");

    let folder = std::env::temp_dir().join(format!("tenon-book-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("book.toml");
    let book = include_str!("../../../infra/books/demo/book.toml");
    std::fs::write(&file, book.replace("odoo_company", "odoo_compny")).unwrap();
    let path = file.to_string_lossy().into_owned();
    let refused = shell.refuses(&["book", "activate", &path]);
    assert!(refused.contains("odoo_compny"), "{refused}");
    std::fs::write(&file, format!("{book}\n# once more\n")).unwrap();
    assert!(
        shell
            .says(&["book", "activate", &path])
            .starts_with("active book: ")
    );
    std::fs::remove_dir_all(&folder).unwrap();
}
