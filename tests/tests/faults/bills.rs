//! An invoice whose answers are lost, and which comes again forty days later.

use domain::command::{Command, DraftInvoice, LinkInvoicedTime, PostInvoice};
use domain::{Lane, LaneShard, Record, Reference, State};
use serde_json::{Value, json};
use tests::fault::{Answer, Fault};
use tests::large_stack::on_a_large_stack;

use crate::again::DAY;
use crate::poster::{Poster, entry};
use crate::support::{company, raw};

/// The steps of an invoice, and the call in which Odoo commits each.
const CALLS: [&str; 3] = [
    "/json/2/account.move/load",
    "/json/2/account.analytic.line/write",
    "/json/2/account.move/action_post",
];

/// The entries that it bills, with their hours.
const BILLED: [(&str, &str); 2] = [("billed/1", "4.5"), ("billed/2", "3.5")];

/// A lease of four minutes and a second.
const LEASE: i64 = 241;

/// Fault 3, fault 10: each step is committed and its answer lost; the invoice is delivered three
/// times more, again after forty days, and again when the ledger is gone.
#[test]
fn an_invoice_whose_answers_were_lost_is_one_invoice_forty_days_later() {
    on_a_large_stack(async || {
        let mut poster = Poster::start().await;
        poster.log_billed_time().await;
        let steps = steps(&poster);
        for (step, call) in steps.iter().zip(CALLS) {
            poster.ledger.accept(step).await.unwrap();
            poster.proxy.arm(call, Fault::after(Answer::Nothing));
            poster.bill_until_posted(step).await;
            assert_eq!(poster.proxy.armed(), 0, "{call} lost its answer");
        }
        let made = poster.only_invoice().await;
        assert_eq!(made["state"], "posted", "{made}");
        for seconds in [1, 60, 3_600, 40 * DAY] {
            poster.pass(seconds);
            for step in &steps {
                poster.ledger.accept(step).await.unwrap();
                poster.bill_until_posted(step).await;
            }
            assert_eq!(poster.only_invoice().await, made);
        }
        poster.lose_the_ledger().await;
        poster.log_billed_time().await;
        for step in &steps {
            poster.ledger.accept(step).await.unwrap();
            poster.bill_until_posted(step).await;
        }
        assert_eq!(poster.only_invoice().await, made, "untouched");
        let sent = CALLS.map(|call| poster.proxy.calls(call));
        assert_eq!(sent, [1, 1, 1], "each step was sent once");
    });
}

impl Poster {
    /// The entries are approved and posted.
    async fn log_billed_time(&self) {
        for (id, hours) in BILLED {
            self.ledger.accept(&self.entry(id, hours)).await.unwrap();
        }
        self.ring().await;
        let states = self.states(&BILLED.map(|(id, _)| id)).await;
        let posted = |(state, _): &(State, _)| *state == State::Posted;
        assert!(states.iter().all(posted), "{states:?}");
    }

    /// Lets each lease end and the bell ring, until this step is posted.
    async fn bill_until_posted(&self, step: &Record) {
        let worker = self.worker(&self.clock, self.patience);
        for _ in 0..3 {
            worker.ring_for(partition(self)).await;
            let known = self.ledger.read(&step.reference, step.version).await;
            let known = known.unwrap().expect("it was accepted");
            if known.state == State::Posted {
                return;
            }
            assert_eq!(known.state, State::Waiting, "{:?}", known.reason);
            self.pass(LEASE);
        }
        panic!("{} is not posted", step.reference);
    }

    /// The one invoice in Odoo, as a person sees it, and that it has our name.
    async fn only_invoice(&self) -> Value {
        let fields = ["name", "state", "amount_total", "write_date"];
        let search = json!({"domain": [["move_type", "=", "out_invoice"]], "fields": fields});
        let invoices = raw(&self.world.admin, "account.move", "search_read", search).await;
        let invoices = invoices.unwrap();
        let [invoice] = invoices.as_array().map(Vec::as_slice).unwrap() else {
            panic!("not one invoice: {invoices}");
        };
        let domain = json!([["module", "=", "tenon"], ["model", "=", "account.move"]]);
        let search = json!({"domain": domain, "fields": ["name", "res_id"]});
        let names = raw(&self.world.admin, "ir.model.data", "search_read", search).await;
        let names = names.unwrap();
        assert_eq!(names.as_array().map(Vec::len), Some(1), "{names}");
        assert_eq!(names[0]["res_id"], invoice["id"]);
        let ours = bill().external_id();
        assert!(ours.ends_with(names[0]["name"].as_str().unwrap()), "{ours}");
        invoice.clone()
    }
}

fn bill() -> Reference {
    Reference::new("hubspot", "48807704", "invoice", "faults/1")
}

fn partition(poster: &Poster) -> LaneShard {
    LaneShard::of(Lane::Billing, &poster.deal.deal)
}

/// Drafted, linked to the time that it bills, posted.
fn steps(poster: &Poster) -> [Record; 3] {
    let entries: Vec<Reference> = BILLED.iter().map(|(id, _)| entry(id)).collect();
    let mut draft: DraftInvoice = poster.deal.invoice("8", "6296.00");
    draft.lines[0].units.clone_from(&entries);
    let link = LinkInvoicedTime {
        company: company(),
        invoice: bill(),
        entries,
    };
    let posting = PostInvoice {
        draft: draft.clone(),
        invoice: bill(),
    };
    let step = |reference: &Reference, command: Command| {
        poster.record_of(partition(poster), reference, command)
    };
    [
        step(&bill(), Command::DraftInvoice(draft)),
        step(
            &bill().sibling("invoice_links"),
            Command::LinkInvoicedTime(link),
        ),
        step(
            &bill().sibling("invoice_posting"),
            Command::PostInvoice(posting),
        ),
    ]
}
