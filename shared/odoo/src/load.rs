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

/// What Odoo says about a load that it did not take.
#[derive(Deserialize)]
pub(crate) struct Message {
    #[serde(rename = "type")]
    kind: String,
    message: String,
    #[serde(default)]
    rows: Option<Rows>,
}

#[derive(Deserialize)]
struct Rows {
    from: usize,
}

impl Message {
    /// A failure of the call as a whole.
    pub(crate) fn about_no_row(message: String) -> Self {
        Self {
            kind: "error".to_owned(),
            message,
            rows: None,
        }
    }

    /// The row that it is about, when it names one.
    pub(crate) fn row(&self) -> Option<usize> {
        self.rows.as_ref().map(|rows| rows.from)
    }

    /// Odoo's own words.
    pub(crate) fn text(&self) -> &str {
        &self.message
    }
}

/// Whether Odoo took the rows.
pub(crate) enum Loaded {
    Ids(Vec<i64>),
    /// The call was answered; some of the rows are the reason.
    Refused(Vec<Message>),
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
            Loaded::Refused(messages) => {
                Err(OdooError::of_load(messages.iter().map(Message::text)))
            }
        }
    }

    /// Tries again when other writers were faster.
    pub(crate) async fn load_patiently(
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
        let errors: Vec<Message> = (answer.messages.into_iter())
            .filter(|message| message.kind == "error")
            .collect();
        let error = OdooError::of_load(errors.iter().map(Message::text));
        if matches!(error, OdooError::Busy { .. }) {
            return Err(error);
        }
        Ok(Loaded::Refused(errors))
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
