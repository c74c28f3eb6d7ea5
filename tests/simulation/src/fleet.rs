//! The instances of the functions, as Lambda runs them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use aws::Environment;
use bill::Bill;
use domain::limits::Limits;
use jiff::SignedDuration;
use post::Post;
use relay::Relay;
use source_api::SourceApi;
use sweep::Sweep;
use validate::Validate;

use crate::names;
use crate::odoo::Way;
use crate::worker::Worker;
use crate::world::World;

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Judges deliveries.
    Validate,
    /// Posts to Odoo.
    Post,
    /// Reads the stream.
    Relay,
    /// Releases, and rings again.
    Sweep,
    /// Keeps what can be billed.
    Bill,
}

/// An instance's code: the one that ships.
pub enum Function {
    /// [`Role::Validate`].
    Validate(Box<Validate>),
    /// [`Role::Post`].
    Post(Box<Post>),
    /// [`Role::Relay`].
    Relay(Relay),
    /// [`Role::Sweep`].
    Sweep(Sweep),
    /// [`Role::Bill`].
    Bill(Bill),
}

/// One instance of a function.
pub struct Instance {
    /// Its clock and its end.
    pub worker: Arc<Worker>,
    /// Its code.
    pub function: Function,
}

/// How the functions of a world are set up.
#[derive(Clone)]
pub struct Setup {
    /// The time limits.
    pub limits: Limits,
    /// Whether Odoo may be called once a second only, as Odoo Online allows.
    pub slowly: bool,
    /// How far a worker's clock may be from the true time.
    pub skew: Duration,
    /// The way to sources; nothing in this world is fetched.
    pub api: SourceApi,
}

/// All instances.
pub struct Fleet {
    /// Where they are.
    pub world: Arc<World>,
    setup: Setup,
    idle: RefCell<BTreeMap<Role, Vec<Instance>>>,
    born: Cell<u32>,
}

impl Fleet {
    /// No instance yet.
    pub fn new(world: &Arc<World>, setup: Setup) -> Rc<Self> {
        Rc::new(Self {
            world: Arc::clone(world),
            setup,
            idle: RefCell::default(),
            born: Cell::new(0),
        })
    }

    /// Lets an instance work. None when it ended before it was done: it is never used again.
    pub async fn invoke<T>(&self, role: Role, work: impl AsyncFnOnce(&Instance) -> T) -> Option<T> {
        let idle = self.idle.borrow_mut().get_mut(&role).and_then(Vec::pop);
        let instance = idle.unwrap_or_else(|| self.start(role));
        let worker = Arc::clone(&instance.worker);
        let done = tokio::select! {
            biased;
            () = worker.killed() => None,
            done = tokio::time::timeout(self.timeout(role), work(&instance)) => done.ok(),
        };
        match done {
            Some(done) => {
                self.idle
                    .borrow_mut()
                    .entry(role)
                    .or_default()
                    .push(instance);
                Some(done)
            }
            None => {
                self.world.note(&worker.name, "ends without an answer");
                None
            }
        }
    }

    fn timeout(&self, role: Role) -> Duration {
        match role {
            Role::Post => Duration::from_secs(self.setup.limits.post_timeout_seconds.into()),
            Role::Validate | Role::Relay | Role::Sweep | Role::Bill => names::TIMEOUT,
        }
    }

    /// When the instance's invocation ends, by its own clock, as Lambda tells it.
    pub fn deadline(&self, instance: &Instance) -> u64 {
        let now = aws::Clock::now(&*instance.worker).as_millisecond();
        let timeout = self.timeout(Role::Post).as_millis();
        u64::try_from(now).unwrap_or_default() + u64::try_from(timeout).unwrap_or_default()
    }

    fn start(&self, role: Role) -> Instance {
        self.born.set(self.born.get() + 1);
        let name = format!("{role:?} {}", self.born.get()).to_lowercase();
        let skew = i64::try_from(self.setup.skew.as_millis()).unwrap_or_default();
        let ahead = match skew {
            0 => 0,
            skew => self.world.some(0, 2 * skew.unsigned_abs()).as_millis() as i64 - skew,
        };
        let worker = Worker::new(&self.world, name, SignedDuration::from_millis(ahead));
        let function = self.function(role, &worker);
        Instance { worker, function }
    }

    fn function(&self, role: Role, worker: &Arc<Worker>) -> Function {
        let connection = &worker.connection();
        let environment = &environment(&self.setup);
        let set = "this world sets what the template sets";
        match role {
            Role::Validate => {
                let config = validate::Config::read(environment).expect(set);
                let api = self.setup.api.clone();
                Function::Validate(Box::new(Validate::over(config, connection, api)))
            }
            Role::Post => {
                let mut config = post::Config::read(environment).expect(set);
                config.limits = self.setup.limits;
                let seconds = |seconds: u32| Duration::from_secs(seconds.into());
                let way = Way {
                    worker: Arc::clone(worker),
                    patience: config.odoo_read_timeout(),
                    limit: seconds(SAFE.odoo_limit_seconds),
                };
                Function::Post(Box::new(Post::over(config, connection, Arc::new(way))))
            }
            Role::Relay => Function::Relay(Relay::over(environment, connection).expect(set)),
            Role::Sweep => Function::Sweep(Sweep::over(environment, connection).expect(set)),
            Role::Bill => Function::Bill(Bill::over(environment, connection).expect(set)),
        }
    }
}

/// The limits of `infra/limits.json` for AWS.
pub const SAFE: Limits = Limits {
    odoo_read_seconds: 60,
    odoo_limit_seconds: 120,
    margin_seconds: 30,
    post_timeout_seconds: 90,
    lease_seconds: 240,
    visibility_seconds: 540,
};

/// What the template sets.
fn environment(setup: &Setup) -> Environment {
    let url = names::url;
    let (per_second, in_flight) = match setup.slowly {
        true => ("1", "1"),
        false => ("100", "8"),
    };
    Environment::of([
        ("ENVIRONMENT", names::ENVIRONMENT),
        ("LEDGER_TABLE", names::LEDGER),
        ("EXCEPTIONS_TABLE", names::EXCEPTIONS),
        ("CONTROL_TABLE", names::CONTROL),
        ("CROSSWALK_TABLE", names::CROSSWALK),
        ("BILLING_TABLE", names::BILLING),
        ("HUBSPOT_API_URL", "http://nobody"),
        ("DRIFT_QUEUE_URL", &url(names::DRIFT)),
        ("ODOO_URL", "http://odoo"),
        ("ODOO_DATABASE", "odoo"),
        ("DELIVERIES_QUEUE_URL", &url(names::DELIVERIES)),
        ("MASTER_QUEUE_URL", &url("master")),
        ("WORK_QUEUE_URL", &url("work")),
        ("BILLING_QUEUE_URL", &url("billing")),
        ("UNITS_QUEUE_URL", &url(names::UNITS)),
        ("RELEASES_QUEUE_URL", &url(names::RELEASES)),
        ("FEEDBACK_QUEUE_URL", &url(names::FEEDBACK)),
        ("ODOO_CALLS_PER_SECOND", per_second),
        ("ODOO_CALLS_IN_FLIGHT", in_flight),
        ("ODOO_READ_SECONDS", "60"),
        ("ODOO_LIMIT_SECONDS", "120"),
        ("MARGIN_SECONDS", "30"),
        ("POST_TIMEOUT_SECONDS", "90"),
        ("LEASE_SECONDS", "240"),
        ("VISIBILITY_SECONDS", "540"),
    ])
}
