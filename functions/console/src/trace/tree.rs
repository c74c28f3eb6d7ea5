//! From a lineage to its tree: the deal at the top, the payment at the bottom.

use domain::Reference;
use domain::billing::Allocation;

use super::known::Known;
use super::lineage::{Entry, Invoice, Lineage, PsaProject, SHOWN};
use super::node::Node;
use super::sentence::{Speaker, paid};
use super::words::{lower, what};

impl Speaker<'_> {
    /// The tree of a lineage, with what was asked for marked.
    pub fn tree(&self, lineage: &Lineage, asked: &Reference) -> Vec<Node> {
        let mut roots = Vec::new();
        let mut time: Vec<Node> = lineage
            .psa
            .iter()
            .map(|project| self.psa_project(project, lineage))
            .collect();
        if let Some(deal) = &lineage.deal {
            roots.push(self.contract(deal, lineage, std::mem::take(&mut time)));
        }
        roots.extend(time);
        roots.extend(lineage.alone.iter().map(|known| self.node(known)));
        let waits = lineage.waits.iter().map(|known| {
            let name = format!("waits for {}", what(&known.reference, self.psa));
            (&known.reference, self.named(known, &name))
        });
        let waiters = lineage.waiters.iter().map(|waiter| {
            let name = what(&waiter.reference, self.psa);
            (&waiter.reference, Node::derived(name, "waits for it"))
        });
        let is_new = |reference: &&Reference| !roots.iter().any(|root| is_shown(root, reference));
        let neighbours: Vec<Node> = waits
            .chain(waiters)
            .filter(|(reference, _)| is_new(reference))
            .map(|(_, node)| node)
            .collect();
        for root in &mut roots {
            root.mark(asked);
            add(root, &neighbours);
        }
        roots
    }

    fn node(&self, known: &Known) -> Node {
        let name = what(&known.reference, self.psa);
        Node::of(known, name, self.psa, self.now)
    }

    fn named(&self, known: &Known, name: &str) -> Node {
        Node::of(known, name, self.psa, self.now)
    }

    fn contract(&self, deal: &Known, lineage: &Lineage, time: Vec<Node>) -> Node {
        let customer = lineage.customer.iter().map(|known| self.node(known));
        let signature = lineage
            .signature
            .iter()
            .map(|known| self.named(known, "Signature"));
        let (projects, time) = match &lineage.project {
            Some(project) => (vec![self.named(project, "Project").with(time)], Vec::new()),
            None => (Vec::new(), time),
        };
        let invoices = lineage.invoices.iter().map(|invoice| self.invoice(invoice));
        let more = (lineage.more_invoices > 0).then(|| {
            let older = format!("{} older invoices", lineage.more_invoices);
            Node::derived(older, "ask for one of them")
        });
        self.node(deal)
            .with(customer)
            .with(signature)
            .with(projects)
            .with(time)
            .with(invoices)
            .with(more)
    }

    fn psa_project(&self, project: &PsaProject, lineage: &Lineage) -> Node {
        let entries = project
            .entries
            .iter()
            .map(|entry| self.entry(entry, lineage));
        let more = (project.more > 0).then(|| {
            let further = format!("{} further time entries", project.more);
            Node::derived(further, "ask for one of them")
        });
        self.node(&project.known).with(entries).with(more)
    }

    fn entry(&self, entry: &Entry, lineage: &Lineage) -> Node {
        let unit = entry.unit.iter().map(|unit| {
            let name = format!("Unit of {} h", unit.quantity.normalize());
            if unit.quantity.is_zero() {
                return Node::derived("Unit", "nothing to bill");
            }
            if entry.allocations.is_empty() {
                return Node::derived(name, "not billed yet");
            }
            let on = entry.allocations.iter();
            let on: Vec<String> = on.map(|one| self.allocation(one, lineage)).collect();
            Node::derived(name, on.join("; "))
        });
        self.node(&entry.known).with(unit)
    }

    /// How much of a unit is on which invoice.
    fn allocation(&self, allocation: &Allocation, lineage: &Lineage) -> String {
        let is_it = |invoice: &&Invoice| invoice.draft.reference == allocation.invoice;
        let invoice = lineage.invoices.iter().find(is_it);
        let name = match invoice.and_then(Invoice::number) {
            Some(number) => number.to_owned(),
            None => lower(&what(&allocation.invoice, self.psa)),
        };
        let quantity = allocation.quantity.normalize();
        format!("{quantity} h = {:.2} on {name}", allocation.amount)
    }

    fn invoice(&self, invoice: &Invoice) -> Node {
        let name = match invoice.number() {
            Some(number) => format!("Invoice {number}"),
            None => what(&invoice.draft.reference, self.psa),
        };
        let steps = [
            (&invoice.links, "Time"),
            (&invoice.posting, "Posting"),
            (&invoice.status, "Payment"),
        ];
        let steps = steps
            .into_iter()
            .filter(|(known, _)| known.is_known())
            .map(|(known, name)| self.step(known, name));
        let draft = self.named(&invoice.draft, &name);
        let state = match invoice.number() {
            Some(_) => format!("posted in Odoo{}", paid(invoice)),
            None => draft.state.clone(),
        };
        Node { state, ..draft }
            .with(self.bills(invoice))
            .with(steps)
    }

    fn step(&self, known: &Known, name: &str) -> Node {
        let told = known
            .newest()
            .and_then(|record| record.feedback.as_ref())
            .map(|feedback| {
                let target = what(&feedback.target, self.psa);
                let name = format!("Feedback to {}", lower(&target));
                let refused = known
                    .exceptions
                    .iter()
                    .any(|open| open.code == "feedback_refused");
                match refused {
                    true => Node::derived(name, "refused by the source"),
                    false => Node::derived(name, "handed on"),
                }
            });
        self.named(known, name).with(told)
    }

    /// What an invoice bills, where it was asked for.
    fn bills(&self, invoice: &Invoice) -> Vec<Node> {
        let Some(manifest) = &invoice.manifest else {
            return Vec::new();
        };
        let mut nodes: Vec<Node> = manifest
            .allocations
            .iter()
            .take(SHOWN)
            .map(|allocation| {
                let instalment = manifest
                    .draft
                    .lines
                    .iter()
                    .any(|line| line.marks_delivered && line.units.contains(&allocation.unit));
                let quantity = allocation.quantity.normalize();
                match instalment {
                    true => Node::derived(
                        format!("Instalment {}", allocation.unit.id()),
                        format!("{:.2}", allocation.amount),
                    ),
                    false => Node::derived(
                        what(&allocation.unit, self.psa),
                        format!("{quantity} h = {:.2}", allocation.amount),
                    ),
                }
            })
            .collect();
        let more = manifest.allocations.len().saturating_sub(SHOWN);
        if more > 0 {
            nodes.push(Node::derived(
                format!("{more} further units"),
                "see the entries",
            ));
        }
        nodes
    }
}

/// Hangs what the tree does not show yet below the fact that was asked for.
fn add(node: &mut Node, neighbours: &[Node]) {
    if node.asked {
        node.children.extend_from_slice(neighbours);
        return;
    }
    for child in &mut node.children {
        add(child, neighbours);
    }
}

fn is_shown(node: &Node, reference: &Reference) -> bool {
    let own = node
        .record
        .as_ref()
        .is_some_and(|record| record.reference == *reference);
    own || node.children.iter().any(|child| is_shown(child, reference))
}
