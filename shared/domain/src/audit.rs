//! What happened, in chains in which nothing can be changed, taken out or put in unnoticed.
//!
//! A chain is a row of numbered blocks, each with the digest of the one before. A seal names the
//! last block of every chain at the end of a day; whoever keeps a seal can prove later that nothing
//! before it was rewritten, not even from the first block on.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Fingerprint;

/// The chain of what people asked for.
pub const PEOPLE: &str = "people";
/// The chains of what became of records. There are several, so that workers who write at the same
/// time seldom wait for each other; a record may be in any of them.
pub const RECORDS: [&str; 4] = ["records-0", "records-1", "records-2", "records-3"];

/// Every chain.
pub fn chains() -> impl Iterator<Item = &'static str> {
    [PEOPLE].into_iter().chain(RECORDS)
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Entry {
    /// A version of a record came to stand somewhere.
    Record {
        /// When, in UTC.
        at: Timestamp,
        /// The business fact.
        reference: String,
        /// Its version.
        version: String,
        /// Where it stands, as the ledger says it.
        state: String,
        /// What it asks of Odoo, where it asks something.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<String>,
        /// What brought it: a delivery, a billing run, a person's decision.
        correlation: String,
        /// The digest of the record as the ledger kept it then.
        content: Fingerprint,
    },
    /// A person asked for something, or it ended.
    Decision {
        /// When, in UTC.
        at: Timestamp,
        /// Who, as IAM knows them.
        who: String,
        /// What was asked, for example `customer/link`.
        asked: String,
        /// What it was about: references, books, queues.
        about: Vec<String>,
        /// The digest of everything that was said with it.
        content: Fingerprint,
        /// `asked` before anything was done, then `done`, or why not.
        outcome: String,
    },
}

impl Entry {
    /// When it happened.
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Record { at, .. } | Self::Decision { at, .. } => *at,
        }
    }

    /// Whether it is about something.
    pub fn is_about(&self, thing: &str) -> bool {
        match self {
            Self::Record { reference, .. } => reference == thing,
            Self::Decision { about, .. } => about.iter().any(|one| one == thing),
        }
    }
}

/// A link of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Its chain.
    pub chain: String,
    /// Its place, from 1 on.
    pub number: u64,
    /// The digest of the one before; none for the first.
    pub before: Option<Fingerprint>,
    /// When it was written, in UTC.
    pub at: Timestamp,
    /// What happened.
    pub entries: Vec<Entry>,
}

/// A block as it is kept: its text, because the digest is that of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The number it is kept under.
    pub number: u64,
    /// The digest that is kept beside it.
    pub digest: Fingerprint,
    /// The block in JSON.
    pub text: String,
}

impl Kept {
    /// The block.
    ///
    /// # Errors
    /// When the text is none.
    pub fn block(&self) -> serde_json::Result<Block> {
        serde_json::from_str(&self.text)
    }
}

/// The last block of a chain that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its number; 0 before the first.
    pub number: u64,
    /// Its digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Fingerprint>,
}

impl Head {
    /// Before the first block.
    pub const START: Self = Self {
        number: 0,
        digest: None,
    };
}

/// Why a chain is not what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Tampered {
    /// The text has another digest than the one that is kept with it.
    #[error("block {0} was changed after it was written")]
    Changed(u64),
    /// A number is left out.
    #[error("block {0} is missing")]
    Missing(u64),
    /// It does not follow from the one before: that one was replaced, or this one.
    #[error("block {0} does not follow from the one before: one of the two was replaced")]
    Replaced(u64),
    /// The chain does not reach the block that a seal names.
    #[error("the seal of {day} names block {number}, which is not there as it was")]
    Unsealed {
        /// The day of the seal.
        day: Date,
        /// The block.
        number: u64,
    },
}

