//! What an examination finds.

use serde::Serialize;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, and somebody should look at it.
    Warning,
    /// Tenon cannot work like this.
    Failure,
}

/// The result of one check, in words without names of persons and without keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How it ended.
    pub level: Level,
    /// What was checked.
    pub check: String,
    /// What was found.
    pub found: String,
    /// What to do; nothing where all is well.
    pub fix: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn ok(check: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            level: Level::Ok,
            check: check.into(),
            found: found.into(),
            fix: None,
        }
    }

    /// Somebody should look at it.
    pub fn warning(
        check: impl Into<String>,
        found: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            level: Level::Warning,
            fix: Some(fix.into()),
            ..Self::ok(check, found)
        }
    }

    /// Tenon cannot work like this.
    pub fn failure(
        check: impl Into<String>,
        found: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            level: Level::Failure,
            fix: Some(fix.into()),
            ..Self::ok(check, found)
        }
    }
}

/// All findings, in the order of the checks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Examination {
    /// Each check's.
    pub findings: Vec<Finding>,
}

impl Examination {
    /// Those that keep Tenon from working.
    pub fn failures(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.level == Level::Failure)
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}
