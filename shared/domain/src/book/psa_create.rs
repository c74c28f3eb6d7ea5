//! How a project is created in a PSA for a contract that was sold.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// `[psa.projects.create]`: a confirmed contract gets a project in the PSA. In ConnectWise only. Its ids
/// are those that ConnectWise's API shows: <https://developer.connectwise.com/Products/ConnectWise_PSA/REST>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PsaCreate {
    /// Id of the project board.
    pub board: u64,
    /// Id of the custom field whose caption is `deal_id_field`: it is written when the project is created,
    /// and the project is found by it.
    pub deal_field_id: u64,
    /// Id of the status that it begins with; the PSA's own choice without it.
    #[serde(default)]
    pub status: Option<u64>,
    /// Id of the location; the PSA's own choice without it.
    #[serde(default)]
    pub location: Option<u64>,
    /// Id of the department; the PSA's own choice without it.
    #[serde(default)]
    pub department: Option<u64>,
    /// How the PSA counts what is billed. Without it: `ActualRates` where hours are sold, else `FixedFee`.
    #[serde(default)]
    pub billing_method: Option<PsaBillingMethod>,
    /// The legal entities whose contracts get one, by their keys in `[entities]`; all without it.
    #[serde(default)]
    pub entities: BTreeSet<String>,
    /// How many days it is to last where nothing that was sold has a last day.
    #[serde(default = "days")]
    pub days: u16,
}

/// A quarter of a year.
const fn days() -> u16 {
    90
}

/// How ConnectWise counts what is billed on a project, in its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PsaBillingMethod {
    /// By hours, at the rates of the PSA.
    ActualRates,
    /// A sum.
    FixedFee,
    /// By hours, up to a sum.
    NotToExceed,
    /// By hours, at a rate of the project.
    OverrideRate,
}

impl PsaBillingMethod {
    /// ConnectWise's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ActualRates => "ActualRates",
            Self::FixedFee => "FixedFee",
            Self::NotToExceed => "NotToExceed",
            Self::OverrideRate => "OverrideRate",
        }
    }
}
