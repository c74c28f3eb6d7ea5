//! Where a PSA project stands, what Odoo's project takes over from it, and which work comes too late.

use jiff::civil::Date;

use super::{Objection, Planned, Verdict};
use crate::book::{Book, NamedBy, ProjectState, PsaProjects};
use crate::command::{Command, FollowProject};
use crate::event::PsaProject;
use crate::{ExceptionClass, Lane, LaneShard, Reference};

/// The code of the question about work of a day after its project was closed.
pub const PROJECT_CLOSED: &str = "project_closed";

/// What Odoo's project takes over, as far as the book says so. `before` is what the version before
/// took over; `changed_on` is the day of this version, which counts as the last day of work where the
/// source does not name one.
pub fn judge_project_state(
    project: &PsaProject,
    book: &Book,
    before: Option<&FollowProject>,
    changed_on: Date,
) -> Verdict {
    let reference = &project.reference;
    let psa = book.psa(reference.system(), reference.account());
    let Some(rules) = psa
        .map(|psa| &psa.projects)
        .filter(|rules| rules.is_followed())
    else {
        return Verdict::Nothing {
            why: "the book follows no project of this PSA",
        };
    };
    let state = match meaning(project, rules) {
        Ok(Some(state)) => Some(state),
        // What the source does not say does not change.
        Ok(None) => before.and_then(|before| before.state),
        Err(unmapped) => return Verdict::Except(unmapped),
    };
    let followed = FollowProject {
        project: reference.clone(),
        state,
        closed_on: (state == Some(ProjectState::Closed)).then(|| {
            let known = before.and_then(FollowProject::last_day);
            project.standing.closed_on.or(known).unwrap_or(changed_on)
        }),
        stage: state.and_then(|state| rules.stages.get(&state).cloned()),
        name: (rules.name == NamedBy::Psa).then(|| project.name.clone()),
        code: project.standing.code.clone().filter(|_| rules.code),
    };
    Verdict::Go(vec![Planned {
        reference: state_of(reference),
        version: project.version,
        // Of the project and not of its deal: it has to be the same one before and after the link.
        shard: LaneShard::of(Lane::Master, reference),
        waits_for: Some(reference.clone()),
        command: Command::FollowProject(followed),
    }])
}

/// The reference under which it is known where a PSA project stands.
pub fn state_of(project: &Reference) -> Reference {
    project.sibling("project_state")
}

/// The question about work on a day after its project was closed; none when it is in time.
pub fn after_closing(
    entry: &Reference,
    project: &Reference,
    last_day: Date,
    day: Date,
) -> Option<Objection> {
    (day > last_day).then(|| Objection {
        code: PROJECT_CLOSED,
        class: ExceptionClass::BusinessRule,
        sentence: format!(
            "Time entry {} is of a day after project {} was closed",
            entry.id(),
            project.id()
        ),
        items: vec![format!("day: {day}, the last day of work is {last_day}")],
        fix: "Correct the day or the project in the PSA, or open the project there again: it goes on \
              by itself then, at once with: tenon retry"
            .to_owned(),
        owner: "delivery",
    })
}

