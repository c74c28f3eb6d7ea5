//! What flows hold back, and the decisions to let it go.

mod report;

use std::collections::BTreeSet;

use domain::book::{Book, Mode};
use domain::{Flow, Hold, LaneShard, Record};
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::info;

use crate::Console;
use crate::error::ConsoleError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    flow: Flow,
    #[serde(default)]
    entity: Option<String>,
}

/// What a decision did.
#[derive(Default)]
struct Done {
    let_go: usize,
    /// What the book does not let go, as far as it is looked at.
    left: usize,
    shards: BTreeSet<LaneShard>,
    /// Entities whose billing run starts within a minute.
    runs: BTreeSet<String>,
}

impl Console {
    /// What waits for the turn of its flow goes now.
    pub(crate) async fn run_flow(&self, body: &str) -> Result<Value, ConsoleError> {
        let (asked, book) = self.asked(body).await?;
        let entities = self.entities_that_go(&asked, &book)?;
        let mut done = Done::default();
        match asked.flow {
            Flow::Invoices => done.runs = entities,
            Flow::Customers | Flow::Contracts | Flow::Projects | Flow::Time | Flow::Assignments => {
                let flow = asked.flow;
                let records = self.held_by(Hold::Schedule, flow, &asked, &book).await?;
                self.let_go(Hold::Schedule, flow, &records, &mut done)
                    .await?;
            }
        }
        self.finish(&asked, done).await
    }

    /// What was only watched, or held because its flow was off, or left as a draft, goes now: as far
    /// as the book lets it go today.
    pub(crate) async fn promote_flow(&self, body: &str) -> Result<Value, ConsoleError> {
        let (asked, book) = self.asked(body).await?;
        self.entities_that_go(&asked, &book)?;
        let mut done = Done::default();
        for hold in [Hold::Off, Hold::Shadow, Hold::Draft] {
            let mut may_go = Vec::new();
            for record in self.held_by(hold, asked.flow, &asked, &book).await? {
                let entity = self.entity_key(&record, &book).await?;
                match is_let_go(&record, entity.as_deref(), &book) {
                    true => may_go.push((entity, record)),
                    false => done.left += 1,
                }
            }
            let (of, records): (Vec<_>, Vec<_>) = may_go.into_iter().unzip();
            match (hold, asked.flow) {
                // What was watched is not frozen: a run bills what is to be billed today.
                (Hold::Shadow, Flow::Invoices) => done.runs.extend(of.into_iter().flatten()),
                (hold, flow) => self.let_go(hold, flow, &records, &mut done).await?,
            }
        }
        self.finish(&asked, done).await
    }

    async fn asked(&self, body: &str) -> Result<(Asked, std::sync::Arc<Book>), ConsoleError> {
        let asked: Asked = serde_json::from_str(body)?;
        let book = self.books.active(self.clock.now()).await?;
        match &asked.entity {
            Some(key) if !book.entities.contains_key(key) => {
                Err(ConsoleError::NoEntity(key.clone()))
            }
            Some(_) | None => Ok((asked, book)),
        }
    }

    /// The entities asked for whose book lets the flow go; refused when none does.
    fn entities_that_go(
        &self,
        asked: &Asked,
        book: &Book,
    ) -> Result<BTreeSet<String>, ConsoleError> {
        let keys = book.entities.keys();
        let meant = keys.filter(|key| asked.entity.as_ref().is_none_or(|entity| entity == *key));
        let mode = |key: &String| book.flow(asked.flow, Some(key)).mode;
        let (go, stand): (Vec<_>, Vec<_>) =
            meant.partition(|key| matches!(mode(key), Mode::Draft | Mode::Live));
        match (go.is_empty(), stand.first()) {
            (true, Some(first)) => Err(ConsoleError::FlowStands {
                flow: asked.flow.name(),
                mode: mode(first).name(),
            }),
            _ => Ok(go.into_iter().cloned().collect()),
        }
    }

    /// The records of the entity asked for that are held back like this.
    async fn held_by(
        &self,
        hold: Hold,
        flow: Flow,
        asked: &Asked,
        book: &Book,
    ) -> Result<Vec<Record>, ConsoleError> {
        let pointers = self.ledger.held_back(hold, flow).await?;
        let pointers: Vec<_> = pointers.into_iter().map(|held| held.pointer).collect();
        let mut records = self.ledger.records(&pointers).await?;
        records.retain(Record::is_held_back);
        let Some(key) = &asked.entity else {
            return Ok(records);
        };
        let mut of_entity = Vec::with_capacity(records.len());
        for record in records {
            if self.entity_key(&record, book).await?.as_ref() == Some(key) {
                of_entity.push(record);
            }
        }
        Ok(of_entity)
    }

    /// The entity that a record is written for, as far as it is known.
    async fn entity_key(
        &self,
        record: &Record,
        book: &Book,
    ) -> Result<Option<String>, ConsoleError> {
        let Some(command) = &record.command else {
            return Ok(None);
        };
        let company = self.ledger.company_of(command).await?;
        let entity = company.and_then(|company| book.entity_of_company(company));
        Ok(entity.map(|(key, _)| key.to_owned()))
    }

    async fn let_go(
        &self,
        hold: Hold,
        flow: Flow,
        records: &[Record],
        done: &mut Done,
    ) -> Result<(), ConsoleError> {
        let now = self.clock.now();
        let shards = self.ledger.let_go(hold, flow, records, now).await?;
        done.shards.extend(shards);
        done.let_go += records.len();
        Ok(())
    }

    async fn finish(&self, asked: &Asked, done: Done) -> Result<Value, ConsoleError> {
        for shard in done.shards {
            self.bells.ring(shard).await?;
        }
        let now = self.clock.now();
        for entity in &done.runs {
            self.runs.ask(entity, now).await?;
        }
        let (flow, runs, left) = (asked.flow, done.runs, done.left);
        info!(%flow, let_go = done.let_go, left, runs = runs.len(), "a person lets a flow go");
        Ok(json!({
            "flow": flow,
            "entity": asked.entity,
            "let_go": done.let_go,
            "left": left,
            "runs": runs,
        }))
    }
}

/// Whether the book of today lets this record go. Time of a project that nobody has linked to a
/// contract stays where entities differ: nobody knows yet whose it is.
fn is_let_go(record: &Record, entity: Option<&str>, book: &Book) -> bool {
    let Some(command) = &record.command else {
        return false;
    };
    let flow = command.flow();
    if entity.is_none() && book.flow_differs_by_entity(flow) {
        return false;
    }
    let hold = book.flow(flow, entity).hold(command.ends_a_draft());
    matches!(hold, None | Some(Hold::Schedule))
}
