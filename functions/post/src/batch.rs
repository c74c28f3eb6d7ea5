//! Which records go to Odoo together.

use domain::Record;
use domain::command::Command;

/// Cuts pending records into batches: all time together, in one `load`; everything else one by
/// one, because each is a call of its own whose outcome must be known before the next.
pub fn batches(records: Vec<Record>) -> Vec<Vec<Record>> {
    let is_time = |record: &Record| matches!(record.command, Some(Command::LogTime(_)));
    let (time, single): (Vec<_>, Vec<_>) = records.into_iter().partition(is_time);
    let mut batches: Vec<Vec<Record>> = single.into_iter().map(|record| vec![record]).collect();
    if !time.is_empty() {
        batches.push(time);
    }
    batches
}
