//! Where a PSA project stands, on the project in Odoo that it stands for: whether people may log time
//! there, its stage, its name, and the reference of its analytic account.

use domain::book::ProjectState;
use domain::command::{Company, FollowProject};
use domain::record::Posted;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::answer::OrFalse;
use crate::differences::Differences;
use crate::project::{MODEL, posted};
use crate::{Context, Odoo, OdooError};

const ACCOUNT: &str = "account.analytic.account";

/// A PSA project that is followed, and what is known beside it.
#[derive(Debug, Clone, Copy)]
pub struct Following<'a> {
    /// Where.
    pub company: &'a Company,
    /// The project in Odoo.
    pub project_id: i64,
    /// What it takes over.
    pub followed: &'a FollowProject,
    /// The versions that Odoo may have, newest first.
    pub earlier: &'a [&'a FollowProject],
    /// The name that the deal gave to the project.
    pub deals_name: Option<&'a str>,
    /// Another PSA project stands for the same one, and is worked on.
    pub stays_open: bool,
}

#[derive(Deserialize)]
struct Project {
    name: String,
    allow_timesheets: bool,
    account_id: OrFalse<i64>,
    // Only there where Odoo shows stages of projects, and asked for only where the book names one.
    #[serde(default)]
    stage_id: OrFalse<i64>,
}

#[derive(Deserialize)]
struct Account {
    code: OrFalse<String>,
}

/// Writes what differs, and nothing that a person has changed since.
pub async fn follow(odoo: &Odoo, following: &Following<'_>) -> Result<Posted, OdooError> {
    let context = &Context::of(following.company);
    let id = following.project_id;
    let stage = match following.stage() {
        Some(stage) => Some(odoo.resolve(context, stage).await?),
        None => None,
    };
    let before = read(odoo, context, id, stage.is_some()).await?;
    let mut values = Map::new();
    if let Some(takes_time) = following.takes_time()
        && before.allow_timesheets != takes_time
    {
        values.insert("allow_timesheets".to_owned(), json!(takes_time));
    }
    if stage.is_some() && before.stage_id.0 != stage {
        values.insert("stage_id".to_owned(), json!(stage));
    }
    let name = following.name(&before.name);
    if let Some(name) = name {
        values.insert("name".to_owned(), json!(name));
    }
    if !values.is_empty() {
        let values = Value::Object(values);
        odoo.write(context, MODEL, &[id], values).await?;
    }
    code(odoo, context, following, before.account_id.0).await?;
    let after = read(odoo, context, id, stage.is_some()).await?;
    let mut differences = Differences::default();
    if let Some(takes_time) = following.takes_time() {
        let what = "whether the project takes time";
        differences.expect(what, &takes_time, &after.allow_timesheets);
    }
    if stage.is_some() {
        differences.expect("the project's stage", &stage, &after.stage_id.0);
    }
    if let Some(name) = name {
        differences.expect("the project's name", &name, &after.name.as_str());
    }
    differences.finish()?;
    Ok(posted(id, after.name))
}

impl Following<'_> {
    /// Whether people may log time there; none where that stays as it is.
    fn takes_time(&self) -> Option<bool> {
        match self.followed.state? {
            ProjectState::Open | ProjectState::OnHold => Some(true),
            ProjectState::Closed => (!self.stays_open).then_some(false),
        }
    }

    /// The stage it goes to. Somebody may have moved it since: only another state moves it again.
    fn stage(&self) -> Option<&str> {
        let is_closed = self.followed.state == Some(ProjectState::Closed);
        let state_before = self.earlier.first().and_then(|earlier| earlier.state);
        let moves = state_before != self.followed.state && !(is_closed && self.stays_open);
        self.followed.stage.as_deref().filter(|_| moves)
    }

    /// The name it gets, in place of one that came from us.
    fn name(&self, found: &str) -> Option<&str> {
        let name = self.followed.name.as_deref()?;
        let of_earlier = |earlier: &&FollowProject| earlier.name.as_deref() == Some(found);
        let is_ours = self.deals_name == Some(found) || self.earlier.iter().any(of_earlier);
        (name != found && is_ours).then_some(name)
    }
}

