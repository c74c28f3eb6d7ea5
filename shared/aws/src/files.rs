//! Files in a bucket: those that others put there, read piece by piece, and those that we keep.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::primitives::ByteStream;

use crate::{Connection, StoreError};

/// A bucket.
#[derive(Debug, Clone)]
pub struct Files {
    client: Client,
    bucket: String,
}

/// A file that is being read.
pub struct OpenFile(ByteStream);

impl Files {
    /// The bucket of this name. Its client is made here and not shared: few functions know files,
    /// and the others need not carry what it takes.
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

    /// A file as it is now, as text; none when there is no such file.
    pub async fn read(&self, key: &str) -> Result<Option<String>, StoreError> {
        let get = self.client.get_object().bucket(&self.bucket).key(key);
        let answer = match get.send().await {
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            answer => answer.map_err(|error| StoreError::unavailable("bucket", "read", error))?,
        };
        let bytes = answer.body.collect().await;
        let bytes = bytes.map_err(|error| StoreError::unavailable("bucket", "read", error))?;
        let text = String::from_utf8(bytes.to_vec());
        text.map(Some)
            .map_err(|error| StoreError::unreadable(key, error))
    }

    /// Keeps a file under a name that no other content ever has; one that is there already stays.
    pub async fn keep(&self, key: &str, content: &str) -> Result<(), StoreError> {
        let put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .if_none_match("*")
            .body(ByteStream::from(content.as_bytes().to_vec()))
            .send()
            .await;
        match put {
            Err(error) if error.code() == Some("PreconditionFailed") => Ok(()),
            put => put
                .map(|_| ())
                .map_err(|error| StoreError::unavailable("bucket", "keep", error)),
        }
    }
}

impl OpenFile {
    /// The next bytes; none at the end.
    pub async fn next(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, StoreError> {
        let bytes = self.0.try_next().await;
        bytes.map_err(|error| StoreError::unavailable("bucket", "read", error))
    }
}
