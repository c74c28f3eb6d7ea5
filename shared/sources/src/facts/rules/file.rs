//! What a source must say before its files are read.

use super::super::file::Form;
use super::super::hole::Hole;
use super::super::message::Payload;
use super::super::{Facts, Transport};

pub(super) fn hole(facts: &Facts) -> Option<Hole> {
    let is_dropped = facts.transport.contains(&Transport::File);
    let Some(file) = &facts.file else {
        return is_dropped.then(|| {
            Hole::new(
                "transport",
                "a source whose files are dropped needs [file]: which forms are read",
            )
        });
    };
    if !is_dropped {
        return Some(Hole::new(
            "file",
            "add \"file\" to transport: without it no file of this source is read",
        ));
    }
    if file.forms.is_empty() {
        return Some(Hole::new(
            "file.forms",
            "say how a file may be written: csv, json",
        ));
    }
    if file.forms.contains(&Form::Csv) && file.columns.is_empty() {
        return Some(Hole::new(
            "file.columns",
            "name the columns that no row can do without: any text passes for a table otherwise",
        ));
    }
    (facts.message.payload != Payload::Fat).then(|| {
        Hole::new(
            "message.payload",
            "a row of a file must carry the whole record (fat): there is nothing to fetch the rest from",
        )
    })
}
