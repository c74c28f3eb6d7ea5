//! Which deployment people ask, and as whom.

use clap::Args;
use reqwest::Method;
use serde_json::Value;

use crate::aws_api::Credentials;
use crate::cache::Cache;
use crate::commands::CommandError;
use crate::deploy;
use crate::door::Door;
use crate::env;
use crate::running::{RunningWorld, this_checkout};

/// Options of every command that asks a deployment.
#[derive(Debug, Args)]
pub struct Deployment {
    /// The deployed API: the stack's output ApiUrl. Without it, the world that runs here is asked.
    #[arg(long, env = "TENON_API_URL", value_name = "URL")]
    api_url: Option<String>,
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
        match &self.api_url {
            Some(url) => Ok(Door::new(&reachable(url), credentials_for(url)?)),
            None => {
                let world = the_one_here()?;
                Ok(Door::new(&world.api_url, world.person.credentials()))
            }
        }
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

/// The caller's own; for a world that runs here those of its person.
fn credentials_for(url: &str) -> Result<Credentials, CommandError> {
    if let Some((id, secret, token)) = env::aws_credentials() {
        return Ok(Credentials::new(&id, &secret, token.as_deref()));
    }
    let here = RunningWorld::all(&Cache::locate()?);
    let world = here
        .iter()
        .find(|(_, world)| world.api_url == url.trim_end_matches('/'));
    world
        .map(|(_, world)| world.person.credentials())
        .ok_or(CommandError::NoCredentials)
}

/// The only world of this checkout.
fn the_one_here() -> Result<RunningWorld, CommandError> {
    let mut worlds = RunningWorld::of(&Cache::locate()?, &this_checkout());
    match (worlds.pop(), worlds.is_empty()) {
        (Some((_, world)), true) => Ok(world),
        (None, _) => Err(CommandError::NoDeployment),
        (Some(last), false) => {
            worlds.push(last);
            let line = |(_, world): &(_, RunningWorld)| {
                format!("\n  --api-url {}    # {}", world.api_url, world.command)
            };
            Err(CommandError::SeveralWorlds(
                worlds.iter().map(line).collect(),
            ))
        }
    }
}

/// An emulator serves every API below its own address.
fn reachable(api_url: &str) -> String {
    match env::emulator_url() {
        Some(emulator) if api_url.contains(".execute-api.") => {
            deploy::local_api_url(&emulator, api_url)
        }
        _ => api_url.to_owned(),
    }
}
