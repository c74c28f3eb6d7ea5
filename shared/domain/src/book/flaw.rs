//! What is wrong in a book, where, and what to write instead.

use std::fmt;

use nonempty::NonEmpty;

/// A book that cannot be used, with everything that is wrong in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadBook(pub Box<NonEmpty<Flaw>>);

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Where it stands.
    pub place: Place,
    /// The key, from the top, for example `employees.psa_account`.
    pub key: String,
    /// What it is.
    pub mistake: Mistake,
}

/// A line of a book's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name.
    pub file: String,
    /// From 1.
    pub line: usize,
}

/// A kind of flaw.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// Not TOML, an unknown key, a missing one, or a value of another kind.
    #[error("{0}")]
    Unreadable(String),
    /// Something that was left open when the book was begun.
    #[error("is still to be written: {0}")]
    Gap(String),
    /// A key that would belong to the table of the file before.
    #[error("stands outside of the table that it belongs to")]
    Outside,
    /// Two entries claim the same word.
    #[error("the {what} {name:?} is named twice")]
    Twice {
        /// Which list.
        what: &'static str,
        /// The word.
        name: String,
    },
    /// A zone that does not exist.
    #[error("{0:?} is no IANA time zone")]
    NoZone(String),
    /// A word that stands for something which is not there.
    #[error("{name:?} is no {what} of this book")]
    Nowhere {
        /// What it should be.
        what: &'static str,
        /// The word.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A book that would be the last one.
    #[error(
        "with these roles nobody could replace this book: {0} people are needed to write and approve one"
    )]
    NobodyCouldReplaceIt(usize),
    /// An end before the beginning.
    #[error("is before the day on which it begins")]
    EndsBefore,
    /// Two prices for one day.
    #[error(
        "another rate card of the same service, currency, entity, customer, project, person and role has a price for this day"
    )]
    TwoPrices,
    /// A hold that nobody meant.
    #[error("holds every customer")]
    HoldOfEverybody,
    /// A template for projects that Odoo makes.
    #[error("a project that Odoo makes has the template of its product")]
    OdoosTemplate,
    /// A flow's timing that goes with another trigger, or is missing.
    #[error("{0}")]
    FlowTiming(&'static str),
    /// Odoo keeps no drafts of what a flow makes.
    #[error("Odoo keeps no drafts of what the flow {0} makes")]
    NoDrafts(&'static str),
    /// A text that is no domain.
    #[error("{0:?} is no domain as it is compared")]
    NoDomain(String),
    /// A text that is no name of a record in Odoo.
    #[error("{0:?} is no external id of Odoo")]
    NoExternalId(String),
    /// Work that is counted in pieces.
    #[error("work is logged in hours, and a piece has none")]
    WorkInPieces,
    /// A text that is no country.
    #[error("{0:?} is no country code")]
    NoCountry(String),
    /// Shares of something that are not all of it.
    #[error(
        "the shares are {0} percent together, and each must be above zero, with two decimals at most"
    )]
    NotWhole(String),
    /// A price cannot be divided twice.
    #[error("the cost centers are of several analytic plans")]
    SeveralPlans,
    /// Nobody knows which CRM's deals the projects of a PSA name.
    #[error("of {psa:?}: there are several CRMs, and nothing says whose deals its projects name")]
    NoCrmOfPsa {
        /// The PSA's account.
        psa: String,
        /// The accounts there are.
        known: Vec<String>,
    },
    /// A source in which no project can be created.
    #[error("projects are created in connectwise only, and not in {0}")]
    CreatesNothing(String),
    /// A PSA that knows no customer of the CRM.
    #[error("could create no project: nothing says which of its customers a company of the CRM is")]
    NoCustomers,
    /// Two PSAs in which the same contract would get a project.
    #[error("and that of {0:?} would both create a project of the same deal")]
    CreatedTwice(String),
}

impl Mistake {
    /// What to do about it.
    pub fn fix(&self) -> String {
        match self {
            Self::Unreadable(said) => fix_of_unreadable(said).to_owned(),
            Self::Gap(_) => "write it in place of the gap, or take the entry out".to_owned(),
            Self::Outside => {
                "begin every file with a [table] or [[list]] of its own, and keep what belongs to \
                 one entry of a list in one file"
                    .to_owned()
            }
            Self::Twice { .. } => "keep one of them".to_owned(),
            Self::NoZone(_) => "write, for example, \"Europe/Brussels\"".to_owned(),
            Self::NoDomain(_) => {
                "write it in lower case, without @ and www, for example \"gmail.com\"".to_owned()
            }
            Self::NoExternalId(_) => {
                "write module and name as Odoo shows them, for example \"account.tax_21\"".to_owned()
            }
            Self::WorkInPieces => "write unit = \"hour\" or unit = \"day\"".to_owned(),
            Self::NotWhole(_) => "make them 100 together".to_owned(),
            Self::SeveralPlans => "keep those of one plan".to_owned(),
            Self::NoCountry(_) => "write two capitals, for example \"BE\"".to_owned(),
            Self::Nowhere { known, .. } => one_of(known),
            Self::NobodyCouldReplaceIt(_) => {
                "give enough people the role steward, finance or administrator, and one of them finance or administrator".to_owned()
            }
            Self::EndsBefore => "write a later day, or leave it out".to_owned(),
            Self::TwoPrices => "end the earlier one on the day before: until = \"…\"".to_owned(),
            Self::HoldOfEverybody => {
                "name the customer that is on hold, by its id in the CRM: customer = \"…\""
                    .to_owned()
            }
            Self::OdoosTemplate => {
                "name it on the product in Odoo (Project Template), or write project_made_by = \"tenon\""
                    .to_owned()
            }
            Self::FlowTiming(_) => "write one of: trigger = \"webhook\"; trigger = \"micro_batch\" with every = \"5m\"; \
                 trigger = \"batch\" with at = [\"18:00\"] and, if not every day counts, weekdays or \
                 days_of_month; trigger = \"manual\""
                .to_owned(),
            Self::NoDrafts(_) => "write mode = \"shadow\" or \"live\"; orders and invoices have drafts: \
                 flow = \"contracts\" or \"invoices\""
                .to_owned(),
            Self::CreatesNothing(_) => "take the table out".to_owned(),
            Self::NoCustomers => {
                "write them below its [[psa]]: customers = { 250 = \"9075112200\" }, its own id and the \
                 company's id in the CRM"
                    .to_owned()
            }
            Self::CreatedTwice(_) => {
                "keep one of them, or name in each the entities whose contracts it is for".to_owned()
            }
            Self::NoCrmOfPsa { known, .. } => {
                format!("write crm_account: {}", one_of(known))
            }
        }
    }
}

/// By the words of the reader of TOML.
fn fix_of_unreadable(said: &str) -> &'static str {
    if said.contains("unknown field") {
        "write one of the expected keys, or take it out"
    } else if said.contains("missing field") {
        "add it"
    } else if said.contains("duplicate key") {
        "keep one of them; two files are one book"
    } else {
        "correct it as the book's schema says"
    }
}

fn one_of(known: &[String]) -> String {
    match known {
        [] => "add it first: there is none".to_owned(),
        known => format!("write one of {}", known.join(", ")),
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            key,
            mistake,
        } = self;
        let key = if key.is_empty() { "the file" } else { key };
        write!(f, "{place}: {key}: {mistake}; {}", mistake.fix())
    }
}

impl fmt::Display for BadBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, flaw) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{flaw}")?;
        }
        Ok(())
    }
}

impl std::error::Error for BadBook {}
