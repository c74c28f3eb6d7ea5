//! What the bucket tells us.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

/// A file that was put into the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dropped {
    /// Its key.
    pub(crate) key: String,
    /// Which of its versions.
    pub(crate) version: String,
    /// When.
    pub(crate) at: Timestamp,
}

/// A message that is none of the bucket's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotANotice {
    #[error("the message is no notification of a bucket (line {line}, column {column})")]
    Unreadable { line: usize, column: usize },
    #[error("the key of a file is not UTF-8")]
    NotText,
    #[error("a file has no version: versioning of the bucket must be on")]
    NoVersion,
}

/// A test message has no records.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Notice {
    records: Option<Vec<Record>>,
    event: Option<Test>,
}

#[derive(Deserialize)]
enum Test {
    #[serde(rename = "s3:TestEvent")]
    Connected,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    event_time: Timestamp,
    s3: Happened,
}

#[derive(Deserialize)]
struct Happened {
    object: Object,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    key: String,
    version_id: Option<String>,
}

/// The files that a message names; none in the test that S3 sends when it is connected.
pub(crate) fn read(text: &str) -> Result<Vec<Dropped>, NotANotice> {
    let notice: Notice = serde_json::from_str(text).map_err(|error| NotANotice::Unreadable {
        line: error.line(),
        column: error.column(),
    })?;
    match (notice.records, notice.event) {
        (Some(records), _) => records.into_iter().map(dropped).collect(),
        (None, Some(Test::Connected)) => Ok(Vec::new()),
        (None, None) => Err(NotANotice::Unreadable { line: 1, column: 1 }),
    }
}

fn dropped(record: Record) -> Result<Dropped, NotANotice> {
    let Object { key, version_id } = record.s3.object;
    // Written as in a form: a space is a plus, and a plus is %2B.
    let spaced = key.replace('+', " ");
    let key = percent_decode_str(&spaced).decode_utf8();
    Ok(Dropped {
        key: key.map_err(|_| NotANotice::NotText)?.into_owned(),
        version: version_id.ok_or(NotANotice::NoVersion)?,
        at: record.event_time,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(key: &str, version: &str) -> String {
        format!(
            r#"{{"Records":[{{"eventVersion":"2.1","eventName":"ObjectCreated:Put","eventTime":"2026-11-09T09:00:00.000Z",
            "s3":{{"bucket":{{"name":"b"}},"object":{{"key":"{key}","size":1{version},"sequencer":"0055AED6DCD90281E5"}}}}}}]}}"#
        )
    }

    fn key(written: &str) -> Option<String> {
        let files = read(&notice(written, r#","versionId":"v1""#)).ok()?;
        files.into_iter().next().map(|file| file.key)
    }

    #[test]
    fn a_key_is_read_as_s3_writes_it() {
        let same = |written, meant: &str| assert_eq!(key(written).as_deref(), Some(meant));
        same("in/generic/north/a+b.csv", "in/generic/north/a b.csv");
        same("in/generic/north/a%20b.csv", "in/generic/north/a b.csv");
        same("in/generic/north/a%2Bb.csv", "in/generic/north/a+b.csv");
        same(
            "in/generic/north/%C3%A9t%C3%A9.csv",
            "in/generic/north/été.csv",
        );
        assert_eq!(key("in/generic/north/%FF.csv"), None);
    }

    #[test]
    fn the_test_of_s3_names_no_file_and_anything_else_is_no_notice() {
        let test = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2014-10-13T15:57:02.089Z",
            "Bucket":"b","RequestId":"5582815E1AEA5ADF","HostId":"8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR"}"#;
        assert_eq!(read(test).ok(), Some(Vec::new()));
        for odd in [
            "",
            "{}",
            "[]",
            r#"{"Event":"s3:Other"}"#,
            r#"{"Records":[{}]}"#,
        ] {
            assert!(
                matches!(read(odd), Err(NotANotice::Unreadable { .. })),
                "{odd}"
            );
        }
        assert!(matches!(read(&notice("a", "")), Err(NotANotice::NoVersion)));
    }
}
