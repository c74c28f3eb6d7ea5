//! Deploys the SAM template as `aws cloudformation package` and `deploy` would: each function's program
//! goes into a bucket as a zip file, the template is pointed there, and CloudFormation does the rest. The
//! template file itself is the one that goes to AWS.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::aws_api::{Aws, AwsError, xml};
use crate::functions::Built;

/// The name of the deployed stack.
pub const STACK: &str = "tenon";
/// The bucket that the functions' programs are uploaded to.
const BUCKET: &str = "tenon-artifacts";
/// CloudFormation's version of the API.
pub(crate) const VERSION: &str = "2010-05-15";
/// How long the stack may take to be complete.
const LIMIT: Duration = Duration::from_secs(180);
/// How often we look.
const LOOK: Duration = Duration::from_millis(200);
/// What stands before and after a function's name in the template.
const CODE: (&str, &str) = ("CodeUri: ../target/lambda/", "/");

/// The template could not be deployed.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// A file cannot be read.
    #[error("{} cannot be read; build the functions first and check that the file is there", path.display())]
    NotRead {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A program cannot be packed.
    #[error("the function {name} cannot be packed")]
    NotPacked {
        /// The function.
        name: String,
        /// The cause.
        #[source]
        source: zip::result::ZipError,
    },
    /// The template has a function that is not in the workspace.
    #[error("the template wants the function `{0}`, but there is no crate functions/{0}")]
    UnknownFunction(String),
    /// A resource could not be created.
    #[error("the template could not be deployed: {resource} ({kind}): {reason}")]
    Failed {
        /// The logical name of the first resource that failed.
        resource: String,
        /// Its type.
        kind: String,
        /// The reason.
        reason: String,
    },
    /// It takes too long.
    #[error(
        "the deployment is still {status} after {LIMIT:?}; look into the emulator's log, aws.log in the run folder"
    )]
    TooSlow {
        /// The last status.
        status: String,
    },
    /// A thread of ours ended without a result.
    #[error("the deployment was interrupted; try again")]
    Interrupted,
    /// The emulator refused a call.
    #[error(transparent)]
    Aws(#[from] AwsError),
}

/// Deploys the template (`infra/template.yaml` unless another is given); answers its outputs.
///
/// # Errors
/// When a resource cannot be created; the message names the first one and the reason.
pub async fn deploy(
    aws: &Aws,
    built: &Built,
    template: Option<&Path>,
    parameters: &[(String, String)],
) -> Result<BTreeMap<String, String>, DeployError> {
    let path = template.map_or_else(
        || built.workspace.root.join("infra/template.yaml"),
        Path::to_owned,
    );
    let text = fs::read_to_string(&path).map_err(|source| DeployError::NotRead { path, source })?;
    aws.create_bucket(BUCKET).await?;
    for name in functions_in(&text) {
        let program = built
            .programs
            .iter()
            .find(|(function, _)| *function == name);
        let (_, program) = program.ok_or_else(|| DeployError::UnknownFunction(name.clone()))?;
        upload(aws, &name, program).await?;
    }
    create(aws, &packaged(&text), parameters).await
}

/// Uploads a function's program; answers bucket and key.
pub(crate) async fn upload(
    aws: &Aws,
    name: &str,
    program: &Path,
) -> Result<(&'static str, String), DeployError> {
    let program = program.to_owned();
    let packed = tokio::task::spawn_blocking(move || pack(&program)).await;
    let archive = packed.map_err(|_| DeployError::Interrupted)??;
    let key = key(name);
    aws.put_object(BUCKET, &key, archive).await?;
    Ok((BUCKET, key))
}

fn key(function: &str) -> String {
    format!("{function}.zip")
}

/// The functions whose code the template wants.
fn functions_in(template: &str) -> Vec<String> {
    let lines = template
        .lines()
        .filter_map(|line| line.trim().strip_prefix(CODE.0)?.strip_suffix(CODE.1));
    let mut names: Vec<String> = lines.map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The template with each function's code where we uploaded it.
#[must_use]
pub fn packaged(template: &str) -> String {
    let line = |line: &str| {
        let text = line.trim_start();
        let indent: String = line.chars().take(line.len() - text.len()).collect();
        match text
            .trim_end()
            .strip_prefix(CODE.0)
            .and_then(|rest| rest.strip_suffix(CODE.1))
        {
            Some(name) => format!("{indent}CodeUri: s3://{BUCKET}/{}\n", key(name)),
            None => format!("{line}\n"),
        }
    };
    template.lines().map(line).collect()
}

/// The program as `bootstrap` in a zip file, not compressed: it does not travel.
fn pack(program: &Path) -> Result<Vec<u8>, DeployError> {
    let bytes = fs::read(program).map_err(|source| DeployError::NotRead {
        path: program.to_owned(),
        source,
    })?;
    let not_packed = |source| DeployError::NotPacked {
        name: program.display().to_string(),
        source,
    };
    let mut archive = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len() + 1024)));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .unix_permissions(0o755);
    archive
        .start_file("bootstrap", options)
        .map_err(not_packed)?;
    archive
        .write_all(&bytes)
        .map_err(|error| not_packed(error.into()))?;
    Ok(archive.finish().map_err(not_packed)?.into_inner())
}

