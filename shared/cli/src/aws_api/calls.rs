//! The calls that need more than a line: buckets and objects, secrets, identities.

use reqwest::Method;

use crate::aws_api::error::succeeded;
use crate::aws_api::{Aws, AwsError, Credentials, REGION, Request, SECRETS, xml};

impl Aws {
    /// Creates a bucket in our region.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn create_bucket(&self, bucket: &str) -> Result<(), AwsError> {
        let place = format!(
            "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             <LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
        );
        self.s3_put("CreateBucket", bucket, place.into_bytes())
            .await
    }

    /// Writes an object.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn put_object(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<(), AwsError> {
        self.s3_put("PutObject", &format!("{bucket}/{key}"), body)
            .await
    }

    async fn s3_put(&self, action: &str, path: &str, body: Vec<u8>) -> Result<(), AwsError> {
        let url = format!("{}/{path}", self.endpoint);
        let request = Request {
            service: "s3",
            action,
            method: Method::PUT,
            url,
            headers: Vec::new(),
            body,
        };
        succeeded("s3", action, self.send(request).await?).map(drop)
    }

    /// Sets the value of a secret, creating it if needed.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn put_secret(&self, name: &str, value: &str) -> Result<(), AwsError> {
        let put = serde_json::json!({ "SecretId": name, "SecretString": value });
        match self.json(SECRETS, "PutSecretValue", &put).await {
            Err(AwsError::Refused { code, .. }) if code.contains("ResourceNotFound") => {
                let create = serde_json::json!({ "Name": name, "SecretString": value });
                self.json(SECRETS, "CreateSecret", &create).await.map(drop)
            }
            other => other.map(drop),
        }
    }

    /// A new access key of an IAM user, to act as that user.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn new_access_key(&self, user: &str) -> Result<Credentials, AwsError> {
        let name = [("UserName".to_owned(), user.to_owned())];
        let answer = self
            .query("iam", "2010-05-08", "CreateAccessKey", &name)
            .await?;
        let first = |name| xml::first_text(&answer, name);
        Ok(Credentials::new(
            &first("AccessKeyId"),
            &first("SecretAccessKey"),
            None,
        ))
    }

    /// The credentials of a session in a role, to act as that role.
    ///
    /// # Errors
    /// When the role does not trust the caller.
    pub async fn assume_role(
        &self,
        role_arn: &str,
        session: &str,
    ) -> Result<Credentials, AwsError> {
        let who = [
            ("RoleArn".to_owned(), role_arn.to_owned()),
            ("RoleSessionName".to_owned(), session.to_owned()),
        ];
        let answer = self.query("sts", "2011-06-15", "AssumeRole", &who).await?;
        let first = |name| xml::first_text(&answer, name);
        Ok(Credentials::new(
            &first("AccessKeyId"),
            &first("SecretAccessKey"),
            Some(&first("SessionToken")),
        ))
    }
}
