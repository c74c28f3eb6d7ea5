//! Plays a story from its first step to its last, or to the first that does not hold.

use crate::act::act;
use crate::format::{Step, Story};
use crate::functions::Place;
use crate::log;
use crate::look::look;
use crate::report::{Report, StepReport};
use crate::stage::{Stage, StageError};

/// Room for a handler whose futures were not optimised.
const STACK: usize = 64 * 1024 * 1024;
/// How many lines of the functions' log a report shows at the most.
const LINES: usize = 12;

/// Plays a story in a database of its own, in a thread of its own: the functions' log is that
/// thread's.
///
/// # Errors
/// When it cannot even begin.
pub fn play(story: &Story, odoo: &Place) -> Result<Report, StageError> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let running = thread.spawn_scoped(scope, || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let runtime = runtime.map_err(|error| StageError::Broken(error.to_string()))?;
            runtime.block_on(from_the_beginning(story, odoo))
        });
        let running = running.map_err(|error| StageError::Broken(error.to_string()))?;
        running.join().unwrap_or_else(|_| {
            Err(StageError::Broken(
                "the story ended in a panic; see above".to_owned(),
            ))
        })
    })
}

async fn from_the_beginning(story: &Story, odoo: &Place) -> Result<Report, StageError> {
    log::begin();
    let mut stage = Stage::set(story, odoo).await?;
    let mut report = Report {
        name: story.name.clone(),
        proves: story.proves.clone(),
        steps: Vec::new(),
        left_out: 0,
        at_the_end: Vec::new(),
    };
    for (place, step) in story.steps.iter().enumerate() {
        let told = one(&mut stage, step).await;
        let failed = !told.wrong.is_empty();
        report.steps.push(told);
        if failed {
            report.left_out = story.steps.len() - place - 1;
            return Ok(report);
        }
    }
    let expected = story
        .steps
        .iter()
        .flat_map(|step| &step.expect)
        .any(|expect| expect.dead_letters.is_some());
    let letters = stage.cloud.dead_letters();
    if !letters.is_empty() && !expected {
        report
            .at_the_end
            .push(format!("messages that nobody could handle: {letters:?}"));
    }
    Ok(report)
}

async fn one(stage: &mut Stage, step: &Step) -> StepReport {
    stage.begin_step();
    let began = log::length();
    let wrong = match steps(stage, step).await {
        Ok(wrong) => wrong,
        Err(error) => vec![with_causes(&error)],
    };
    let said = match wrong.is_empty() {
        true => Vec::new(),
        false => log::warnings(began, LINES),
    };
    StepReport {
        name: step.name.clone(),
        at: stage.cloud.clock().shown(),
        expectations: step.expect.len(),
        notes: stage.notes.iter().cloned().chain(said).collect(),
        wrong,
    }
}

/// Everything that is not as expected, not only the first.
async fn steps(stage: &mut Stage, step: &Step) -> Result<Vec<String>, StageError> {
    act(stage, step).await?;
    let mut wrong = Vec::new();
    for expect in &step.expect {
        wrong.extend(look(stage, expect).await?);
    }
    Ok(wrong)
}

fn with_causes(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}\n  because: {}", with_causes(source)),
        None => error.to_string(),
    }
}