/// The project's code as the reference of its analytic account, in place of none or of one of ours.
async fn code(
    odoo: &Odoo,
    context: &Context,
    following: &Following<'_>,
    account: Option<i64>,
) -> Result<(), OdooError> {
    let (Some(code), Some(account)) = (&following.followed.code, account) else {
        return Ok(());
    };
    let found: Account = odoo.read_one(context, ACCOUNT, account, &["code"]).await?;
    let is_ours = |found: &String| {
        let mut earlier = following.earlier.iter();
        earlier.any(|earlier| earlier.code.as_ref() == Some(found))
    };
    if found.code.0.as_ref() == Some(code) || !found.code.0.as_ref().is_none_or(is_ours) {
        return Ok(());
    }
    odoo.write(context, ACCOUNT, &[account], json!({"code": code}))
        .await?;
    let after: Account = odoo.read_one(context, ACCOUNT, account, &["code"]).await?;
    let mut differences = Differences::default();
    let what = "the reference of the project's analytic account";
    differences.expect(what, &Some(code.clone()), &after.code.0);
    differences.finish()
}

async fn read(
    odoo: &Odoo,
    context: &Context,
    id: i64,
    with_stage: bool,
) -> Result<Project, OdooError> {
    let mut fields = vec!["name", "allow_timesheets", "account_id"];
    if with_stage {
        fields.push("stage_id");
    }
    odoo.read_one(context, MODEL, id, &fields).await
}

#[cfg(test)]
mod tests {
    use domain::Reference;

    use super::*;

    fn followed(state: ProjectState, name: &str) -> FollowProject {
        FollowProject {
            project: Reference::new("psa", "a", "project", "77"),
            state: Some(state),
            closed_on: None,
            stage: Some("x.done".to_owned()),
            name: Some(name.to_owned()),
            code: None,
        }
    }

    fn following<'a>(
        company: &'a Company,
        followed: &'a FollowProject,
        earlier: &'a [&'a FollowProject],
    ) -> Following<'a> {
        Following {
            company,
            project_id: 4,
            followed,
            earlier,
            deals_name: Some("The deal"),
            stays_open: false,
        }
    }

    #[test]
    fn a_project_closes_in_odoo_when_the_last_of_the_psas_does() {
        let company = Company {
            id: 1,
            zone: "UTC".to_owned(),
        };
        let closed = followed(ProjectState::Closed, "Platform");
        let last = following(&company, &closed, &[]);
        assert_eq!(
            (last.takes_time(), last.stage()),
            (Some(false), Some("x.done"))
        );
        let not_the_last = Following {
            stays_open: true,
            ..last
        };
        assert_eq!(
            (not_the_last.takes_time(), not_the_last.stage()),
            (None, None)
        );
        let open = followed(ProjectState::OnHold, "Platform");
        assert_eq!(following(&company, &open, &[]).takes_time(), Some(true));
    }

    #[test]
    fn what_a_person_named_or_moved_in_odoo_stays() {
        let company = Company {
            id: 1,
            zone: "UTC".to_owned(),
        };
        let before = followed(ProjectState::Open, "Platform");
        let now = followed(ProjectState::Open, "Platform 2");
        let earlier = [&before];
        let renamed = following(&company, &now, &earlier);
        assert_eq!(renamed.stage(), None, "the state is the same");
        assert_eq!(renamed.name("Platform"), Some("Platform 2"));
        assert_eq!(renamed.name("The deal"), Some("Platform 2"));
        assert_eq!(renamed.name("What finance calls it"), None);
        assert_eq!(renamed.name("Platform 2"), None);
    }
}
