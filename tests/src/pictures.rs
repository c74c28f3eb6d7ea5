//! What a person of the finance department sees in Odoo's web page once the story was played: the
//! figures are asserted on, and a picture of each page is kept in `target/pictures`.
//!
//! The pictures in `docs/pictures` are copies of these.

use std::fs;

use cli::install::BrowserFiles;
use cli::stack::seed;
use cli::story::money::only_invoice;
use cli::story::sale::only_order;
use cli::story::{Firm, StoryError};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::root;

/// The size of the window.
const WINDOW: (u32, u32) = (1280, 900);
/// Beyond this a picture does not belong into a repository.
const LARGEST: usize = 150_000;

/// Debian leaves this file out of its package (it blurs the background of video calls), and Odoo
/// says so on every page.
const LEFT_OUT_BY_DEBIAN: &str = "selfie_segmentation.js";

/// True when the page is at rest: nothing is loading, every typeface is there.
const AT_REST: &str = "return document.fonts.status === 'loaded' && !document.querySelector('.o_blockUI, .o_loading_indicator')";

/// Logs in as a person and looks at the order, the project, its timesheets and the invoice.
///
/// # Errors
/// When Odoo does not answer.
///
/// # Panics
/// When a page does not show what it must.
pub async fn what_a_person_sees(firm: &Firm, files: &BrowserFiles) -> Result<(), StoryError> {
    let (order, invoice) = (only_order(firm).await?, only_invoice(firm).await?);
    let of_the_order = json!([["sale_line_id.order_id", "=", order.id]]);
    let eyes = firm.eyes()?;
    let projects: Vec<Value> = eyes
        .search("project.project", of_the_order, &["id"])
        .await?;
    let project = &projects[0]["id"];
    let before = bundles(firm).await?;
    let pages = Pages {
        browser: Browser::open(files, WINDOW.0, WINDOW.1).await,
        odoo: firm.stack.odoo_url().to_owned(),
    };
    pages.log_in().await;
    pages.order(order.id).await;
    pages.project(project).await;
    pages.timesheets(project).await;
    pages.invoice(invoice.id).await;
    pages.browser.close().await;
    // Nobody waits for Odoo to compile a page: the template database has them all.
    assert_eq!(bundles(firm).await?, before);
    Ok(())
}

/// The scripts and styles that Odoo has put together.
async fn bundles(firm: &Firm) -> Result<Vec<Value>, StoryError> {
    let compiled = json!([["url", "=like", "/web/assets/%"]]);
    let eyes = firm.eyes()?;
    eyes.search("ir.attachment", compiled, &["name"]).await
}

struct Pages {
    browser: Browser,
    odoo: String,
}

impl Pages {
    async fn log_in(&self) {
        self.browser.go(&format!("{}/web/login", self.odoo)).await;
        // The form is hidden until the page's script has run.
        let form = "return !!document.querySelector('form.oe_login_form:not(.d-none) #login')";
        self.browser.wait_for("the form", form, &[]).await;
        let (login, password) = seed::PASSWORDS[0];
        let fill = "document.querySelector('#login').value = arguments[0];
            document.querySelector('#password').value = arguments[1];
            document.querySelector('form.oe_login_form button[type=submit]').click()";
        self.browser.script(fill, &[login, password]).await;
        let inside = "return !!document.querySelector('.o_main_navbar .o_user_menu')";
        self.browser.wait_for("the menu", inside, &[]).await;
    }

    async fn order(&self, id: i64) {
        self.open(&format!("orders/{id}"), "Untaxed Amount").await;
        let page = self.text().await;
        // Quantity, delivered, invoiced, unit, price, discount, tax, amount.
        shows(&page, "S00001");
        shows(&page, "Acme Manufacturing LLC");
        shows(
            &page,
            "Senior consultant 100.00 14.00 14.00 Hours 160.00 15% 10.00 $ 14,400.00",
        );
        shows(
            &page,
            "Architect 20.00 6.00 6.00 Hours 210.00 15% 0.00 $ 4,200.00",
        );
        shows(
            &page,
            "Delivery of the design 1.00 1.00 1.00 Units 10,000.00",
        );
        shows(
            &page,
            "Delivery of the platform 1.00 0.00 0.00 Units 10,000.00",
        );
        shows(&page, "Untaxed Amount $ 48,600.00");
        shows(&page, "20 Hours Recorded 1 Invoices");
        self.keep("order").await;
    }

    async fn project(&self, id: &Value) {
        let dashboard = "action-project.project_update_all_action";
        self.open(&format!("project/{id}/{dashboard}"), "Profitability")
            .await;
        let page = self.text().await;
        shows(&page, "Data platform for Acme");
        shows(&page, "27 Hours");
        shows(
            &page,
            "Timesheets (Billed on Timesheets) $ 3,276 $ 0 $ 3,276",
        );
        shows(&page, "Total Revenues $ 13,276 $ 0 $ 13,276");
        shows(&page, "Total Costs $ -2,040 $ 0 $ -2,040");
        self.keep("project").await;
    }

