//! Shows what is going on: spinners on a terminal, plain lines in a log.

use std::io::{IsTerminal as _, stderr};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::env;

/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(120);

/// Where steps are shown. Cheap to clone; steps may run side by side.
#[derive(Debug, Clone)]
pub struct Progress {
    style: Style,
}

#[derive(Debug, Clone)]
enum Style {
    Spinners(MultiProgress),
    Lines,
    Silent,
}

impl Progress {
    /// Spinners on a terminal, otherwise one line at the start and one at the end of every step.
    #[must_use]
    pub fn new() -> Self {
        let style = if stderr().is_terminal() && !env::is_ci() {
            Style::Spinners(MultiProgress::new())
        } else {
            Style::Lines
        };
        Self { style }
    }

    /// Shows nothing.
    #[must_use]
    pub const fn silent() -> Self {
        Self {
            style: Style::Silent,
        }
    }

    /// Starts a step. It ends with [`Step::done`]; dropped before that, it is shown as stopped.
    #[must_use]
    pub fn step(&self, what: impl Into<String>) -> Step {
        let what = what.into();
        let bar = match &self.style {
            Style::Spinners(all) => Some(spinner(all, &what)),
            Style::Lines => {
                eprintln!("  ..  {what}");
                None
            }
            Style::Silent => None,
        };
        Step {
            progress: self.clone(),
            what,
            bar,
            began: Instant::now(),
            finished: false,
        }
    }

    /// Prints a line without disturbing the spinners.
    pub fn line(&self, text: &str) {
        match &self.style {
            Style::Spinners(all) => all.suspend(|| eprintln!("{text}")),
            Style::Lines => eprintln!("{text}"),
            Style::Silent => {}
        }
    }

    /// Prints what the command is asked for, on standard output.
    pub fn tell(&self, text: &str) {
        match &self.style {
            Style::Spinners(all) => all.suspend(|| println!("{text}")),
            Style::Lines => println!("{text}"),
            Style::Silent => {}
        }
    }

    /// Prints a warning.
    pub fn warn(&self, text: &str) {
        self.line(&format!("  !!  {text}"));
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

fn spinner(all: &MultiProgress, what: &str) -> ProgressBar {
    let bar = all.add(ProgressBar::new_spinner());
    if let Ok(style) = ProgressStyle::with_template("  {spinner}   {prefix} {msg:.dim} ({elapsed})")
    {
        bar.set_style(style);
    }
    bar.set_prefix(what.to_owned());
    bar.enable_steady_tick(TICK);
    bar
}

/// One step under way.
#[derive(Debug)]
pub struct Step {
    progress: Progress,
    what: String,
    bar: Option<ProgressBar>,
    began: Instant,
    finished: bool,
}

impl Step {
    /// Says what the step is doing now; shown only beside a spinner.
    pub fn now(&self, text: impl Into<String>) {
        if let Some(bar) = &self.bar {
            bar.set_message(text.into());
        }
    }

    /// Ends the step well.
    pub fn done(self) {
        self.done_with("");
    }

    /// Ends the step well and adds a remark.
    pub fn done_with(mut self, remark: &str) {
        self.finish("ok", remark);
    }

    fn finish(&mut self, mark: &str, remark: &str) {
        self.finished = true;
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let space = if remark.is_empty() { "" } else { ": " };
        let text = format!(
            "  {mark}  {}{space}{remark} ({})",
            self.what,
            seconds(self.began.elapsed())
        );
        self.progress.line(&text);
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if !self.finished {
            self.finish("--", "stopped");
        }
    }
}

/// A duration as people read it: `4.2 s`, `3 min 07 s`.
#[must_use]
pub fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 60 {
        format!("{whole}.{} s", time.subsec_millis() / 100)
    } else {
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_short_to_read() {
        assert_eq!(seconds(Duration::from_millis(4_260)), "4.2 s");
        assert_eq!(seconds(Duration::from_secs(187)), "3 min 07 s");
    }
}
