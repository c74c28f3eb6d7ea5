//! Shows what is going on: spinners and bars on a terminal, plain lines in a log.

use std::io::{IsTerminal as _, stderr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::env;

/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(120);

/// A spinner with what the step is doing now.
const SPINNER: &str = "  {spinner}   {prefix} {msg:.dim} ({elapsed})";
/// A spinner with a bar of what has arrived.
const BAR: &str = "  {spinner}   {prefix} {wide_bar} {decimal_bytes}/{decimal_total_bytes} {percent} % ({elapsed})";

/// Without a terminal, a download is told of at every such part of it.
const TOLD_PARTS: u64 = 4;

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
            told: AtomicU64::new(0),
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
    style(&bar, SPINNER);
    bar.set_prefix(what.to_owned());
    bar.enable_steady_tick(TICK);
    bar
}

fn style(bar: &ProgressBar, template: &str) {
    // A template that cannot be read leaves the bar as it was.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}

/// One step under way.
#[derive(Debug)]
pub struct Step {
    progress: Progress,
    what: String,
    bar: Option<ProgressBar>,
    began: Instant,
    told: AtomicU64,
    finished: bool,
}

impl Step {
    /// Says what the step is doing now; shown only beside a spinner.
    pub fn now(&self, text: impl Into<String>) {
        if let Some(bar) = &self.bar {
            style(bar, SPINNER);
            bar.set_message(text.into());
        }
    }

    /// Says how much of a download has arrived.
    pub fn bytes(&self, arrived: u64, total: u64) {
        if total == 0 {
            return;
        }
        let arrived = arrived.min(total);
        if let Some(bar) = &self.bar {
            if bar.length() != Some(total) {
                style(bar, BAR);
                bar.set_length(total);
            }
            bar.set_position(arrived);
        } else if let Some(percent) = self.worth_telling(arrived, total) {
            let text = format!("  ..  {}: {percent} % of {}", self.what, megabytes(total));
            self.progress.line(&text);
        }
    }

    /// The percentage, when a further part has arrived since it was last told.
    fn worth_telling(&self, arrived: u64, total: u64) -> Option<u64> {
        let part = arrived.saturating_mul(TOLD_PARTS) / total;
        let before = self.told.fetch_max(part, Ordering::Relaxed);
        (part > before && part < TOLD_PARTS).then(|| part * 100 / TOLD_PARTS)
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

/// A number of bytes as people read it.
#[must_use]
pub fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_is_told_of_in_quarters_where_nobody_watches() {
        let step = Progress::silent().step("download");
        let told = [0, 10, 30, 40, 55, 99, 100].map(|arrived| step.worth_telling(arrived, 100));
        assert_eq!(told, [None, None, Some(25), None, Some(50), Some(75), None]);
    }

    #[test]
    fn a_duration_is_short_to_read() {
        assert_eq!(seconds(Duration::from_millis(4_260)), "4.2 s");
        assert_eq!(seconds(Duration::from_secs(187)), "3 min 07 s");
    }
}
