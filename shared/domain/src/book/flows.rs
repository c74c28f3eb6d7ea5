//! When each flow goes to Odoo, and how far.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};

use super::flaw::Mistake;
use super::turns::{Schedule, Weekday};
use super::{Book, Entity};
use crate::flow::{Flow, Hold};

/// One rule of `[[flows]]`. Of several rules that fit a flow and an entity and say the same thing
/// differently, the last one counts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FlowRule {
    /// Which flow.
    pub flow: Flow,
    /// The entity's key in `[entities]`; every entity when missing.
    pub entity: Option<String>,
    /// What makes it go.
    pub trigger: Option<Trigger>,
    /// With `micro_batch`: how long changes are gathered, from a minute to a day, for example `5m`.
    pub every: Option<Length>,
    /// With `batch`: the times of day, in the entity's zone, for example `["18:00"]`.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub at: Vec<Time>,
    /// With `batch`: the days of the week; every day when missing.
    #[serde(default)]
    pub weekdays: Vec<Weekday>,
    /// With `batch`: the days of the month, 1 to 28, or -1 for the last one; every day when missing.
    #[serde(default)]
    pub days_of_month: Vec<i8>,
    /// How far it goes.
    pub mode: Option<Mode>,
    /// How bad it is when it stands still. People are shown it.
    pub criticality: Option<Criticality>,
    /// How long it should take from the source to Odoo, for example `15m`. People are shown it.
    pub latency_target: Option<Length>,
    /// The role that has to agree before something goes. People are shown it.
    pub approval: Option<String>,
    /// How often it is to be compared with its source. People are shown it.
    pub reconciliation: Option<Reconciliation>,
}

/// The roles whose agreement a flow may need: those that own questions.
const ROLES: [&str; 5] = ["sales", "delivery", "finance", "steward", "operations"];

/// A shorter while than the minute's tick would be a promise that nobody keeps.
const SHORTEST: SignedDuration = SignedDuration::from_mins(1);
/// What is gathered for longer has a time of day.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

impl FlowRule {
    /// What contradicts itself in this rule, by its keys.
    pub(super) fn mistakes(&self) -> Vec<(&'static str, Mistake)> {
        let mut mistakes = Vec::new();
        let mut timing = |key, said| mistakes.push((key, Mistake::FlowTiming(said)));
        let micro = self.trigger == Some(Trigger::MicroBatch);
        let batch = self.trigger == Some(Trigger::Batch);
        match self.every {
            Some(_) if !micro => timing("every", "goes only with trigger = \"micro_batch\""),
            Some(Length(every)) if every < SHORTEST || every > LONGEST => {
                timing("every", "lies between a minute and a day");
            }
            None if micro => timing("trigger", "micro_batch needs every"),
            Some(_) | None => {}
        }
        for (key, is_there) in [
            ("at", !self.at.is_empty()),
            ("weekdays", !self.weekdays.is_empty()),
            ("days_of_month", !self.days_of_month.is_empty()),
        ] {
            if is_there && !batch {
                timing(key, "goes only with trigger = \"batch\"");
            }
        }
        if micro && self.flow == Flow::Invoices {
            timing(
                "trigger",
                "invoices are made in runs, not one change at a time",
            );
        }
        if batch && self.at.is_empty() {
            timing("trigger", "batch needs at");
        }
        if !self.weekdays.is_empty() && !self.days_of_month.is_empty() {
            timing("days_of_month", "does not go with weekdays");
        }
        if self
            .days_of_month
            .iter()
            .any(|day| !matches!(day, -1 | 1..=28))
        {
            timing(
                "days_of_month",
                "every month has the days 1 to 28, and a last one, which is -1",
            );
        }
        mistakes.extend(self.mistake_of_mode());
        mistakes.extend(self.mistake_of_approval());
        mistakes
    }

    fn mistake_of_mode(&self) -> Option<(&'static str, Mistake)> {
        let is_mistaken = self.mode == Some(Mode::Draft) && !self.flow.has_drafts();
        is_mistaken.then(|| ("mode", Mistake::NoDrafts(self.flow.name())))
    }

    fn mistake_of_approval(&self) -> Option<(&'static str, Mistake)> {
        let role = self
            .approval
            .as_deref()
            .filter(|role| !ROLES.contains(role))?;
        let mistake = Mistake::Nowhere {
            what: "role",
            name: role.to_owned(),
            known: ROLES.map(str::to_owned).to_vec(),
        };
        Some(("approval", mistake))
    }
}

/// What makes a flow go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The change itself, at once.
    #[default]
    Webhook,
    /// The end of a while that begins with the first change (`every`).
    MicroBatch,
    /// A time of day (`at`).
    Batch,
    /// A person: `tenon flow run`.
    Manual,
}

/// How far a flow goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Everything is judged and held.
    Off,
    /// Everything is judged, and kept as what would have been posted.
    Shadow,
    /// Orders and invoices stay drafts in Odoo.
    Draft,
    /// All the way.
    #[default]
    Live,
}

impl Mode {
    /// Its name in the book.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Shadow => "shadow",
            Self::Draft => "draft",
            Self::Live => "live",
        }
    }
}

/// How bad it is when a flow stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Criticality {
    /// It can wait for days.
    Low,
    /// It can wait for a day.
    #[default]
    Normal,
    /// It cannot wait.
    High,
}

/// How often a flow is to be compared with its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reconciliation {
    /// Nobody asks for it.
    #[default]
    None,
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
}

