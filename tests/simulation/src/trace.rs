//! What happened in a run: its digest always, its lines when somebody wants to read them.

use std::hash::{DefaultHasher, Hasher};
use std::time::Duration;

/// What happened in a run.
#[derive(Debug, Default)]
pub struct Trace {
    digest: DefaultHasher,
    lines: Option<Vec<String>>,
}

impl Trace {
    /// A trace; with lines when they are wanted.
    pub fn new(readable: bool) -> Self {
        Self {
            digest: DefaultHasher::new(),
            lines: readable.then(Vec::new),
        }
    }

    /// Notes what happened: `detail` counts for the digest, `line` is for people.
    pub fn note(&mut self, at: Duration, who: &str, detail: &str, line: impl FnOnce() -> String) {
        self.digest.write_u128(at.as_millis());
        for part in [who, detail] {
            self.digest.write(part.as_bytes());
            self.digest.write_u8(0xff);
        }
        let Some(lines) = &mut self.lines else {
            return;
        };
        let (seconds, millis) = (at.as_secs(), at.subsec_millis());
        let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
        let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
        lines.push(format!(
            "{days:>2}d {hours:02}:{minutes:02}:{seconds:02}.{millis:03}  {who:<11} {}",
            line()
        ));
    }

    /// The digest of everything that happened: the same for the same seed.
    pub fn digest(&self) -> u64 {
        self.digest.finish()
    }

    /// The lines, if they were wanted.
    pub fn into_lines(self) -> Vec<String> {
        self.lines.unwrap_or_default()
    }
}
