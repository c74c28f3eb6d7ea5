//! Records as the deliveries that carry them.

use std::collections::BTreeSet;

use super::{Lister, Named, Row};

/// The bytes of one delivery's records. Base64 and the envelope come on top, and a queue takes 256 KB.
pub(super) const MOST_BYTES: usize = 120 * 1024;

impl Lister<'_> {
    /// The bodies of deliveries with these records: in the shape of the list itself, at most so many
    /// and so large, with what they name beside them. A record that is too large for any is left out;
    /// its id is in the second list.
    #[must_use]
    pub fn bodies(
        &self,
        rows: &[&Row<'_>],
        beside: &Named<'_>,
        most: usize,
    ) -> (Vec<String>, Vec<String>) {
        let (mut bodies, mut too_large) = (Vec::new(), Vec::new());
        let (mut some, mut bytes) = (Vec::new(), 0);
        for row in rows {
            let length = row.text.len() + beside.of(self.list, row).map_or(0, str::len);
            if length > MOST_BYTES {
                let id = row.known.as_ref().map(|(id, _)| id.clone());
                too_large.push(id.unwrap_or_else(|| "without an id".to_owned()));
                continue;
            }
            if some.len() == most || bytes + length > MOST_BYTES {
                bodies.push(self.body(&std::mem::take(&mut some), beside));
                bytes = 0;
            }
            bytes += length;
            some.push(*row);
        }
        if !some.is_empty() {
            bodies.push(self.body(&some, beside));
        }
        (bodies, too_large)
    }

    fn body(&self, rows: &[&Row<'_>], beside: &Named<'_>) -> String {
        let records: Vec<&str> = rows.iter().map(|row| row.text).collect();
        let list = match self.list.by_id {
            true => {
                let named = |(number, record)| format!("\"{number}\":{record}");
                let records: Vec<String> = (1..).zip(records).map(named).collect();
                format!("{{{}}}", records.join(","))
            }
            false => format!("[{}]", records.join(",")),
        };
        let body = shaped(&self.list.records, list);
        let Some(facts) = &self.list.beside else {
            return body;
        };
        let named = rows.iter().filter_map(|row| beside.of(self.list, row));
        let named: BTreeSet<&str> = named.collect();
        let named = named.into_iter().collect::<Vec<_>>().join(",");
        let named = shaped(&facts.records, format!("[{named}]"));
        let open = body.strip_suffix('}').unwrap_or(&body);
        format!("{open},\"{}\":{named}}}", facts.name)
    }
}

/// A list at the place where an answer has it.
fn shaped(place: &str, list: String) -> String {
    let names = place.split('/').skip(1);
    let wrap = |inner: String, name: &str| format!("{{\"{name}\":{inner}}}");
    names.collect::<Vec<_>>().into_iter().rev().fold(list, wrap)
}
