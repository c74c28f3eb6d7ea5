//! The simulation's table, queue and Odoo behind the handles of the cases.

use std::sync::Arc;
use std::time::Duration;

use aws::Queue;
use jiff::SignedDuration;
use odoo::{ApiKey, Odoo};
use serde_json::{Value, json};
use simulation::fate::Plan;
use simulation::firm::Firm;
use simulation::names;
use simulation::odoo::SimulatedOdoo;
use simulation::queue::Terms;
use simulation::worker::Worker;
use simulation::world::{Things, World};

use crate::odoo_answers::{LINES, OdooSubject, Places};
use crate::queue::{HIDDEN, MOST_RECEIVES, QueueSubject, Received};
use crate::subjects::Tables;

/// The queue that the cases use.
const QUEUE: &str = "work";
const KEY: &str = "contract";

/// A world in which nothing goes wrong, and somebody in it.
fn somebody() -> Arc<Worker> {
    let mut things = Things::new(1, Plan::Calm, false);
    let terms = Terms {
        visibility: HIDDEN,
        max_receives: MOST_RECEIVES,
    };
    let queue = simulation::queue::Queue::new(terms);
    things.queues.insert(QUEUE, queue);
    let world = World::new(None, things);
    Worker::new(&world, "contract".to_owned(), SignedDuration::ZERO)
}

/// Its tables.
pub async fn tables() -> Tables {
    let connection = somebody().connection();
    Tables::over(&connection, names::LEDGER, names::EXCEPTIONS)
}

/// Its queue.
pub struct SimulatedQueue(Arc<Worker>);

impl SimulatedQueue {
    /// An empty one with a net below it.
    pub async fn create() -> Self {
        Self(somebody())
    }
}

impl QueueSubject for SimulatedQueue {
    fn sender(&self) -> Queue {
        Queue::new(&self.0.connection(), names::url(QUEUE))
    }

    /// A message is never there at once.
    fn on_its_way(&self) -> Duration {
        Duration::from_secs(2)
    }

    async fn receive(&self) -> Vec<Received> {
        let now = self.0.world.elapsed();
        let mut things = self.0.world.things();
        let queue = things.queues.get_mut(QUEUE).expect("the queue");
        let visible = queue.visible(now).into_iter().take(10);
        let messages: Vec<_> = visible.filter_map(|id| queue.receive(id, now)).collect();
        messages.into_iter().map(received).collect()
    }

    async fn receive_dead(&self) -> Vec<Received> {
        let things = self.0.world.things();
        things.queues[QUEUE]
            .dead()
            .iter()
            .cloned()
            .map(received)
            .collect()
    }

    async fn delete(&self, message: &Received) {
        let id = message.receipt.parse().expect("a number");
        let mut things = self.0.world.things();
        things.queues.get_mut(QUEUE).expect("the queue").delete(id);
    }

    async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

fn received(message: simulation::queue::Message) -> Received {
    Received {
        body: message.body,
        receipt: message.id.to_string(),
        times: message.receives,
    }
}

/// The Odoo of the simulated firm.
pub struct OdooInMemory {
    simulated: SimulatedOdoo,
    work: Odoo,
    places: Places,
}

impl OdooInMemory {
    /// One of its own.
    pub async fn new() -> Self {
        let mut erp = Firm::found(true, domain::book::DEMO).await.odoo;
        erp.allow(KEY);
        let deal = domain::Reference::new("hubspot", "48807704", "deal", simulation::firm::DEAL);
        let id = |external_id: &str| erp.id_of(external_id).expect("it is there");
        let places = Places {
            project: id(&deal.sibling("project").external_id()),
            line: simulation::firm::order_line(&erp, "Senior Consultant").expect("a line"),
            employee: id("hr_demo.alice"),
        };
        let simulated = SimulatedOdoo::new(erp);
        let wire = Arc::new(simulated.clone());
        Self {
            work: Odoo::over(wire, "simulation".to_owned(), ApiKey::new(KEY)),
            simulated,
            places,
        }
    }
}

impl OdooSubject for OdooInMemory {
    fn work(&self) -> &Odoo {
        &self.work
    }

    fn places(&self) -> Places {
        self.places
    }

    async fn delete(&self, id: i64) {
        self.simulated.with(|erp| erp.delete(LINES, id));
    }

    async fn edit(&self, id: i64, hours: &str) {
        let hours: Value = serde_json::from_str(hours).expect("a number");
        let fields = [("unit_amount".to_owned(), json!(hours))].into();
        self.simulated.with(|erp| erp.edit(LINES, id, fields));
    }
}