    async fn timesheets(&self, id: &Value) {
        let list = "action-hr_timesheet.act_hr_timesheet_line_by_project";
        self.open(&format!("project/{id}/{list}"), "Time Spent")
            .await;
        let page = self.text().await;
        for (who, what, hours) in [
            (
                "Alice Consultant",
                "[SVC-SENIOR] Senior Consultant",
                "08:00",
            ),
            ("Bob Architect", "[SVC-ARCH] Architect", "04:00"),
            (
                "Alice Consultant",
                "[SVC-SENIOR] Senior Consultant",
                "06:00",
            ),
            (
                "Alice Consultant",
                "(adjusted in the PSA) Non-billable",
                "02:00",
            ),
            ("Alice Consultant", "(no charge) Non-billable", "02:00"),
            (
                "Alice Consultant",
                "(covered by Managed services 2026) Non-billable",
                "03:00",
            ),
            ("Bob Architect", "[SVC-ARCH] Architect", "02:00"),
        ] {
            let fits =
                |row: &str| row.starts_with(who) && row.contains(what) && row.contains(hours);
            // Every row begins with its date, which is not always the same.
            let rows = page
                .match_indices(who)
                .map(|(start, _)| row_of(&page[start..]));
            assert!(
                rows.into_iter().any(fits),
                "{who}, {what}, {hours}:\n{page}"
            );
        }
        shows(&page, "27:00");
        self.keep("timesheets").await;
    }

    async fn invoice(&self, id: i64) {
        self.open(&format!("customer-invoices/{id}"), "Untaxed Amount")
            .await;
        self.show_column("Disc.%").await;
        let page = self.text().await;
        shows(&page, "PAID Customer Invoice INV/2026/00001");
        shows(&page, "Acme Manufacturing LLC, Pat Payer");
        shows(&page, "14.00 Hours 160.00 10.00 15% $ 2,016.00");
        shows(&page, "6.00 Hours 210.00 0.00 15% $ 1,260.00");
        shows(&page, "1.00 Units 10,000.00 0.00 15% $ 10,000.00");
        shows(
            &page,
            "Untaxed Amount $ 13,276.00 Tax 15% $ 1,991.40 Total $ 15,267.40",
        );
        shows(&page, "Amount Due $ 0.00");
        self.keep("invoice").await;
    }

    /// Opens a page of the web client and waits until it shows a text and is at rest.
    async fn open(&self, path: &str, text: &str) {
        self.browser.go(&format!("{}/odoo/{path}", self.odoo)).await;
        let there = "return document.body.innerText.includes(arguments[0])";
        self.browser.wait_for(text, there, &[text]).await;
        self.browser.wait_for("rest", AT_REST, &[]).await;
    }

    /// Adds a column to the list, as a person does by the menu at its corner.
    async fn show_column(&self, name: &str) {
        let toggle = "document.querySelector('.o_optional_columns_dropdown_toggle').click()";
        self.browser.script(toggle, &[]).await;
        let choose = "const item = [...document.querySelectorAll('.o-dropdown-item')]
                .find(item => item.innerText.trim() === arguments[0]);
            if (item) { item.click(); }
            return !!item";
        self.browser.wait_for(name, choose, &[name]).await;
        let shown = "return [...document.querySelectorAll('th')].some(head => head.innerText.trim() === arguments[0])";
        self.browser.wait_for(name, shown, &[name]).await;
        self.browser.script(toggle, &[]).await;
        let closed = "return !document.querySelector('.o-dropdown--menu')";
        self.browser.wait_for("the closed menu", closed, &[]).await;
    }

    /// The page's text, with single spaces between the words.
    async fn text(&self) -> String {
        let page = self.browser.page().await;
        // Odoo puts a character without width into empty cells.
        let page = page.replace('\u{200b}', " ");
        page.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Keeps a picture of the page, which must not have complained.
    async fn keep(&self, name: &str) {
        let dialog = "return !document.querySelector('.o_error_dialog, .modal, .o_tour_pointer')";
        assert_eq!(
            self.browser.script(dialog, &[]).await,
            json!(true),
            "{name}"
        );
        let complaints = self.browser.complaints().await;
        let unknown = |complaint: &&String| !complaint.contains(LEFT_OUT_BY_DEBIAN);
        let unknown: Vec<&String> = complaints.iter().filter(unknown).collect();
        assert!(unknown.is_empty(), "{name}: {unknown:?}");
        let picture = self.browser.picture().await;
        assert!(picture.len() < LARGEST, "{name}: {} bytes", picture.len());
        let folder = root().join("target/pictures");
        fs::create_dir_all(&folder).expect("the target folder can be written");
        fs::write(folder.join(format!("{name}.png")), picture).expect("the picture can be written");
    }
}

fn shows(page: &str, text: &str) {
    assert!(
        page.contains(text),
        "the page does not show `{text}`:\n{page}"
    );
}

/// The row that begins here: as far as its hours go.
fn row_of(text: &str) -> &str {
    let end = text.find(":00").map_or(text.len(), |at| at + ":00".len());
    &text[..end]
}
