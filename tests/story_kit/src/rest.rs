//! Lets the functions work until nothing is due, and time pass.

use jiff::{SignedDuration, Timestamp};
use simulation::triggers::{is_posted, stream_event};

use crate::cloud::QUEUES;
use crate::deliver;
use crate::format::Schedule;
use crate::functions::Functions;
use crate::stage::{Stage, StageError};

/// What comes back within this time is waited for after every step; the clock goes along.
const SOON: SignedDuration = SignedDuration::from_secs(30);
/// How often the queues are gone through before a story is given up.
const ROUNDS: u32 = 2_000;
/// For so long into an advance the minute's schedules run every minute, and then every hour.
const EVERY_MINUTE: SignedDuration = SignedDuration::from_mins(15);
const HOUR: i64 = 3_600;
const MINUTE: i64 = 60;

impl Stage {
    /// Lets the functions work until no message is due within half a minute.
    ///
    /// # Errors
    /// When a function fails as a whole, or they never come to rest.
    pub async fn rest(&mut self) -> Result<(), StageError> {
        for _ in 0..ROUNDS {
            if self.round().await? {
                continue;
            }
            let clock = self.cloud.clock();
            match self.cloud.next_due() {
                Some(due) if due.duration_since(clock.shown()) <= SOON => clock.set(due),
                Some(_) | None => return Ok(()),
            }
        }
        let waiting = QUEUES.iter().map(|(name, _, _)| *name);
        Err(StageError::Restless {
            rounds: ROUNDS,
            queues: waiting
                .filter(|name| self.cloud.has_messages(name))
                .collect::<Vec<_>>()
                .join(", "),
        })
    }

    /// Goes through the queues once; answers whether there was anything to do.
    async fn round(&mut self) -> Result<bool, StageError> {
        let mut worked = false;
        for (queue, _, _) in QUEUES {
            let messages = self.cloud.receive(queue, Functions::at_once(queue));
            if messages.is_empty() {
                continue;
            }
            worked = true;
            let failed = self.functions.handle(queue, &messages).await;
            let failed = failed.map_err(StageError::Broken)?;
            for message in &messages {
                match failed.contains(&message.id) {
                    true => self
                        .notes
                        .push(format!("a message in {queue} is tried again later")),
                    false => self.cloud.delete(queue, message.id),
                }
            }
        }
        worked |= self.relay().await?;
        for telling in self.standins.echoes() {
            worked = true;
            deliver::tell(self, telling).await?;
        }
        Ok(worked)
    }

    /// Hands the changes of the ledger to `relay`.
    async fn relay(&mut self) -> Result<bool, StageError> {
        let changes = self.cloud.changes();
        let Some(last) = changes.last() else {
            return Ok(false);
        };
        let next = last.number + 1;
        let posted: Vec<_> = changes.into_iter().filter(is_posted).collect();
        if !posted.is_empty() {
            let answer = self.functions.relay.forward(&stream_event(&posted)).await;
            if answer != relay::StreamResponse::default() {
                return Err(StageError::Broken(
                    "relay could not forward a change".to_owned(),
                ));
            }
        }
        self.cloud.forwarded(next);
        Ok(true)
    }

    /// A schedule runs once.
    ///
    /// # Errors
    /// When its function cannot be asked like that.
    pub async fn run(
        &mut self,
        schedule: Schedule,
        cut_off: Option<jiff::civil::Date>,
    ) -> Result<(), StageError> {
        let unreadable = |error: serde_json::Error| StageError::Broken(error.to_string());
        let ran = match schedule {
            Schedule::Pull => self
                .functions
                .pull
                .run()
                .await
                .map(drop)
                .map_err(|error| chain(&error)),
            Schedule::Sweep => {
                let minute = serde_json::from_str(r#"{"sweep":true}"#).map_err(unreadable)?;
                let swept = self.functions.sweep.handle(minute).await;
                swept.map(drop).map_err(|error| error.to_string())
            }
            Schedule::Bill => {
                let due = serde_json::json!({"bill": "all", "cut_off": cut_off});
                let due = serde_json::from_value(due).map_err(unreadable)?;
                let billed = self.functions.bill.handle(due).await;
                billed.map(drop).map_err(|error| error.to_string())
            }
        };
        // On AWS it would be in the log, and the schedule runs again.
        if let Err(said) = ran {
            self.notes
                .push(format!("{schedule:?} ended with: {said}").to_lowercase());
        }
        self.rest().await
    }

    /// The minute of `bill`: the book may make a run due.
    async fn bill_as_the_book_says(&mut self) -> Result<(), StageError> {
        let minute = serde_json::from_value(serde_json::json!({"turns": true}));
        let minute = minute.map_err(|error| StageError::Broken(error.to_string()))?;
        if let Err(said) = self.functions.bill.handle(minute).await {
            self.notes.push(format!("bill ended with: {said}"));
        }
        self.rest().await
    }

    /// Lets time pass: what is due is handled when it is due, and the minute's schedules run.
    ///
    /// # Errors
    /// As [`Stage::rest`].
    pub async fn until(&mut self, end: Timestamp) -> Result<(), StageError> {
        let clock = self.cloud.clock();
        let began = clock.shown();
        while clock.shown() < end {
            let scheduled = next_minute(began, clock.shown());
            let due = self.cloud.next_due().filter(|due| *due > clock.shown());
            let next = due.map_or(scheduled, |due| due.min(scheduled)).min(end);
            clock.set(next);
            if next == scheduled {
                self.run(Schedule::Sweep, None).await?;
                self.run(Schedule::Pull, None).await?;
                self.bill_as_the_book_says().await?;
            }
            self.rest().await?;
        }
        Ok(())
    }

    /// Lets time pass until no message waits any more.
    ///
    /// # Errors
    /// As [`Stage::rest`].
    pub async fn until_quiet(&mut self) -> Result<(), StageError> {
        for _ in 0..ROUNDS {
            match self.cloud.next_due() {
                Some(due) => self.until(due).await?,
                None => return Ok(()),
            }
        }
        Err(StageError::Broken(
            "messages are sent again and again".to_owned(),
        ))
    }
}

/// When the minute's schedules run next.
fn next_minute(began: Timestamp, now: Timestamp) -> Timestamp {
    let step = match now.duration_since(began) < EVERY_MINUTE {
        true => MINUTE,
        false => HOUR,
    };
    let next = (now.as_second().div_euclid(step) + 1) * step;
    Timestamp::from_second(next).unwrap_or(Timestamp::MAX)
}

/// An error with everything below it.
fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_advance_runs_the_schedules_every_minute_at_first_and_every_hour_then() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let began = at("2026-11-16T15:00:30Z");
        assert_eq!(next_minute(began, began), at("2026-11-16T15:01:00Z"));
        assert_eq!(
            next_minute(began, at("2026-11-16T15:01:00Z")),
            at("2026-11-16T15:02:00Z")
        );
        assert_eq!(
            next_minute(began, at("2026-11-16T15:20:00Z")),
            at("2026-11-16T16:00:00Z")
        );
    }
}
