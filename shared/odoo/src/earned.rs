//! Which cost centres earn the price of an order line, beside the project: its analytic distribution.
//!
//! A key of a distribution names one account of each plan, so `"3,23": 60` is one analytic line in two
//! plans: <https://github.com/odoo/odoo/blob/19.0/addons/analytic/models/analytic_mixin.py>. Odoo takes
//! accounts that do not exist and shares of 130 percent; both are refused here.

use std::collections::{BTreeMap, BTreeSet};

use domain::DecimalText;
use domain::command::{CreateProject, Earned};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::answer::{OrFalse, number};
use crate::cost_center::{self, Account};
use crate::differences::Differences;
use crate::{Context, Odoo, OdooError};

const LINE: &str = "sale.order.line";

/// Shares in percent, by the accounts of which each line counts for one of every plan.
type Distribution = BTreeMap<BTreeSet<i64>, Decimal>;

#[derive(Deserialize)]
struct Line {
    id: i64,
    analytic_distribution: OrFalse<BTreeMap<String, DecimalText>>,
}

/// Gives the lines their cost centres. What a person has divided otherwise stays: only what is the
/// project's alone, or as one of the `earlier` versions had it, is written.
pub(crate) async fn follow(
    odoo: &Odoo,
    context: &Context,
    project_account: i64,
    earlier: &[&CreateProject],
    project: &CreateProject,
) -> Result<(), OdooError> {
    let all = || std::iter::once(&project).chain(earlier);
    if all().all(|version| version.earned.is_empty()) {
        return Ok(());
    }
    let centers = Centers::read(odoo, context, project_account, all().copied()).await?;
    let wanted = centers.distributions(project);
    let before: Vec<_> = (earlier.iter())
        .map(|version| centers.distributions(version))
        .collect();
    let names: BTreeSet<&String> = wanted
        .keys()
        .chain(before.iter().flat_map(BTreeMap::keys))
        .collect();
    let mut lines = BTreeMap::new();
    for name in names {
        // A line that an earlier version had may be gone.
        if let Some(id) = odoo.look_up(context, name).await? {
            lines.insert(id, name.as_str());
        }
    }
    let alone = centers.project_alone();
    let target = |name: &str| wanted.get(name).unwrap_or(&alone);
    let mut changed = BTreeMap::new();
    for (id, found) in read(odoo, context, &lines).await? {
        let name = lines.get(&id).copied().unwrap_or_default();
        let was = |known: &BTreeMap<String, Distribution>| known.get(name) == Some(&found);
        let is_ours = found.is_empty() || found == alone || before.iter().any(was);
        if is_ours && found != *target(name) {
            let values = json!({"analytic_distribution": written(target(name))});
            odoo.write(context, LINE, &[id], values).await?;
            changed.insert(id, name);
        }
    }
    let mut differences = Differences::default();
    for (id, after) in read(odoo, context, &changed).await? {
        let name = changed.get(&id).copied().unwrap_or_default();
        let what = format!("the analytic distribution of {name}");
        differences.expect(&what, target(name), &after);
    }
    differences.finish()
}

/// What lines have, by their ids.
async fn read(
    odoo: &Odoo,
    context: &Context,
    lines: &BTreeMap<i64, &str>,
) -> Result<BTreeMap<i64, Distribution>, OdooError> {
    if lines.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<i64> = lines.keys().copied().collect();
    let found: Vec<Line> = odoo
        .read(context, LINE, &ids, &["analytic_distribution"])
        .await?;
    let distribution = |line: Line| {
        let shares = line.analytic_distribution.0.unwrap_or_default();
        let shares = shares.iter().map(|(accounts, share)| {
            let accounts = accounts.split(',').filter_map(|id| id.trim().parse().ok());
            (accounts.collect(), share.0.round_dp(6).normalize())
        });
        (line.id, shares.collect())
    };
    Ok(found.into_iter().map(distribution).collect())
}

fn written(distribution: &Distribution) -> Value {
    let shares = distribution.iter().map(|(accounts, share)| {
        let accounts: Vec<String> = accounts.iter().map(i64::to_string).collect();
        (accounts.join(","), number(*share))
    });
    Value::Object(shares.collect::<Map<_, _>>())
}

/// The accounts of cost centres, by their external ids.
struct Centers {
    project_account: i64,
    ids: BTreeMap<String, i64>,
}

impl Centers {
    async fn read(
        odoo: &Odoo,
        context: &Context,
        project_account: i64,
        versions: impl Iterator<Item = &CreateProject>,
    ) -> Result<Self, OdooError> {
        let shares = versions.flat_map(|version| &version.earned);
        let names: BTreeSet<&String> = shares.flat_map(|earned| earned.shares.keys()).collect();
        let mut ids = BTreeMap::new();
        for name in names {
            ids.insert(name.clone(), odoo.resolve(context, name).await?);
        }
        let mut wanted: Vec<i64> = ids.values().copied().collect();
        wanted.push(project_account);
        let accounts = cost_center::read(odoo, context, &wanted).await?;
        check(&accounts, project_account)?;
        Ok(Self {
            project_account,
            ids,
        })
    }

    /// A line that is the project's alone.
    fn project_alone(&self) -> Distribution {
        Distribution::from([(BTreeSet::from([self.project_account]), Decimal::ONE_HUNDRED)])
    }

    /// What each line is to have, by its external id.
    fn distributions(&self, version: &CreateProject) -> BTreeMap<String, Distribution> {
        let of = |earned: &Earned| {
            let shares = earned.shares.iter().filter_map(|(name, share)| {
                let accounts = BTreeSet::from([self.project_account, *self.ids.get(name)?]);
                Some((accounts, share.normalize()))
            });
            (earned.line.external_id(), shares.collect())
        };
        version.earned.iter().map(of).collect()
    }
}

/// Each is in use, and in another plan than the project's: of one plan a line counts for one account.
fn check(accounts: &[Account], project_account: i64) -> Result<(), OdooError> {
    let of_project = accounts
        .iter()
        .find(|account| account.id == project_account);
    let plan = of_project.and_then(|account| account.root_plan_id.0);
    let mut differences = Differences::default();
    for account in accounts.iter().filter(|one| one.id != project_account) {
        if let Some(wrong) = account.wrong(account.root_plan_id.0 == plan) {
            differences.add(wrong);
        }
    }
    differences.finish()
}
