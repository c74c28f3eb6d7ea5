//! What the engine counts on where DynamoDB has limits: 100 items and 16 MB of one BatchGetItem, 1 MB
//! of one Query, 400 KB of one item.

use aws::{Accepted, Pending, StoreError};
use domain::{NextStep, Record, Version};

use crate::records::{SHARD, entry, pointer, posted, waiting, with_text};
use crate::subjects::Tables;

/// All of them, each with tables of its own.
pub async fn every_case(fresh: &impl AsyncFn() -> Tables) {
    more_records_than_one_call_answers_come_in_order(fresh().await).await;
    records_of_more_than_sixteen_megabytes_come_whole(fresh().await).await;
    one_query_answers_no_more_than_a_megabyte(fresh().await).await;
    what_is_too_large_is_refused_and_not_kept(fresh().await).await;
    a_key_of_an_index_is_never_empty(fresh().await).await;
    a_text_comes_back_as_it_was(fresh().await).await;
}

async fn accept(tables: &Tables, records: &[Record]) {
    for chunk in records.chunks(32) {
        let writing = chunk.iter().map(|record| tables.ledger.accept(record));
        for accepted in futures::future::join_all(writing).await {
            assert_eq!(accepted.unwrap(), Accepted::New);
        }
    }
}

async fn more_records_than_one_call_answers_come_in_order(tables: Tables) {
    let records: Vec<Record> = (1000..1250).map(|id| waiting(&id.to_string(), 1)).collect();
    accept(&tables, &records).await;
    let mut pointers = tables.ledger.pending(SHARD, None, 500).await.unwrap();
    assert_eq!(pointers.len(), 250);
    // One that points to nothing is left out of the answer.
    pointers.push(Pending {
        reference: entry("missing"),
        version: Version(1),
    });
    assert_eq!(tables.ledger.records(&pointers).await.unwrap(), records);
    let done: Vec<Record> = records.iter().map(|record| posted(record, 4)).collect();
    tables.ledger.settle(&done).await.unwrap();
    assert_eq!(tables.ledger.pending(SHARD, None, 500).await.unwrap(), []);
    assert_eq!(tables.ledger.records(&pointers).await.unwrap(), done);
}

/// One call answers 16 MB and names the rest as unprocessed.
async fn records_of_more_than_sixteen_megabytes_come_whole(tables: Tables) {
    let large = |id: i32| with_text(&waiting(&id.to_string(), 1), 350_000);
    let records: Vec<Record> = (100..149).map(large).collect();
    accept(&tables, &records).await;
    let pointers: Vec<Pending> = records.iter().map(pointer).collect();
    let read = tables.ledger.records(&pointers).await.unwrap();
    assert_eq!(read.len(), records.len());
    assert!(read == records, "their content");
}

/// A pointer with the longest sort key takes 1.1 KB.
async fn one_query_answers_no_more_than_a_megabyte(tables: Tables) {
    let padding = "x".repeat(900);
    let record = |id: i32| waiting(&format!("{id}{padding}"), 1);
    let records: Vec<Record> = (1000..2100).map(record).collect();
    accept(&tables, &records).await;
    let mut all: Vec<Pending> = Vec::new();
    let mut answers = 0;
    loop {
        let next = tables.ledger.pending(SHARD, all.last(), 2000).await;
        let next = next.unwrap();
        if next.is_empty() {
            break;
        }
        assert!(next.len() < records.len(), "{}", next.len());
        all.extend(next);
        answers += 1;
    }
    assert_eq!(answers, 2);
    assert_eq!(all, records.iter().map(pointer).collect::<Vec<_>>());
}

async fn what_is_too_large_is_refused_and_not_kept(tables: Tables) {
    let record = with_text(&waiting("1", 1), 410_000);
    let refused = tables.ledger.accept(&record).await.unwrap_err();
    assert!(
        matches!(refused, StoreError::Unavailable { .. }),
        "{refused:?}"
    );
    assert_eq!(refused.next_step(), NextStep::Retry);
    let kept = tables.ledger.read(&record.reference, record.version).await;
    assert_eq!(kept.unwrap(), None);
    assert_eq!(tables.ledger.pending(SHARD, None, 10).await.unwrap(), []);
}

async fn a_key_of_an_index_is_never_empty(tables: Tables) {
    let record = Record {
        correlation: String::new(),
        ..waiting("1", 1)
    };
    assert!(tables.ledger.accept(&record).await.is_err());
    let kept = tables.ledger.versions(&record.reference).await;
    assert_eq!(kept.unwrap(), []);
}

async fn a_text_comes_back_as_it_was(tables: Tables) {
    let texts = [
        "",
        " ",
        "a\u{0}b",
        "\u{202e}x",
        "e\u{301} é",
        "💶",
        "\r\n",
        "\"\\",
    ];
    for (number, text) in (1..).zip(texts) {
        let mut record = waiting(text, number);
        record.reason = Some(text.to_owned());
        record.correlation = format!("delivery {number}");
        accept(&tables, std::slice::from_ref(&record)).await;
        let read = tables.ledger.read(&record.reference, record.version).await;
        assert_eq!(read.unwrap(), Some(record));
    }
}
