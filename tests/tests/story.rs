//! The whole story on real parts, and what must be true of the same firm afterwards.

use cli::cache::Cache;
use cli::install::{BrowserFiles, browser};
use cli::progress::Progress;
use cli::stack::{StackError, seed};
use cli::story::eyes::Invoice;
use cli::story::firm::SECRETS_OF_THE_DEMO;
use cli::story::{self, Firm, StoryError};
use domain::Reference;
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};
use tests::asked;
use tests::deployed::{self, array, text};
use tests::logs::{self, Line, Logs};
use tests::pages::Page;
use tests::{pictures, steps, typed};
use tokio::task::JoinHandle;

/// People, and what was written about their work: none of it belongs into a log.
const PERSONAL: [&str; 8] = [
    "Payer",
    "pat.payer@",
    "AConsultant",
    "BArchitect",
    "ZContractor",
    "Alice",
    "Bob ",
    "Worked on the data platform",
];

/// Secrets that the story makes up on its way.
const LATER_SECRETS: [&str; 2] = ["demo-connectwise-signing-key-2-b7e4", "demo-private-3f1e"];

#[tokio::test(flavor = "multi_thread")]
async fn the_story_holds_and_leaves_nothing_behind() -> Result<(), StoryError> {
    let progress = &Progress::new();
    let browser = browser();
    let mut firm = steps::open(progress).await?;
    story::play(&mut firm, progress).await?;
    progress.line("\nWhat must be true afterwards");
    amounts_are_those_computed_by_hand(&firm).await?;
    time_is_on_the_right_lines(&firm).await?;
    how_a_record_travels_is_as_the_book_says(&firm)?;
    let personal: Vec<&str> = PERSONAL.into_iter().chain(["stella"]).collect();
    asked::every_id_is_answered_in_a_sentence(&firm, &personal).await?;
    asked::the_chain_goes_both_ways(&firm).await?;
    asked::what_was_tried_is_remembered(&firm).await?;
    let logs = Logs::read(&firm.stack).await?;
    no_log_names_a_secret_or_a_person(&firm, &logs);
    every_line_is_json(&logs);
    one_delivery_can_be_followed(&firm, &logs).await?;
    steps::no_dead_letters(&firm).await?;
    every_mapping_reports_single_failures(&firm).await?;
    progress.line("What a person sees");
    let browser = browser.await.expect("the installer does not panic");
    pictures::what_a_person_sees(&firm, &browser?).await?;
    progress.line("An invoice that fails");
    asked::a_failed_invoice_explains_itself(&mut firm, &personal, progress).await?;
    no_log_names_a_secret_or_a_person(&firm, &Logs::read(&firm.stack).await?);
    Ok(())
}

/// The world is there already and ends with the test. It is not announced: no other command that
/// runs meanwhile shall find it.
fn how_a_record_travels_is_as_the_book_says(firm: &Firm) -> Result<(), StoryError> {
    let page = Page::read("docs/a-record-travels.md");
    let world = firm.described("the story's test")?;
    let except = ["cargo tenon demo --keep", "cargo tenon down"];
    typed::page_answers_as_it_says(&page, &world, &except);
    Ok(())
}

/// Installs the browser while the story is played.
fn browser() -> JoinHandle<Result<BrowserFiles, StackError>> {
    tokio::task::spawn_blocking(|| Ok(browser::ensure(&Cache::locate()?, &Progress::new())?))
}

async fn amounts_are_those_computed_by_hand(firm: &Firm) -> Result<(), StoryError> {
    let eyes = firm.eyes()?;
    let order = story::sale::only_order(firm).await?;
    // 100 h × 160 less 10 % = 14,400; 20 h × 210 = 4,200; 3 × 10,000.
    assert_eq!(order.amount_untaxed.0, dec!(48600.00));
    assert_eq!(
        (order.state.as_str(), order.client_order_ref.as_str()),
        ("sale", "PO-4711")
    );
    let lines = eyes.order_lines(order.id).await?;
    let seen: Vec<[Decimal; 4]> = lines
        .iter()
        .map(|line| {
            let (price, delivered) = (&line.price_unit, &line.qty_delivered);
            [price, &line.price_subtotal, delivered, &line.qty_invoiced].map(|number| number.0)
        })
        .collect();
    // Price, ordered amount, delivered, invoiced.
    let instalment = |delivered| [dec!(10000), dec!(10000), delivered, delivered];
    let senior = [dec!(160), dec!(14400), dec!(14), dec!(14)];
    let architect = [dec!(210), dec!(4200), dec!(6), dec!(6)];
    let [due, later] = [instalment(dec!(1)), instalment(dec!(0))];
    assert_eq!(seen, [senior, architect, due, later, later]);
    let invoice = story::money::only_invoice(firm).await?;
    // 14 h × 160 less 10 % = 2,016; 6 h × 210 = 1,260; one instalment; 15 % tax.
    assert_eq!(
        numbers(&invoice),
        [dec!(13276.00), dec!(1991.40), dec!(15267.40), dec!(0)]
    );
    assert_eq!(
        (invoice.state.as_str(), invoice.payment_state.as_str()),
        ("posted", "paid")
    );
    Ok(())
}

fn numbers(invoice: &Invoice) -> [Decimal; 4] {
    let (untaxed, tax) = (&invoice.amount_untaxed, &invoice.amount_tax);
    [
        untaxed,
        tax,
        &invoice.amount_total,
        &invoice.amount_residual,
    ]
    .map(|number| number.0)
}

