//! Which deployment people ask, and as whom.

use clap::Args;
use reqwest::Method;
use serde_json::Value;

use crate::aws_api::Credentials;
use crate::commands::CommandError;
use crate::deploy;
use crate::door::Door;
use crate::env;

/// Options of every command that asks a deployment.
#[derive(Debug, Args)]
pub struct Deployment {
    /// The deployed API: the stack's output ApiUrl.
    #[arg(long, env = "TENON_API_URL", value_name = "URL")]
    api_url: String,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
}

impl Deployment {
    /// Asks the console to read something.
    pub async fn get(&self, path: &str) -> Result<Value, CommandError> {
        Ok(self.door()?.ask(Method::GET, path, &Value::Null).await?)
    }

    /// Asks the console to do something.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, CommandError> {
        Ok(self.door()?.ask(Method::POST, path, body).await?)
    }

    fn door(&self) -> Result<Door, CommandError> {
        let (id, secret, token) = env::aws_credentials().ok_or(CommandError::NoCredentials)?;
        // An emulator serves every API below its own address.
        let url = match env::emulator_url() {
            Some(emulator) if self.api_url.contains(".execute-api.") => {
                deploy::local_api_url(&emulator, &self.api_url)
            }
            _ => self.api_url.clone(),
        };
        Ok(Door::new(
            &url,
            Credentials::new(&id, &secret, token.as_deref()),
        ))
    }

    /// Prints an answer: as it is, or in words.
    pub fn print(&self, answer: &Value, for_people: impl Fn(&Value)) -> Result<(), CommandError> {
        match self.json {
            true => println!("{answer:#}"),
            false => for_people(answer),
        }
        Ok(())
    }
}
