//! Deliberate faults: each breaks one rule that the engine keeps or relies on. A simulation that
//! does not find every one of them could not find a fault of ours either.

use domain::limits::Limits;
use serde_json::{Value, json};

use crate::fate::Fault;
use crate::odoo::Call;

/// One rule that is broken. Named after what is wrong then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutant {
    /// Whoever asks for a partition gets it.
    LeaseNeverHeld,
    /// The lease ends while Odoo may still work on what was sent.
    LeaseTooShort,
    /// A worker without an answer gives the partition back.
    UncertainGivenBack,
    /// An answer that did not come is taken for a call that did not arrive.
    NoAnswerMeansNoCall,
    /// A version that is there is accepted over and over.
    AcceptedTwice,
    /// A pointer is removed, and what became of its record is not written.
    PostedNotWritten,
    /// Nobody sees more than the oldest version of a fact.
    NewerVersionsHidden,
    /// What is pending is not written down.
    NothingPending,
    /// Odoo is asked whether a record is there, and the answer is always no.
    LookSeesNothing,
    /// Odoo keeps no external id.
    NoExternalId,
    /// What Odoo did not take is believed to be taken.
    RefusalBelieved,
    /// A message that was not handled is deleted like the others.
    FailuresDeleted,
    /// The minute never comes.
    NoSweep,
    /// Nobody reads the table's stream.
    NoStream,
    /// A secret is logged.
    SecretsLogged,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::LeaseNeverHeld,
        Self::LeaseTooShort,
        Self::UncertainGivenBack,
        Self::NoAnswerMeansNoCall,
        Self::AcceptedTwice,
        Self::PostedNotWritten,
        Self::NewerVersionsHidden,
        Self::NothingPending,
        Self::LookSeesNothing,
        Self::NoExternalId,
        Self::RefusalBelieved,
        Self::FailuresDeleted,
        Self::NoSweep,
        Self::NoStream,
        Self::SecretsLogged,
    ];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LeaseNeverHeld => "lease-never-held",
            Self::LeaseTooShort => "lease-too-short",
            Self::UncertainGivenBack => "uncertain-given-back",
            Self::NoAnswerMeansNoCall => "no-answer-means-no-call",
            Self::AcceptedTwice => "accepted-twice",
            Self::PostedNotWritten => "posted-not-written",
            Self::NewerVersionsHidden => "newer-versions-hidden",
            Self::NothingPending => "nothing-pending",
            Self::LookSeesNothing => "look-sees-nothing",
            Self::NoExternalId => "no-external-id",
            Self::RefusalBelieved => "refusal-believed",
            Self::FailuresDeleted => "failures-deleted",
            Self::NoSweep => "no-sweep",
            Self::NoStream => "no-stream",
            Self::SecretsLogged => "secrets-logged",
        }
    }

    /// The mutant of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mutant| mutant.name() == name)
    }

    /// The fault without which it does nothing; none when it shows by itself.
    pub fn shows_in(self) -> Option<Fault> {
        match self {
            Self::LeaseTooShort | Self::UncertainGivenBack | Self::NoAnswerMeansNoCall => {
                Some(Fault::Late)
            }
            Self::NewerVersionsHidden => Some(Fault::Slow),
            Self::RefusalBelieved => Some(Fault::Conflict),
            _ => None,
        }
    }

    /// The limits as this mutant sets them.
    pub fn limits(self, limits: Limits) -> Limits {
        match self {
            Self::LeaseTooShort => Limits {
                lease_seconds: 20,
                ..limits
            },
            _ => limits,
        }
    }

    /// The request of a table as this mutant changes it; none when it does not.
    pub fn in_table(self, operation: &str, request: &Value) -> Option<Value> {
        let text = |name: &str| request[name].as_str().unwrap_or_default();
        let item_pk = request["Item"]["pk"]["S"].as_str().unwrap_or_default();
        let is_record = operation == "PutItem" && item_pk.starts_with("r#");
        let (condition, update) = (text("ConditionExpression"), text("UpdateExpression"));
        match self {
            Self::LeaseNeverHeld if update.starts_with("SET lease_owner = :owner, lease_until") => {
                Some(without_condition(request))
            }
            Self::UncertainGivenBack if update == "SET tries = :tries, posted_at = :posted" => {
                let mut request = request.clone();
                let update = format!("{update} REMOVE lease_owner, lease_until");
                request["UpdateExpression"] = json!(update);
                Some(request)
            }
            Self::AcceptedTwice if is_record && condition == "attribute_not_exists(pk)" => {
                Some(without_condition(request))
            }
            Self::PostedNotWritten if is_record && request["Item"]["state"]["S"] == "posted" => {
                Some(elsewhere(request))
            }
            Self::NothingPending if operation == "PutItem" && item_pk.starts_with("p#") => {
                Some(elsewhere(request))
            }
            _ => None,
        }
    }

    /// What a query of a table finds, as this mutant shows it.
    pub fn found(self, request: &Value, found: &mut Value) {
        if self != Self::NewerVersionsHidden || request["ScanIndexForward"] != json!(false) {
            return;
        }
        if let Some(items) = found["Items"]
            .as_array_mut()
            .filter(|items| items.len() > 1)
        {
            items.drain(..items.len() - 1);
            found["Count"] = json!(items.len());
        }
    }

    /// A call of Odoo as this mutant changes it; none when it does not.
    pub fn in_odoo(self, call: &Call) -> Option<Call> {
        let mut changed = call.clone();
        match (self, call.method.as_str()) {
            (Self::LookSeesNothing, "search_read") => {
                changed.arguments["domain"] = json!([["ref", "in", []]]);
            }
            (Self::NoExternalId, "load") => {
                let fields = changed.arguments["fields"].as_array_mut()?;
                let place = fields.iter().position(|field| field == "id")?;
                for row in changed.arguments["data"].as_array_mut()? {
                    row[place] = json!("");
                }
            }
            _ => return None,
        }
        Some(changed)
    }
}

/// The same, where nobody looks.
fn elsewhere(request: &Value) -> Value {
    let mut request = without_condition(request);
    request["Item"]["pk"] = json!({"S": "nowhere"});
    request
}

fn without_condition(request: &Value) -> Value {
    let mut request = request.clone();
    if let Some(fields) = request.as_object_mut() {
        fields.remove("ConditionExpression");
    }
    request
}