async fn time_is_on_the_right_lines(firm: &Firm) -> Result<(), StoryError> {
    let mut seen: Vec<(String, Decimal, Decimal, String, bool)> = Vec::new();
    for line in firm.eyes()?.timesheets().await? {
        let bills = text(&line.so_line[1]);
        let service = between(&bills, '[', ']').unwrap_or_default().to_owned();
        let invoiced = line.timesheet_invoice_id.is_array();
        seen.push((
            text(&line.entry),
            line.unit_amount.0,
            line.amount.0,
            service,
            invoiced,
        ));
    }
    seen.sort();
    // Alice costs 70 an hour, Bob 95. 503 is worked 8 and billed 6; 504 and 505 are not billed.
    let expected = [
        ("501", dec!(8), dec!(-560), "SVC-SENIOR"),
        ("502", dec!(4), dec!(-380), "SVC-ARCH"),
        ("503", dec!(2), dec!(-140), ""),
        ("503", dec!(6), dec!(-420), "SVC-SENIOR"),
        ("504", dec!(2), dec!(-140), ""),
        ("505", dec!(3), dec!(-210), ""),
        ("510", dec!(2), dec!(-190), "SVC-ARCH"),
    ];
    let expected = expected.map(|(entry, hours, cost, line)| {
        (
            entry.to_owned(),
            hours,
            cost,
            line.to_owned(),
            !line.is_empty(),
        )
    });
    assert_eq!(seen, expected);
    Ok(())
}

/// Odoo shows an order line as "order - [SKU] product (customer)".
fn between(text: &str, start: char, end: char) -> Option<&str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0)
}

fn no_log_names_a_secret_or_a_person(firm: &Firm, logs: &Logs) {
    // The search finds what is there.
    assert!(!logs.naming(&["delivery kept"]).is_empty());
    let keys = seed::USERS.map(|user| user.key);
    let secrets = SECRETS_OF_THE_DEMO
        .iter()
        .chain(&LATER_SECRETS)
        .chain(&keys);
    let mut words: Vec<&str> = secrets.chain(&PERSONAL).copied().collect();
    words.push(seed::ADMIN_KEY);
    assert_eq!(logs.naming(&words), [""; 0]);
    let log = firm.stack.run_folder().path("aws.log");
    let emulator = std::fs::read_to_string(log).expect("the emulator writes a log");
    let lines = || emulator.lines().map(|line| ("the emulator's log", line));
    assert!(!logs::naming(lines(), &["record posted"]).is_empty());
    assert_eq!(logs::naming(lines(), &words), [""; 0]);
}

fn every_line_is_json(logs: &Logs) {
    let is_metric = |line: &&Line| line.json()["_aws"].is_object();
    let (metrics, lines): (Vec<&Line>, Vec<&Line>) = logs.0.iter().partition(is_metric);
    assert!(!metrics.is_empty(), "how much Odoo was called");
    for line in metrics {
        let json = line.json();
        let metrics = array(&json["_aws"]["CloudWatchMetrics"][0]["Metrics"]);
        let has_value = |metric: &Value| json[&text(&metric["Name"])].is_u64();
        let complete = !metrics.is_empty() && metrics.iter().all(has_value);
        assert!(complete, "{}: {}", line.function, line.text);
    }
    for line in lines {
        let json = line.json();
        let has = |field: &str| json[field].is_string();
        let complete = has("timestamp") && has("level") && has("message");
        assert!(complete, "{}: {}", line.function, line.text);
    }
    let wrote: std::collections::BTreeSet<&str> =
        logs.0.iter().map(|line| line.function.as_str()).collect();
    let all = [
        "Audit", "Bill", "Console", "Feedback", "Intake", "Post", "Pull", "Relay", "Rotate",
        "Sweep", "Validate",
    ];
    assert_eq!(wrote.into_iter().collect::<Vec<_>>(), all);
}

/// The delivery that brought a record is named wherever something was done about it.
async fn one_delivery_can_be_followed(firm: &Firm, logs: &Logs) -> Result<(), StoryError> {
    for reference in [steps::deal(), steps::time_entry(501)] {
        let posted = steps::posted(firm, &reference)
            .await?
            .expect("it is in Odoo");
        let delivery = text(&posted["correlation"]);
        let kept = logs.lines("Intake", &delivery);
        assert!(
            kept.iter()
                .any(|line| line.json()["message"] == "delivery kept"),
            "{reference}"
        );
        let offered = logs.lines("Validate", &delivery);
        assert!(
            offered
                .iter()
                .any(|line| is_about(&line.json(), &reference)),
            "{reference}"
        );
        let posted = logs.lines("Post", &delivery);
        assert!(
            posted
                .iter()
                .any(|line| line.json()["message"] == "record posted"),
            "{reference}"
        );
    }
    Ok(())
}

fn is_about(line: &Value, reference: &Reference) -> bool {
    line["reference"] == reference.to_string()
}

async fn every_mapping_reports_single_failures(firm: &Firm) -> Result<(), StoryError> {
    let mappings = deployed::event_source_mappings(firm.stack.aws()).await?;
    let streams = mappings
        .iter()
        .filter(|m| text(&m["EventSourceArn"]).contains(":dynamodb:"));
    assert_eq!((mappings.len(), streams.count()), (11, 2));
    for mapping in mappings {
        let types = &mapping["FunctionResponseTypes"];
        // What one invocation is given is one block there: all of it, or nothing.
        if text(&mapping["FunctionArn"]).contains("-Audit-") {
            continue;
        }
        assert_eq!(types, &json!(["ReportBatchItemFailures"]), "{mapping}");
    }
    Ok(())
}
