//! Examines an Odoo before Tenon uses it: version, database, the four service users, and what a book
//! refers to. It only reads.
//!
//! Read in this order: [`needs`] (what a user must be able to do), [`finding`] (what is reported),
//! then one file per kind of check.

mod book;
mod companies;
mod expiry;
pub mod finding;
pub mod needs;
mod references;
mod server;
mod there;
mod users;

use std::time::Duration;

use domain::book::Book;
use jiff::civil::Date;

pub use finding::{Examination, Finding, Level};

use crate::{ApiKey, Odoo, OdooConfig};
use needs::ServiceUser;
use users::Known;

/// Longer than any of these calls takes on a healthy Odoo.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// The API keys of the four service users.
#[derive(Clone)]
pub struct Keys {
    /// For customers, orders and projects.
    pub master: ApiKey,
    /// For timesheets.
    pub work: ApiKey,
    /// For invoices.
    pub billing: ApiKey,
    /// For reading what became of invoices.
    pub read: ApiKey,
}

/// What is examined.
pub struct Patient<'a> {
    /// For example `https://erp.example.com`.
    pub url: String,
    /// The database's name.
    pub database: String,
    /// With which keys.
    pub keys: Keys,
    /// The book whose companies, products, people and terms must be there.
    pub book: Option<&'a Book>,
    /// To tell whether a lock date lies before or after it.
    pub today: Date,
}

/// The four connections, each with what its user must be able to do.
struct Users {
    master: Odoo,
    all: [(ServiceUser, Odoo); 4],
}

impl Users {
    fn of(&self, user: &ServiceUser) -> &Odoo {
        let found = self.all.iter().find(|(other, _)| other.name == user.name);
        found.map_or(&self.master, |(_, odoo)| odoo)
    }
}

/// Makes all checks. What depends on a failed one is left out.
pub async fn examine(patient: &Patient<'_>) -> Examination {
    let mut examination = Examination::default();
    let users = match connect(patient) {
        Ok(users) => users,
        Err(finding) => {
            examination.add(finding);
            return examination;
        }
    };
    if !server::is_usable(&users.master, &patient.database, &mut examination).await {
        return examination;
    }
    examination.add(server::pace(&patient.url));
    let mut known = Vec::new();
    for (needed, odoo) in &users.all {
        if let Some(user) = users::examine(odoo, needed, &mut examination).await {
            expiry::examine(odoo, &user, patient.today, &mut examination).await;
            known.push(user);
        }
    }
    users::are_different(&known, &mut examination);
    if known.len() == users.all.len() {
        let wanted = wanted_companies(patient.book, &known);
        companies::examine(&users, &wanted, &known, patient.today, &mut examination).await;
        if let Some(book) = patient.book {
            book::examine(&users, book, &mut examination).await;
        }
    }
    examination
}

fn connect(patient: &Patient<'_>) -> Result<Users, Finding> {
    let Keys {
        master,
        work,
        billing,
        read,
    } = patient.keys.clone();
    let config = OdooConfig {
        url: patient.url.clone(),
        database: patient.database.clone(),
        key: master,
        read_timeout: READ_TIMEOUT,
    };
    let master = Odoo::new(config).map_err(|error| {
        let found = format!("{error}: {}", patient.url);
        Finding::failure("address", found, "write it like https://erp.example.com")
    })?;
    let all = [
        (needs::MASTER, master.clone()),
        (needs::WORK, master.with_key(work)),
        (needs::BILLING, master.with_key(billing)),
        (needs::READ, master.with_key(read)),
    ];
    Ok(Users { master, all })
}

/// The book's companies, or those in which the users work by themselves.
fn wanted_companies(book: Option<&Book>, known: &[Known]) -> Vec<i64> {
    let mut companies: Vec<i64> = match book {
        Some(book) => book.entities.values().map(|e| e.odoo_company).collect(),
        None => known.iter().map(|user| user.company).collect(),
    };
    companies.sort_unstable();
    companies.dedup();
    companies
}
