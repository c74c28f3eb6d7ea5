//! Create once: Odoo's `load` with an external id leaves a known record untouched.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::OrFalse;
use crate::{Context, Odoo, OdooError};

/// Odoo repeats a transaction that met another one, but not inside `load`: that is ours to do.
const ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The cells of one row. A blank one empties the field: it is a write, not an omission.
pub type Row = Vec<String>;

#[derive(Deserialize)]
struct Answer {
    ids: OrFalse<Vec<i64>>,
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    message: String,
}

/// Whether Odoo took the rows.
enum Loaded {
    Ids(Vec<i64>),
    /// The call was answered; one of the rows is the reason.
    Refused(OdooError),
}

impl Odoo {
    /// All rows or none. One id per record, in the order of the rows; rows whose own cells are
    /// blank continue the record above them.
    pub async fn load(
        &self,
        context: &Context,
        model: &str,
        fields: &[&str],
        rows: &[Row],
    ) -> Result<Vec<i64>, OdooError> {
        match self.load_patiently(context, model, fields, rows).await? {
            Loaded::Ids(ids) => Ok(ids),
            Loaded::Refused(error) => Err(error),
        }
    }

    async fn load_patiently(
        &self,
        context: &Context,
        model: &str,
        fields: &[&str],
        rows: &[Row],
    ) -> Result<Loaded, OdooError> {
        let context = context.clone().insert_once();
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            match self.load_once(&context, model, fields, rows).await {
                Err(OdooError::Busy { message }) if attempt < ATTEMPTS => {
                    tracing::debug!(model, attempt, message, "load met another writer");
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }

    async fn load_once(
        &self,
        context: &Context,
        model: &str,
        fields: &[&str],
        rows: &[Row],
    ) -> Result<Loaded, OdooError> {
        let arguments = json!({"fields": fields, "data": rows});
        let answer: Answer = self.call(model, "load", context, arguments).await?;
        if let OrFalse(Some(ids)) = answer.ids {
            return Ok(Loaded::Ids(ids));
        }
        let texts: Vec<String> = (answer.messages.into_iter())
            .filter(|message| message.kind == "error")
            .map(|message| message.message)
            .collect();
        let error = OdooError::of_load(&texts);
        if matches!(error, OdooError::Busy { .. }) {
            return Err(error);
        }
        Ok(Loaded::Refused(error))
    }

    /// The one record of rows that describe one.
    pub(crate) async fn load_one(
        &self,
        context: &Context,
        model: &str,
        fields: &[&str],
        rows: &[Row],
    ) -> Result<i64, OdooError> {
        let ids = self.load(context, model, fields, rows).await?;
        match ids.as_slice() {
            [id] => Ok(*id),
            _ => Err(OdooError::Unreadable {
                reason: format!("{} records of {model} instead of one", ids.len()),
            }),
        }
    }

    /// Groups of rows that each stand or fall together, every row one record. What Odoo refuses is
    /// cut in halves until only the bad group is left, so that it does not hold the good ones.
    pub(crate) async fn load_groups(
        &self,
        context: &Context,
        model: &str,
        fields: &[&str],
        groups: &[Vec<Row>],
    ) -> Vec<Result<Vec<i64>, OdooError>> {
        let mut outcomes = Vec::with_capacity(groups.len());
        let mut open = vec![groups];
        while let Some(part) = open.pop() {
            let rows: Vec<Row> = part.iter().flatten().cloned().collect();
            match self.load_patiently(context, model, fields, &rows).await {
                Ok(Loaded::Ids(ids)) => outcomes.extend(shares(part, &ids)),
                Ok(Loaded::Refused(_)) if part.len() > 1 => {
                    let (left, right) = part.split_at(part.len() / 2);
                    // The last in is the first out: the answers stay in the order of the groups.
                    open.extend([right, left]);
                }
                Ok(Loaded::Refused(error)) | Err(error) => {
                    outcomes.extend(part.iter().map(|_| Err(error.clone())))
                }
            }
        }
        outcomes
    }
}

/// Gives each group the ids of its rows.
fn shares(groups: &[Vec<Row>], ids: &[i64]) -> Vec<Result<Vec<i64>, OdooError>> {
    let mut rest = ids.iter().copied();
    (groups.iter())
        .map(|group| {
            let share: Vec<i64> = rest.by_ref().take(group.len()).collect();
            if share.len() == group.len() {
                return Ok(share);
            }
            Err(OdooError::Unreadable {
                reason: "load answered fewer ids than rows".to_owned(),
            })
        })
        .collect()
}

/// A cell for a link by database id; blank when there is none.
pub(crate) fn link(id: Option<i64>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

/// Columns with their cells, for records with many fields.
#[derive(Default)]
pub(crate) struct Cells {
    pub(crate) fields: Vec<&'static str>,
    pub(crate) row: Row,
}

impl Cells {
    pub(crate) fn set(&mut self, field: &'static str, cell: impl Into<String>) {
        self.fields.push(field);
        self.row.push(cell.into());
    }

    /// A record with its lines, as columns and rows. Lines after the first continue the record:
    /// their cells of the record itself stay blank. None without a line.
    pub(crate) fn with_lines(self, lines: &[Self]) -> Option<(Vec<&'static str>, Vec<Row>)> {
        let mut fields = self.fields;
        fields.extend(&lines.first()?.fields);
        let blank = vec![String::new(); self.row.len()];
        let rows = (lines.iter().enumerate())
            .map(|(position, line)| {
                let mut row = if position == 0 { &self.row } else { &blank }.clone();
                row.extend(line.row.iter().cloned());
                row
            })
            .collect();
        Some((fields, rows))
    }
}

/// Odoo reads truth from `1` and `0` in a cell.
pub(crate) fn flag(value: bool) -> String {
    Value::from(u8::from(value)).to_string()
}
