//! The minute: the billing runs that the book's `[[flows]]` make due, and those that people ask for.

use aws::{Chain, EntityRuns};
use domain::Flow;
use domain::book::{Book, Entity, FlowPolicy};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tracing::{error, info};

use crate::run::{Run, Summary};
use crate::{Bill, BillError};

/// Why an entity is billed now.
enum Turn {
    /// Its schedule says so.
    Due(Timestamp),
    /// A person asked for it then.
    Asked(Timestamp),
}

impl Bill {
    /// Starts what is due. A turn is noted as done when all of its contracts were gone through; until
    /// then the next minute goes on with it, and no contract gets a second invoice of one run.
    pub(crate) async fn minute(&self) -> Result<Summary, BillError> {
        let now = self.clock.now();
        let book = self.books.active(now).await?;
        let noted = self.runs.all().await?;
        let mut summary = Summary::default();
        for (key, entity) in &book.entities {
            let noted = noted.get(key).copied().unwrap_or_default();
            let policy = book.flow(Flow::Invoices, Some(key));
            let zone = zone(entity)?;
            let Some(turn) = self.turn(&policy, &noted, &zone, now).await? else {
                continue;
            };
            summary.add(&self.take_turn(&book, key, entity, &zone, &turn).await?);
        }
        Ok(summary)
    }

    async fn take_turn(
        &self,
        book: &Book,
        key: &str,
        entity: &Entity,
        zone: &TimeZone,
        turn: &Turn,
    ) -> Result<Summary, BillError> {
        let (Turn::Due(at) | Turn::Asked(at)) = turn;
        let local = at.to_zoned(zone.clone());
        let run = Run {
            name: local.strftime("%Y-%m-%dT%H:%M").to_string(),
            cut_off: local.date(),
            is_once: true,
        };
        let summary = self.run_entity(book, key, entity, &run).await?;
        info!(entity = key, run = run.name, ?summary, "billing run");
        if summary.failed > 0 {
            error!(
                entity = key,
                run = run.name,
                failed = summary.failed,
                "billing run goes on in a minute"
            );
            return Ok(summary);
        }
        match turn {
            Turn::Due(turn) => self.runs.done(key, *turn).await?,
            Turn::Asked(asked) => self.runs.answer(key, *asked).await?,
        }
        Ok(summary)
    }

    /// The oldest turn that is not done.
    async fn turn(
        &self,
        policy: &FlowPolicy<'_>,
        noted: &EntityRuns,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<Option<Turn>, BillError> {
        if let Some(asked) = noted.asked.filter(|asked| noted.answered < Some(*asked)) {
            return Ok(Some(Turn::Asked(asked)));
        }
        let Some(last) = policy.last_turn(now, zone) else {
            return Ok(None);
        };
        let since = match noted.done {
            Some(done) => done,
            // A schedule begins with the book that says it: what lay before was somebody else's.
            None => match self.books.timeline().await?.at(now) {
                Some(decision) => decision.from.max(decision.at),
                None => now,
            },
        };
        Ok((last > since).then_some(Turn::Due(last)))
    }
}

fn zone(entity: &Entity) -> Result<TimeZone, BillError> {
    TimeZone::get(&entity.zone).map_err(|failure| {
        error!(error = %Chain(&failure), "zone");
        BillError::NoZone {
            zone: entity.zone.clone(),
        }
    })
}
