//! What goes wrong, and when.

use std::collections::BTreeMap;

use crate::dice::Dice;

/// What goes wrong with one operation of a worker. An operation is what the engine asked for once,
/// with all the repetitions that the SDK makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It is refused each time, and nothing happens.
    Refused,
    /// It happens, and no answer comes, however often it is repeated.
    Lost,
    /// It happens, and only the first answer is lost: repeated, it meets itself.
    LostOnce,
    /// No answer comes, and it happens later.
    Late,
    /// The worker ends before it happens.
    DiesBefore,
    /// It happens, and the worker ends.
    DiesAfter,
    /// It takes much longer than usual.
    Slow,
    /// Odoo: somebody in front of it answers, and it never heard of the call.
    Gateway,
    /// Odoo: the call was rolled back because another one was faster, told by HTTP 200.
    Conflict,
    /// Odoo: too many calls.
    TooMany,
}

/// Faults that an operation of AWS can have.
pub const OF_AWS: [Fault; 7] = [
    Fault::Refused,
    Fault::Lost,
    Fault::LostOnce,
    Fault::Late,
    Fault::DiesBefore,
    Fault::DiesAfter,
    Fault::Slow,
];

/// Faults that a call of Odoo can have.
pub const OF_ODOO: [Fault; 9] = [
    Fault::Refused,
    Fault::Lost,
    Fault::Late,
    Fault::DiesBefore,
    Fault::DiesAfter,
    Fault::Slow,
    Fault::Gateway,
    Fault::Conflict,
    Fault::TooMany,
];

/// Who decides about faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Chance: so many of a thousand operations.
    Chance {
        /// Of AWS.
        aws: u64,
        /// Of Odoo.
        odoo: u64,
        /// The only fault there is, if there is only one.
        only: Option<Fault>,
    },
    /// These operations of the poster, by their number.
    Placed(BTreeMap<usize, Fault>),
    /// Nothing goes wrong (any more).
    Calm,
}

/// Where an operation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whither {
    /// A table, a queue or a secret.
    Aws,
    /// Odoo.
    Odoo,
}

/// Decides about every operation of a run.
#[derive(Debug)]
pub struct Fate {
    plan: Plan,
    /// The operations that were counted for a [`Plan::Placed`], in their order.
    counted: Vec<Whither>,
}

impl Fate {
    /// As planned.
    pub fn new(plan: Plan) -> Self {
        Self {
            plan,
            counted: Vec::new(),
        }
    }

    /// From now on nothing goes wrong.
    pub fn calm(&mut self) {
        self.plan = Plan::Calm;
    }

    /// What goes wrong with the next operation of a worker. Only some of them are `counted`.
    pub fn of(&mut self, whither: Whither, counted: bool, dice: &mut Dice) -> Option<Fault> {
        match &self.plan {
            Plan::Calm => None,
            Plan::Chance { aws, odoo, only } => {
                let (permille, faults): (u64, &[Fault]) = match whither {
                    Whither::Aws => (*aws, &OF_AWS),
                    Whither::Odoo => (*odoo, &OF_ODOO),
                };
                dice.happens(permille)
                    .then(|| only.unwrap_or_else(|| dice.one_of(faults)))
            }
            Plan::Placed(faults) => {
                if !counted {
                    return None;
                }
                let number = self.counted.len();
                self.counted.push(whither);
                faults.get(&number).copied()
            }
        }
    }

    /// The poster's operations of the run, in their order.
    pub fn counted(&self) -> &[Whither] {
        &self.counted
    }
}