/// Looks at blocks that follow `last`, in order.
///
/// # Errors
/// The first place where the chain is not what was written.
pub fn examine(last: Head, blocks: &[Kept]) -> Result<Head, Tampered> {
    let mut last = last;
    for kept in blocks {
        let expected = last.number + 1;
        if kept.number != expected {
            return Err(Tampered::Missing(expected));
        }
        if Fingerprint::of(&kept.text) != kept.digest {
            return Err(Tampered::Changed(kept.number));
        }
        match kept.block() {
            Ok(block) if block.number == kept.number && block.before == last.digest => {}
            Ok(_) | Err(_) => return Err(Tampered::Replaced(kept.number)),
        }
        last = Head {
            number: kept.number,
            digest: Some(kept.digest.clone()),
        };
    }
    Ok(last)
}

/// Where every chain ended at the end of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The day, in UTC.
    pub day: Date,
    /// The last block of each chain.
    pub chains: BTreeMap<String, Head>,
    /// The digest of all this.
    pub root: Fingerprint,
}

impl Seal {
    /// Seals a day.
    pub fn of(day: Date, chains: BTreeMap<String, Head>) -> Self {
        let root = Self::digest(day, &chains);
        Self { day, chains, root }
    }

    /// Whether its root is that of what it says.
    pub fn is_whole(&self) -> bool {
        self.root == Self::digest(self.day, &self.chains)
    }

    fn digest(day: Date, chains: &BTreeMap<String, Head>) -> Fingerprint {
        let lines = chains.iter().map(|(chain, head)| {
            let digest = head.digest.as_ref().map_or("", Fingerprint::as_str);
            format!("{chain} {} {digest}\n", head.number)
        });
        Fingerprint::of(&format!("{day}\n{}", lines.collect::<String>()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "1970-01-01T00:00:00Z";
    const OTHER: &str = "1970-01-02T00:00:00Z";

    fn chain(length: u64) -> Vec<Kept> {
        let mut before = None;
        let kept = (1..=length).map(|number| {
            let block = Block {
                chain: PEOPLE.to_owned(),
                number,
                before: before.clone(),
                at: Timestamp::UNIX_EPOCH,
                entries: Vec::new(),
            };
            let text = serde_json::to_string(&block).unwrap();
            let digest = Fingerprint::of(&text);
            before = Some(digest.clone());
            Kept {
                number,
                digest,
                text,
            }
        });
        kept.collect()
    }

    #[test]
    fn every_kind_of_tampering_is_found_where_it_is() {
        let whole = chain(5);
        let end = examine(Head::START, &whole).unwrap();
        assert_eq!(end.number, 5);
        let of = |change: fn(&mut Vec<Kept>)| {
            let mut blocks = chain(5);
            change(&mut blocks);
            examine(Head::START, &blocks)
        };
        assert_eq!(
            of(|blocks| blocks[2].text = blocks[2].text.replace(WRITTEN, OTHER)),
            Err(Tampered::Changed(3))
        );
        assert_eq!(
            of(|blocks| {
                blocks[2].text = blocks[2].text.replace(WRITTEN, OTHER);
                blocks[2].digest = Fingerprint::of(&blocks[2].text);
            }),
            Err(Tampered::Replaced(4))
        );
        let removed = of(|blocks| {
            blocks.remove(1);
        });
        assert_eq!(removed, Err(Tampered::Missing(2)));
        let put_in = of(|blocks| {
            let twice = blocks[1].clone();
            blocks.insert(1, twice);
        });
        assert_eq!(put_in, Err(Tampered::Missing(3)));
    }

    #[test]
    fn a_chain_is_looked_at_piece_by_piece() {
        let blocks = chain(5);
        let (first, second) = blocks.split_at(2);
        let half = examine(Head::START, first).unwrap();
        assert_eq!(
            examine(half, second),
            examine(Head::START, &blocks),
            "in two pieces as in one"
        );
    }

    #[test]
    fn a_seal_that_was_changed_is_not_whole() {
        let head = examine(Head::START, &chain(2)).unwrap();
        let day = jiff::civil::date(2026, 11, 22);
        let mut seal = Seal::of(day, BTreeMap::from([(PEOPLE.to_owned(), head)]));
        assert!(seal.is_whole());
        seal.chains.get_mut(PEOPLE).unwrap().number = 1;
        assert!(!seal.is_whole());
    }
}
