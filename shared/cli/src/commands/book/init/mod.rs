//! `tenon book init`: a first book from what an Odoo has, and the accounts at the CRM and the PSA,
//! with everything that nobody can know but the firm marked as a gap.

mod accounts;
mod files;
mod source_file;
mod texts;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use domain::book::GAP;
use odoo::OdooConfig;
use odoo::doctor::{Level, Patient, examine};
use odoo::survey::{Question, Survey, survey};

use accounts::System;

use crate::commands::CommandError;
use crate::commands::doctor::{of_service_users, print, today};
use crate::commands::init_error::InitError;
use crate::commands::source::now;
use crate::commands::source_error::SourceError;
use crate::commands::their_odoo::OdooOptions;
use crate::odoo_keys::KeysFile;

/// Longer than a list takes on a healthy Odoo.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Options of `tenon book init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The folder that the book is written into; it must not hold one.
    folder: PathBuf,
    #[command(flatten)]
    odoo: OdooOptions,
    /// The CRM.
    #[arg(long, value_name = "SOURCE", default_value = "hubspot")]
    crm: String,
    /// The PSA.
    #[arg(long, value_name = "SOURCE", default_value = "connectwise")]
    psa: String,
    /// A file with the CRM's secret, as the secret store will hold it: then its account is asked too.
    #[arg(long, value_name = "FILE")]
    crm_secret: Option<PathBuf>,
    /// The same for the PSA.
    #[arg(long, value_name = "FILE")]
    psa_secret: Option<PathBuf>,
    /// Another address of the CRM's API than the vendor's own.
    #[arg(long, value_name = "URL", requires = "crm_secret")]
    crm_url: Option<String>,
    /// Another address of the PSA's API than the vendor's own.
    #[arg(long, value_name = "URL", requires = "psa_secret")]
    psa_url: Option<String>,
    /// Have Odoo give an external id to every product, employee and payment term that has none, as
    /// its own export does. The service users need the group "Access to export feature" for it.
    #[arg(long)]
    name_all: bool,
}

impl Init {
    /// Asks and writes the files.
    pub async fn run(self) -> Result<(), CommandError> {
        let named = self.odoo.named().ok_or(InitError::NoOdoo)?;
        if holds_a_book(&self.folder) {
            return Err(InitError::BookIsThere(self.folder).into());
        }
        let crm = system(
            &self.crm,
            self.crm_secret.as_deref(),
            self.crm_url.as_deref(),
        )
        .await?;
        let psa = system(
            &self.psa,
            self.psa_secret.as_deref(),
            self.psa_url.as_deref(),
        )
        .await?;
        let file = KeysFile::read(named.keys)?;
        let keys = of_service_users(&file)?;
        let patient = Patient {
            url: named.url.to_owned(),
            database: named.database.to_owned(),
            keys: keys.clone(),
            book: None,
            today: today(),
        };
        let examination = examine(&patient).await;
        let to_mend = examination.findings.iter();
        to_mend
            .filter(|finding| finding.level != Level::Ok)
            .for_each(print);
        let config = OdooConfig {
            url: patient.url,
            database: patient.database,
            key: keys.master.clone(),
            read_timeout: READ_TIMEOUT,
        };
        let question = Question {
            config,
            keys,
            name_all: self.name_all,
        };
        let found = survey(question).await.map_err(InitError::from)?;
        let texts = files::of(&found, &crm, &psa);
        write(&self.folder, &texts)?;
        for sentence in [
            found.unanswered.as_slice(),
            &crm.unanswered,
            &psa.unanswered,
        ]
        .concat()
        {
            println!("  not listed: {sentence}");
        }
        tell(&self.folder, &found, &texts);
        Ok(())
    }
}

/// A CRM or PSA; asked where there is a secret to ask with.
async fn system(
    name: &str,
    secret: Option<&Path>,
    url: Option<&str>,
) -> Result<System, CommandError> {
    let source = sources::source(name).ok_or_else(|| SourceError::unknown(name))?;
    match secret {
        Some(file) => Ok(System::asked(source, file, url, now()).await?),
        None => Ok(System::unasked(source)),
    }
}

fn holds_a_book(folder: &Path) -> bool {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files = files.map(|file| file.path());
    files.any(|file| file.extension().is_some_and(|ending| ending == "toml"))
}

fn write(folder: &Path, texts: &[(&str, String)]) -> Result<(), InitError> {
    let not_written = |file: &Path, source| InitError::NotWritten {
        file: file.to_owned(),
        source,
    };
    fs::create_dir_all(folder).map_err(|error| not_written(folder, error))?;
    for (name, text) in texts {
        let file = folder.join(name);
        fs::write(&file, text).map_err(|error| not_written(&file, error))?;
    }
    Ok(())
}

fn tell(folder: &Path, found: &Survey, texts: &[(&str, String)]) {
    let gaps = texts.iter().map(|(_, text)| text.matches(GAP).count());
    println!(
        "{} companies, {} services, {} people and {} payment terms of Odoo are in {}; {} gaps are left",
        found.companies.len(),
        found.services.len(),
        found.employees.len(),
        found.payment_terms.len(),
        folder.display(),
        gaps.sum::<usize>(),
    );
    println!("fill them, then: tenon book check {}", folder.display());
}
