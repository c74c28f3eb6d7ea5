//! What a person sees of some entries: in the ledger, and in Odoo.

use domain::{Record, State};
use serde::Deserialize;
use serde_json::json;

use crate::poster::{Poster, entry, shard};
use crate::support::{number, raw};

/// A line of time in Odoo.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Line {
    /// Its database id.
    pub id: i64,
    /// The entry's number.
    #[serde(rename = "ref")]
    pub entry: String,
    /// Its hours, as Odoo's JSON has them.
    #[serde(rename = "unit_amount")]
    pub hours: domain::DecimalText,
}

impl Poster {
    /// Where the newest versions stand, and why.
    pub async fn states(&self, ids: &[&str]) -> Vec<(State, Option<String>)> {
        let versions = self.versions(ids).await.into_iter();
        versions
            .map(|newest| (newest.state, newest.reason))
            .collect()
    }

    /// The newest version of an entry.
    pub async fn newest(&self, id: &str) -> Record {
        let mut versions = self.ledger.versions(&entry(id)).await.unwrap();
        versions.remove(0)
    }

    /// The newest versions of some entries.
    pub async fn versions(&self, ids: &[&str]) -> Vec<Record> {
        let mut versions = Vec::new();
        for id in ids {
            versions.push(self.newest(id).await);
        }
        versions
    }

    /// The lines of some entries, as a person sees them in Odoo.
    pub async fn lines(&self, ids: &[&str]) -> Vec<Line> {
        let search = json!({
            "domain": [["ref", "in", ids]], "fields": ["ref", "unit_amount"], "order": "id",
        });
        let model = "account.analytic.line";
        let lines = raw(&self.world.admin, model, "search_read", search).await;
        // Through the text, so that a number is read from its digits.
        serde_json::from_str(&lines.unwrap().to_string()).unwrap()
    }

    /// What holds after every fault: each entry is one line of its two hours, the ledger knows it,
    /// nothing is pending, nobody is asked.
    pub async fn exactly_once(&self, ids: &[&str]) {
        let lines = self.lines(ids).await;
        let mut entries: Vec<&str> = lines.iter().map(|line| line.entry.as_str()).collect();
        entries.sort_unstable();
        let mut expected = ids.to_vec();
        expected.sort_unstable();
        assert_eq!(entries, expected, "each once");
        for id in ids {
            let line = lines.iter().find(|line| line.entry == *id).expect("a line");
            assert_eq!(line.hours.0, number("2"), "{id}");
            let record = self.newest(id).await;
            let known = record.posted.expect("the ledger knows it");
            assert_eq!((record.state, known.id), (State::Posted, line.id), "{id}");
            assert_eq!(self.exceptions.of(&entry(id)).await.unwrap(), [], "{id}");
        }
        assert_eq!(self.ledger.pending(shard(), None, 10).await.unwrap(), []);
    }
}
