//! Puts programs that changed into the functions of a running world.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use reqwest::Method;
use serde_json::json;

use crate::aws_api::{Aws, xml};
use crate::deploy::{self, DeployError, STACK};

/// What is deployed: what each function's program looked like.
#[derive(Debug, Clone)]
pub struct Deployed {
    programs: BTreeMap<String, Look>,
}

/// A program as it was seen. It is read again only when its file was written since.
#[derive(Debug, Clone, Copy)]
struct Look {
    written: SystemTime,
    digest: u64,
}

impl Deployed {
    /// Takes these programs for the deployed ones.
    ///
    /// # Errors
    /// When a program cannot be read.
    pub fn note(programs: &[(String, PathBuf)]) -> Result<Self, DeployError> {
        let mut looks = BTreeMap::new();
        for (name, program) in programs {
            looks.insert(name.clone(), look(program, None)?);
        }
        Ok(Self { programs: looks })
    }

    /// Replaces the code of every function whose program is another one now; answers their names.
    ///
    /// # Errors
    /// When a program cannot be read, or the emulator refuses it. What was replaced before is noted.
    pub async fn replace_changed(
        &mut self,
        aws: &Aws,
        programs: &[(String, PathBuf)],
    ) -> Result<Vec<String>, DeployError> {
        let mut replaced = Vec::new();
        for (name, program) in programs {
            let before = self.programs.get(name).copied();
            let now = look(program, before)?;
            if before.is_none_or(|before| before.digest != now.digest) {
                replace(aws, name, program).await?;
                replaced.push(name.clone());
            }
            self.programs.insert(name.clone(), now);
        }
        Ok(replaced)
    }
}

/// Looks at a program. An unkeyed hash of the standard library is compiled with optimisation even
/// where we are not, and nobody forges a program here.
fn look(program: &Path, before: Option<Look>) -> Result<Look, DeployError> {
    let not_read = |source| DeployError::NotRead {
        path: program.to_owned(),
        source,
    };
    let written = fs::metadata(program).and_then(|data| data.modified());
    let written = written.map_err(not_read)?;
    if let Some(before) = before.filter(|before| before.written == written) {
        return Ok(before);
    }
    let mut hasher = DefaultHasher::new();
    hasher.write(&fs::read(program).map_err(not_read)?);
    let digest = hasher.finish();
    Ok(Look { written, digest })
}

async fn replace(aws: &Aws, name: &str, program: &Path) -> Result<(), DeployError> {
    let (bucket, key) = deploy::upload(aws, name, program).await?;
    let function = deployed_name(aws, name).await?;
    let path = format!("/2015-03-31/functions/{function}/code");
    let code = json!({"S3Bucket": bucket, "S3Key": key});
    aws.rest("lambda", Method::PUT, &path, Some(&code)).await?;
    Ok(())
}

/// The deployed function of a crate: `Intake` in the template for `intake`.
async fn deployed_name(aws: &Aws, name: &str) -> Result<String, DeployError> {
    let of_stack = [("StackName".to_owned(), STACK.to_owned())];
    let answer = aws
        .query(
            "cloudformation",
            deploy::VERSION,
            "DescribeStackResources",
            &of_stack,
        )
        .await?;
    let wanted = name.replace('_', "");
    let resources = xml::members(&answer, "StackResources");
    resources
        .iter()
        .find(|resource| {
            xml::field(resource, "ResourceType") == "AWS::Lambda::Function"
                && xml::field(resource, "LogicalResourceId").eq_ignore_ascii_case(&wanted)
        })
        .map(|resource| xml::field(resource, "PhysicalResourceId").to_owned())
        .ok_or_else(|| DeployError::UnknownFunction(name.to_owned()))
}
