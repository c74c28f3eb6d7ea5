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
    async fn of(firm: &Firm, name: &str) -> Self {
        let user = [("UserName".to_owned(), name.to_owned())];
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
    let shell = Shell::of(&firm, "stella.steward").await;
    let frank = Shell::of(&firm, "frank.finance").await;
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

    what_odoo_owns_stays(&mut firm, &shell, &customer).await;
    a_change_after_posting_is_not_tried_again(&mut firm, &shell).await;
    decisions_are_checked(&shell);
    a_book_lives(&shell, &frank);
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
async fn a_change_after_posting_is_not_tried_again(firm: &mut Firm, shell: &Shell) {
    for day in ["2026-11-02", "2026-11-03"] {
        let changed = firm
            .hubspot
            .set_property(demo::DEAL, "contract_signed_on", day);
        assert_eq!(firm.hubspot_sends(changed).await.unwrap(), 200);
        firm.rest().await.unwrap();
    }
    let signature = format!("hubspot__{}__signature__{}", demo::PORTAL, demo::DEAL);
    let status = shell.says(&["status"]);
    let question = format!("{signature} changed in its source after it was posted");
    assert!(flat(&status).contains(&question), "{status}");
    let refused = shell.refuses(&["retry", &signature]);
    assert!(refused.contains("is in Odoo already"), "{refused}");
    let trace = shell.says(&["trace", &signature, "--json"]);
    let trace: Value = serde_json::from_str(&trace).unwrap();
    assert_eq!(trace["versions"][0]["state"], "held");
}

/// Payment terms are Odoo's own: the CRM's other value changes nothing there, and people can see it.
async fn what_odoo_owns_stays(firm: &mut Firm, shell: &Shell, customer: &str) {
    let changed = firm
        .hubspot
        .set_property(demo::DEAL, "payment_terms", "Immediate");
    assert_eq!(firm.hubspot_sends(changed).await.unwrap(), 200);
    firm.rest().await.unwrap();
    let said = flat(&shell.says(&["trace", customer]));
    assert!(said.contains("not owner"), "{said}");
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
}

/// A book is written, published, approved by somebody else, valid from a time on, and taken back.
fn a_book_lives(stella: &Shell, frank: &Shell) {
    let folder = std::env::temp_dir().join(format!("tenon-book-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, content) in domain::book::files(domain::book::DEMO) {
        std::fs::write(folder.join(name), content).unwrap();
    }
    let path = folder.to_string_lossy().into_owned();
    let catalogue = folder.join("catalogue.toml");
    let book = std::fs::read_to_string(&catalogue).unwrap();
    std::fs::write(
        &catalogue,
        book.replace("sku = \"SVC-ARCH\"", "skew = \"SVC-ARCH\""),
    )
    .unwrap();
    for command in ["check", "publish"] {
        let refused = stella.refuses(&["book", command, &path]);
        let said = "catalogue.toml:15: services.skew: unknown field `skew`";
        assert!(refused.contains(said), "{refused}");
    }
    std::fs::write(&catalogue, book.replace("SVC-ARCH", "ARCH-2")).unwrap();
    assert!(
        stella
            .says(&["book", "check", &path])
            .contains("4 files, nothing wrong")
    );
    let changed = "~ services[architect].sku: \"SVC-ARCH\" → \"ARCH-2\"\n";
    assert_eq!(stella.says(&["book", "diff", &path]), changed);

    it_is_tried_before_it_counts(stella, &path);
    it_needs_two_people(stella, frank, &path);
    let back = frank.says(&["book", "rollback"]);
    assert!(back.starts_with("valid again: "), "{back}");
    assert_eq!(stella.says(&["book", "diff", &path]), changed);
    assert!(stella.says(&["book", "versions"]).contains("back to"));
    let unknown = stella.refuses(&["book", "approve", "ffffffffffff"]);
    let said = "no book ffffffffffff was published";
    assert!(unknown.contains(said), "{unknown}");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// The deal was won under a name of the architect that the new book does not know.
fn it_is_tried_before_it_counts(stella: &Shell, path: &str) {
    let said = stella.says(&["book", "test", path, "--days", "1"]);
    let deal = format!("hubspot__{}__deal__{}", demo::PORTAL, demo::DEAL);
    for words in [
        &deal,
        "before  goes to Odoo: ",
        "after   asked: ",
        "USD before, 0.00 USD after, -",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/books/demo");
    let same = stella.says(&["book", "test", demo, "--days", "1"]);
    assert!(
        same.ends_with("nothing would have gone another way\n"),
        "{same}"
    );
}

fn it_needs_two_people(stella: &Shell, frank: &Shell, path: &str) {
    let published = stella.says(&["book", "publish", path, "--note", "new catalogue"]);
    let version = published.lines().next().unwrap();
    let version = version.replace("published: ", "");
    let refused = stella.refuses(&["book", "approve", &version]);
    let said = "is your own: somebody else has to approve it";
    assert!(refused.contains(said), "{refused}");
    let activate = ["book", "activate", &version, "--from", "now"];
    let refused = stella.refuses(&activate);
    assert!(refused.contains("approved by 0 of 1"), "{refused}");
    frank.says(&["book", "approve", &version]);
    assert!(stella.says(&activate).starts_with("valid from 20"));
    let refused = frank.refuses(&activate);
    assert!(refused.contains("is valid then already"), "{refused}");
    let versions = frank.says(&["book", "versions"]);
    let first = versions.lines().next().unwrap();
    let is_valid = first.starts_with(&version) && first.ends_with("VALID NOW");
    assert!(is_valid, "{versions}");
    assert!(versions.contains("new catalogue") && versions.contains("user/frank.finance"));
    let same = stella.says(&["book", "diff", path]);
    assert_eq!(same, "nothing differs\n");
    assert!(stella.says(&["book", "show"]).contains("ARCH-2"));
}