fn meaning(project: &PsaProject, rules: &PsaProjects) -> Result<Option<ProjectState>, Objection> {
    let Some(word) = project
        .standing
        .status
        .as_ref()
        .filter(|_| !rules.status.is_empty())
    else {
        return Ok(None);
    };
    let state = rules.status.get(word).copied();
    state.map(Some).ok_or_else(|| Objection {
        code: "unmapped_status",
        class: ExceptionClass::DataQuality,
        sentence: format!(
            "PSA project {} has an unmapped status; what it was before still counts",
            project.reference.id()
        ),
        items: vec![format!("status: {word:?}")],
        fix: "Say in the book under psa.projects.status what it means (open, on_hold or closed), then \
              save the project once more in the PSA."
            .to_owned(),
        owner: "steward",
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::Version;
    use crate::book::tests::TEXT;
    use crate::event::Standing;

    const RULES: &str = "[psa.projects]\nname = \"psa\"\ncode = true\n\
        status = { \"Open\" = \"open\", \"Waiting\" = \"on_hold\", \"Closed\" = \"closed\" }\n\
        stages = { closed = \"project.project_project_stage_2\" }\n";

    fn project(status: Option<&str>, closed_on: Option<Date>) -> PsaProject {
        PsaProject {
            reference: Reference::new("connectwise", "Cobalt", "project", "77"),
            version: Version(7),
            name: "Data platform".to_owned(),
            deal_id: None,
            customer: None,
            standing: Standing {
                status: status.map(str::to_owned),
                closed_on,
                code: Some("P-77".to_owned()),
            },
        }
    }

    fn judge(project: &PsaProject, rules: &str, before: Option<&FollowProject>) -> Verdict {
        let book = Book::parse(&format!("{TEXT}\n{rules}")).unwrap();
        judge_project_state(project, &book, before, date(2026, 11, 16))
    }

    fn followed(project: &PsaProject, before: Option<&FollowProject>) -> FollowProject {
        let Verdict::Go(plan) = judge(project, RULES, before) else {
            panic!("expected a command")
        };
        let Command::FollowProject(followed) = &plan[0].command else {
            panic!("{plan:?}")
        };
        followed.clone()
    }

    #[test]
    fn a_status_means_what_the_book_says_and_an_unknown_one_is_a_question() {
        let open = followed(&project(Some("Open"), None), None);
        assert_eq!(
            (open.state, open.closed_on),
            (Some(ProjectState::Open), None)
        );
        assert_eq!(open.name.as_deref(), Some("Data platform"));
        assert_eq!((open.code.as_deref(), open.stage), (Some("P-77"), None));
        let closed = followed(&project(Some("Closed"), None), None);
        assert_eq!(
            closed.stage.as_deref(),
            Some("project.project_project_stage_2")
        );
        let unmapped = judge(&project(Some("Ready to Invoice"), None), RULES, None);
        let Verdict::Except(question) = unmapped else {
            panic!("{unmapped:?}")
        };
        assert_eq!(question.code, "unmapped_status");
        assert_eq!(question.items, ["status: \"Ready to Invoice\""]);
        let silent = followed(&project(None, None), Some(&closed));
        assert_eq!(silent.state, Some(ProjectState::Closed), "nothing was said");
    }

    #[test]
    fn the_last_day_of_work_is_the_sources_or_the_day_of_the_first_closed_version() {
        let day = |project, before| followed(project, before).last_day();
        let said = project(Some("Closed"), Some(date(2026, 10, 31)));
        assert_eq!(day(&said, None), Some(date(2026, 10, 31)));
        let unsaid = project(Some("Closed"), None);
        assert_eq!(day(&unsaid, None), Some(date(2026, 11, 16)));
        let earlier = FollowProject {
            closed_on: Some(date(2026, 11, 2)),
            ..followed(&unsaid, None)
        };
        assert_eq!(day(&unsaid, Some(&earlier)), Some(date(2026, 11, 2)));
        let reopened = followed(&project(Some("Open"), None), Some(&earlier));
        assert_eq!(reopened.last_day(), None);
        assert_eq!(day(&unsaid, Some(&reopened)), Some(date(2026, 11, 16)));
    }

    #[test]
    fn a_book_that_says_nothing_follows_nothing() {
        let closed = project(Some("Closed"), None);
        assert!(matches!(judge(&closed, "", None), Verdict::Nothing { .. }));
    }

    #[test]
    fn work_of_the_last_day_still_comes_and_of_the_next_does_not() {
        let entry = Reference::new("connectwise", "Cobalt", "time_entry", "503");
        let project = entry.sibling("project");
        let ask = |day| after_closing(&entry, &project, date(2026, 11, 16), day);
        assert_eq!(ask(date(2026, 11, 16)), None);
        let late = ask(date(2026, 11, 17)).unwrap();
        assert_eq!((late.code, late.owner), (PROJECT_CLOSED, "delivery"));
    }
}
