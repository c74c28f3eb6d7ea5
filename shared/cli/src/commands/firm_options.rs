//! The options of `tenon demo` and `tenon dev` that say what the firm runs on.

use clap::Args;

use crate::commands::CommandError;
use crate::commands::their_odoo::OdooOptions;
use crate::functions::Profile;
use crate::progress::Progress;
use crate::running::RunningWorld;
use crate::stack::{ForeignOdoo, seed};
use crate::standin::demo;
use crate::story::{self, Firm, OdooKeys, TheirOdoo};

/// How the functions are built, and which Odoo they write to.
#[derive(Debug, Args)]
pub struct FirmOptions {
    /// Build the functions as they ship (slower to build).
    #[arg(long)]
    release: bool,
    #[command(flatten)]
    odoo: OdooOptions,
    /// Write demo data even into a database that has confirmed sale orders.
    #[arg(long, requires = "odoo_url")]
    write_among_real_records: bool,
}

impl FirmOptions {
    /// How the functions are built.
    pub const fn profile(&self) -> Profile {
        if self.release {
            Profile::Release
        } else {
            Profile::Quick
        }
    }

    /// Opens the firm and writes down where it is.
    pub async fn open(
        &self,
        command: &str,
        progress: &Progress,
    ) -> Result<(Firm, RunningWorld), CommandError> {
        let theirs = self.theirs()?;
        let firm = Firm::open_with(self.profile(), theirs.as_ref(), progress).await?;
        let world = firm.announce(command)?;
        Ok((firm, world))
    }

    /// Plays the story, or its first chapters. If it fails, the logs stay and are named.
    pub async fn play(
        &self,
        chapters: Option<u8>,
        firm: &mut Firm,
        progress: &Progress,
    ) -> Result<(), CommandError> {
        let played = match chapters {
            None => story::play(firm, progress).await,
            Some(last) => story::play_until(last, firm, progress).await,
        };
        if played.is_err() {
            firm.stack.keep_logs(progress);
        }
        Ok(played?)
    }

    fn theirs(&self) -> Result<Option<TheirOdoo>, CommandError> {
        let Some(named) = self.odoo.named() else {
            return Ok(None);
        };
        Ok(Some(TheirOdoo {
            odoo: ForeignOdoo {
                url: named.url.to_owned(),
                database: named.database.to_owned(),
            },
            keys: OdooKeys::read(named.keys)?,
            write_anyway: self.write_among_real_records,
        }))
    }

    /// Prints where everything is, and what can be asked, also about what the story has made.
    pub fn tell(&self, world: &RunningWorld, played: bool, progress: &Progress) {
        let line = |what: &str, text: &str| progress.tell(&format!("   {what:<10} {text}"));
        progress.tell("");
        line("Odoo", &world.odoo_url);
        if self.odoo.named().is_none() {
            for (login, password) in seed::PASSWORDS {
                line(
                    "",
                    &format!("log in as {login} with the password {password}"),
                );
            }
        }
        line("API", &world.api_url);
        line("AWS", &format!("{} (emulator)", world.endpoint_url));
        line("ask", "cargo tenon status");
        if played {
            let (portal, deal) = (demo::PORTAL, demo::DEAL);
            let reference = format!("hubspot__{portal}__deal__{deal}");
            line("", &format!("cargo tenon trace {reference}"));
        }
    }
}
