//! A function's settings, read once.

use std::collections::BTreeMap;

use domain::Lane;
use domain::gate::Budget;
use domain::limits::Limits;

/// The version that the flows are written for.
const NEWEST_ODOO: u8 = 19;
/// Those that can be asked.
const KNOWN_ODOO: std::ops::RangeInclusive<u8> = 14..=NEWEST_ODOO;

/// A snapshot of the environment, from which each function's `config.rs` takes typed values.
pub struct Environment(BTreeMap<String, String>);

/// Given values, for tests.
impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

/// A setting that is missing or cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variable {name}: {problem}; the template sets it")]
pub struct BadEnvironment {
    /// The variable.
    pub name: String,
    /// What is wrong.
    pub problem: String,
}

impl Environment {
    /// The process's environment as it is now.
    pub fn read() -> Self {
        Self(std::env::vars().collect())
    }

    /// Given values, for tests.
    pub fn of<const N: usize>(values: [(&str, &str); N]) -> Self {
        Self(
            values
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    /// A value that must be there.
    pub fn required(&self, name: &str) -> Result<String, BadEnvironment> {
        self.optional(name)
            .ok_or_else(|| bad(name, "it is not set"))
    }

    /// A value that may be missing; an empty one counts as missing.
    pub fn optional(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// A whole number of seconds, or whatever the name says.
    pub fn number(&self, name: &str) -> Result<u32, BadEnvironment> {
        self.required(name)?
            .parse()
            .map_err(|_| bad(name, "it is not a whole number"))
    }

    /// Named addresses, as in `deliveries=URL work=URL`.
    pub fn addresses(&self, name: &str) -> Result<BTreeMap<String, String>, BadEnvironment> {
        let text = self.required(name)?;
        let address = |part: &str| {
            let (name, url) = part.split_once('=')?;
            Some((name.to_owned(), url.to_owned()))
        };
        let all = text.split(' ').map(address).collect::<Option<_>>();
        all.ok_or_else(|| bad(name, "it is not NAME=URL NAME=URL"))
    }

    /// The bell queue of each lane.
    pub fn bells(&self) -> Result<Vec<(Lane, String)>, BadEnvironment> {
        let url = |lane: Lane| {
            let name = format!("{}_QUEUE_URL", lane.name().to_uppercase());
            self.required(&name).map(|url| (lane, url))
        };
        Lane::ALL.into_iter().map(url).collect()
    }

    /// How much Odoo may be called.
    pub fn odoo_budget(&self) -> Result<Budget, BadEnvironment> {
        Budget::new(
            self.number("ODOO_CALLS_PER_SECOND")?,
            self.number("ODOO_CALLS_IN_FLIGHT")?,
            self.number("ODOO_READ_SECONDS")?,
        )
        .map_err(|none| bad("ODOO_CALLS_PER_SECOND", &none.to_string()))
    }

    /// Odoo's version; 19 unless the deployment says otherwise.
    pub fn odoo_version(&self) -> Result<u8, BadEnvironment> {
        let Some(version) = self.optional("ODOO_VERSION") else {
            return Ok(NEWEST_ODOO);
        };
        let version = version
            .parse()
            .ok()
            .filter(|version| KNOWN_ODOO.contains(version));
        version.ok_or_else(|| bad("ODOO_VERSION", "expected a number from 14 to 19"))
    }

    /// The deployment's time limits; refused when two workers could post the same record.
    pub fn limits(&self) -> Result<Limits, BadEnvironment> {
        Limits {
            odoo_read_seconds: self.number("ODOO_READ_SECONDS")?,
            odoo_limit_seconds: self.number("ODOO_LIMIT_SECONDS")?,
            margin_seconds: self.number("MARGIN_SECONDS")?,
            post_timeout_seconds: self.number("POST_TIMEOUT_SECONDS")?,
            lease_seconds: self.number("LEASE_SECONDS")?,
            visibility_seconds: self.number("VISIBILITY_SECONDS")?,
        }
        .check()
        .map_err(|unsafe_limits| bad("LEASE_SECONDS", &unsafe_limits.to_string()))
    }
}

fn bad(name: &str, problem: &str) -> BadEnvironment {
    BadEnvironment {
        name: name.to_owned(),
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_its_variable() {
        let environment = Environment::of([("A", "1"), ("B", ""), ("C", "x")]);
        assert_eq!(environment.number("A"), Ok(1));
        assert_eq!(
            environment.required("B").map_err(|e| e.name),
            Err("B".to_owned())
        );
        assert_eq!(
            environment.number("C").map_err(|e| e.name),
            Err("C".to_owned())
        );
    }
}
