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
use crate::running::{Person, RunningWorld, this_checkout};

/// Options of every command that asks a deployment.
#[derive(Debug, Args)]
pub struct Deployment {
    /// The deployed API: the stack's output ApiUrl. Without it, the world that runs here is asked.
    #[arg(long, env = "TENON_API_URL", value_name = "URL")]
    api_url: Option<String>,
    /// In a world that runs here: which of its people asks, stella.steward or frank.finance
    /// [default: the first].
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
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
            Some(url) => Ok(Door::new(&reachable(url), self.credentials_for(url)?)),
            None => {
                let world = the_one_here()?;
                let person = self.one_of(&world)?;
                Ok(Door::new(&world.api_url, person.credentials()))
            }
        }
    }

    /// The caller's own; for a world that runs here those of one of its people.
    fn credentials_for(&self, url: &str) -> Result<Credentials, CommandError> {
        if let Some((id, secret, token)) = env::aws_credentials() {
            return Ok(Credentials::new(&id, &secret, token.as_deref()));
        }
        let here = RunningWorld::all(&Cache::locate()?);
        let is_it = |world: &&RunningWorld| world.api_url == url.trim_end_matches('/');
        let world = here.iter().map(|(_, world)| world).find(is_it);
        let world = world.ok_or(CommandError::NoCredentials)?;
        Ok(self.one_of(world)?.credentials())
    }

    /// The person who asks, of those of a world that runs here.
    fn one_of<'a>(&self, world: &'a RunningWorld) -> Result<&'a Person, CommandError> {
        let Some(name) = &self.person else {
            return Ok(&world.person);
        };
        let people = [&world.person, &world.approver];
        let called_so = people.into_iter().find(|person| person.name == *name);
        called_so.ok_or_else(|| CommandError::NoPerson(name.clone()))
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