async fn create(
    aws: &Aws,
    template: &str,
    parameters: &[(String, String)],
) -> Result<BTreeMap<String, String>, DeployError> {
    let mut form = vec![
        ("StackName".to_owned(), STACK.to_owned()),
        ("TemplateBody".to_owned(), template.to_owned()),
        (
            "Capabilities.member.1".to_owned(),
            "CAPABILITY_IAM".to_owned(),
        ),
        (
            "Capabilities.member.2".to_owned(),
            "CAPABILITY_NAMED_IAM".to_owned(),
        ),
        (
            "Capabilities.member.3".to_owned(),
            "CAPABILITY_AUTO_EXPAND".to_owned(),
        ),
    ];
    for (number, (name, value)) in (1..).zip(parameters) {
        form.push((
            format!("Parameters.member.{number}.ParameterKey"),
            name.clone(),
        ));
        form.push((
            format!("Parameters.member.{number}.ParameterValue"),
            value.clone(),
        ));
    }
    aws.query("cloudformation", VERSION, "CreateStack", &form)
        .await?;
    let began = Instant::now();
    loop {
        let name = [("StackName".to_owned(), STACK.to_owned())];
        let answer = aws
            .query("cloudformation", VERSION, "DescribeStacks", &name)
            .await?;
        let status = xml::texts(&answer, "StackStatus")
            .into_iter()
            .next()
            .unwrap_or_default();
        match status.as_str() {
            "CREATE_COMPLETE" => return Ok(outputs(&answer)),
            "CREATE_IN_PROGRESS" | "REVIEW_IN_PROGRESS" if began.elapsed() < LIMIT => {}
            "CREATE_IN_PROGRESS" | "REVIEW_IN_PROGRESS" => {
                return Err(DeployError::TooSlow { status });
            }
            _ => {
                return Err(first_failure(
                    &aws.query("cloudformation", VERSION, "DescribeStackEvents", &name)
                        .await?,
                    &status,
                ));
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn outputs(answer: &str) -> BTreeMap<String, String> {
    let fields = xml::members(answer, "Outputs");
    let pair = |fields: Vec<(String, String)>| {
        (
            xml::field(&fields, "OutputKey").to_owned(),
            xml::field(&fields, "OutputValue").to_owned(),
        )
    };
    fields.into_iter().map(pair).collect()
}

/// Events come newest first, and what fails first makes others fail.
fn first_failure(events: &str, status: &str) -> DeployError {
    let events = xml::members(events, "StackEvents");
    let failed = |fields: &&Vec<(String, String)>| {
        let status = xml::field(fields, "ResourceStatus");
        status.ends_with("_FAILED")
            && !xml::field(fields, "ResourceStatusReason").contains("cancelled")
    };
    events
        .iter()
        .rev()
        .find(failed)
        .or_else(|| events.first())
        .map_or_else(
            || DeployError::TooSlow {
                status: status.to_owned(),
            },
            |fields| DeployError::Failed {
                resource: xml::field(fields, "LogicalResourceId").to_owned(),
                kind: xml::field(fields, "ResourceType").to_owned(),
                reason: xml::field(fields, "ResourceStatusReason").to_owned(),
            },
        )
}

/// Where the emulator serves a REST API. `output` is `https://<id>.execute-api.<region>…/<stage>…`, as
/// a template builds it.
#[must_use]
pub fn local_api_url(endpoint: &str, output: &str) -> String {
    let rest = output.split_once("://").map_or(output, |(_, rest)| rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let id = host.split('.').next().unwrap_or(host);
    format!("{endpoint}/_aws/execute-api/{id}/{path}")
        .trim_end_matches('/')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_code_of_the_template_changes() {
        let template = "Resources:\n  A:\n    Properties:\n      CodeUri: ../target/lambda/intake/\n      Handler: bootstrap\n\
            # CodeUri: elsewhere\n";
        assert_eq!(functions_in(template), ["intake"]);
        let expected = template.replace(
            "../target/lambda/intake/",
            "s3://tenon-artifacts/intake.zip",
        );
        assert_eq!(packaged(template), expected);
    }

    #[test]
    fn the_first_failure_is_told() {
        let events = "<R><StackEvents>\
            <member><LogicalResourceId>tenon</LogicalResourceId><ResourceStatus>ROLLBACK_COMPLETE</ResourceStatus></member>\
            <member><LogicalResourceId>B</LogicalResourceId><ResourceStatus>CREATE_FAILED</ResourceStatus>\
            <ResourceStatusReason>Resource creation cancelled</ResourceStatusReason></member>\
            <member><LogicalResourceId>A</LogicalResourceId><ResourceType>T</ResourceType><ResourceStatus>CREATE_FAILED</ResourceStatus>\
            <ResourceStatusReason>bad key</ResourceStatusReason></member></StackEvents></R>";
        let told = first_failure(events, "ROLLBACK_COMPLETE").to_string();
        assert_eq!(told, "the template could not be deployed: A (T): bad key");
    }

    #[test]
    fn an_api_is_called_on_the_emulator() {
        let url = local_api_url(
            "http://127.0.0.1:9",
            "https://abc.execute-api.eu-central-1.amazonaws.com/v1/",
        );
        assert_eq!(url, "http://127.0.0.1:9/_aws/execute-api/abc/v1");
    }

    #[test]
    fn a_packed_program_may_be_executed() {
        let program = std::env::temp_dir().join(format!("tenon-pack-{}", std::process::id()));
        fs::write(&program, "#!/bin/sh\n").unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(pack(&program).unwrap())).unwrap();
        let file = archive.by_name("bootstrap").unwrap();
        assert_eq!(file.unix_mode().unwrap() & 0o777, 0o755);
        fs::remove_file(&program).unwrap();
    }
}