/// A length of time, written as `5m`, `2h` or `1h 30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length(pub SignedDuration);

/// What the rules say of one flow of one entity.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlowPolicy<'a> {
    /// What makes it go.
    pub trigger: Trigger,
    /// Whether the book says so, or nobody does.
    pub is_triggered_by_the_book: bool,
    /// How far it goes.
    pub mode: Mode,
    /// With `micro_batch`: how long changes are gathered.
    pub every: Option<SignedDuration>,
    /// With `batch`: when, in the entity's zone.
    pub schedule: Option<Schedule<'a>>,
    /// How bad it is when it stands still.
    pub criticality: Criticality,
    /// How long it should take.
    pub latency_target: Option<SignedDuration>,
    /// Whose agreement it needs.
    pub approval: Option<&'a str>,
    /// How often it is to be compared.
    pub reconciliation: Reconciliation,
}

impl Book {
    /// What holds for a flow of this entity; without one, what holds for every entity.
    pub fn flow(&self, flow: Flow, entity: Option<&str>) -> FlowPolicy<'_> {
        let fits = |rule: &&FlowRule| {
            rule.flow == flow && rule.entity.as_deref().is_none_or(|key| Some(key) == entity)
        };
        let mut policy = FlowPolicy::default();
        for rule in self.flows.iter().filter(fits) {
            if let Some(trigger) = rule.trigger {
                policy.trigger = trigger;
                policy.is_triggered_by_the_book = true;
                policy.every = rule.every.map(|every| every.0);
                policy.schedule = (trigger == Trigger::Batch).then_some(Schedule {
                    at: &rule.at,
                    weekdays: &rule.weekdays,
                    days_of_month: &rule.days_of_month,
                });
            }
            policy.mode = rule.mode.unwrap_or(policy.mode);
            policy.criticality = rule.criticality.unwrap_or(policy.criticality);
            let target = rule.latency_target.map(|target| target.0);
            policy.latency_target = target.or(policy.latency_target);
            policy.approval = rule.approval.as_deref().or(policy.approval);
            policy.reconciliation = rule.reconciliation.unwrap_or(policy.reconciliation);
        }
        policy
    }

    /// Whether some entity's rules for this flow differ from the others'.
    pub fn flow_differs_by_entity(&self, flow: Flow) -> bool {
        let mut rules = self.flows.iter();
        rules.any(|rule| rule.flow == flow && rule.entity.is_some())
    }

    /// What holds back a record of a flow that is written for this company in Odoo; nothing when it
    /// goes at once. While the company is not known, what differs by entity waits until it is.
    pub fn hold(&self, flow: Flow, ends_a_draft: bool, company: Option<i64>) -> Option<Hold> {
        let entity = company.and_then(|company| self.entity_of_company(company));
        match entity {
            None if self.flow_differs_by_entity(flow) => Some(Hold::Schedule),
            entity => {
                let policy = self.flow(flow, entity.map(|(key, _)| key));
                policy.hold(ends_a_draft)
            }
        }
    }

    /// The entity that is this company in Odoo, with its key.
    pub fn entity_of_company(&self, company: i64) -> Option<(&str, &Entity)> {
        let mut entities = self.entities.iter();
        let it = entities.find(|(_, entity)| entity.odoo_company == company);
        it.map(|(key, entity)| (key.as_str(), entity))
    }
}

impl FlowPolicy<'_> {
    /// What holds a new record of the flow back; nothing when it goes at once.
    pub const fn hold(&self, ends_a_draft: bool) -> Option<Hold> {
        match (self.mode, self.trigger) {
            (Mode::Off, _) => Some(Hold::Off),
            (Mode::Shadow, _) => Some(Hold::Shadow),
            (Mode::Draft, _) if ends_a_draft => Some(Hold::Draft),
            (Mode::Draft | Mode::Live, Trigger::Webhook) => None,
            (Mode::Draft | Mode::Live, _) => Some(Hold::Schedule),
        }
    }

    /// Whether something that waits since then has its turn now, in the entity's zone.
    pub fn has_turn(&self, since: Timestamp, now: Timestamp, zone: &TimeZone) -> bool {
        match self.trigger {
            Trigger::Webhook => true,
            Trigger::MicroBatch => {
                let every = self.every.unwrap_or_default();
                since.checked_add(every).is_ok_and(|end| end <= now)
            }
            Trigger::Batch => {
                let last = self.last_turn(now, zone);
                last.is_some_and(|last| last >= since)
            }
            Trigger::Manual => false,
        }
    }

    /// The last time of the schedule that is not after this instant.
    pub fn last_turn(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        self.schedule?.last_turn(now, zone)
    }

    /// When something that waits since then has its turn; nothing when a person decides that.
    pub fn next_turn(&self, since: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self.trigger {
            Trigger::Webhook => Some(since),
            Trigger::MicroBatch => since.checked_add(self.every?).ok(),
            Trigger::Batch => self.schedule?.next_turn(since, zone),
            Trigger::Manual => None,
        }
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let length = text.parse().map(Self);
        length.map_err(|_| {
            serde::de::Error::custom(format!(
                "{text:?} is no length of time such as \"5m\" or \"2h\""
            ))
        })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Length {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Length".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A length of time, written as `5m`, `2h` or `1h 30m`.",
            "type": "string"
        })
    }
}

#[cfg(test)]
mod tests;
