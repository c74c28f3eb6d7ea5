//! Files that others put into a bucket, read piece by piece.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;

use crate::{Connection, StoreError};

/// A bucket we read from.
#[derive(Debug, Clone)]
pub struct Files {
    client: Client,
    bucket: String,
}

/// A file that is being read.
pub struct OpenFile(ByteStream);

impl Files {
    /// The bucket of this name. Its client is made here and not shared: only one function reads
    /// files, and the others need not carry what it takes.
    pub fn new(connection: &Connection, bucket: impl Into<String>) -> Self {
        Self {
            client: connection.s3(),
            bucket: bucket.into(),
        }
    }

    /// Opens one version of a file, which never changes.
    pub async fn open(&self, key: &str, version: &str) -> Result<OpenFile, StoreError> {
        let answer = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .version_id(version)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("bucket", "open", error))?;
        Ok(OpenFile(answer.body))
    }
}

impl OpenFile {
    /// The next bytes; none at the end.
    pub async fn next(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, StoreError> {
        let bytes = self.0.try_next().await;
        bytes.map_err(|error| StoreError::unavailable("bucket", "read", error))
    }
}
