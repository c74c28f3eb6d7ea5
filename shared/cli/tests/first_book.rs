//! A first book from a real Odoo: begun, completed, checked, and held against that Odoo.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cli::stack::seed;
use cli::standin::connectwise::ConnectWise;
use cli::standin::demo;
use cli::standin::hubspot::HubSpot;
use tokio::runtime::Runtime;

#[path = "../../odoo/tests/support/database.rs"]
mod database;

/// What the firm knows and Odoo does not, by what stands in its gap.
const KNOWN: [(&str, &str); 7] = [
    ("the zone", "America/New_York"),
    ("stages that mean won", "closedwon"),
    ("its account", "48807704"),
    ("the PSA's roles", "Senior Consultant"),
    ("the CRM's product code", "SVC-OTHER"),
    ("the PSA's identifier of", "AConsultant"),
    ("the external id of", "catalogue.fixed_fee"),
];

struct Begun {
    folder: PathBuf,
    odoo: Vec<String>,
}

impl Begun {
    fn new() -> Self {
        let (url, name) = database::fresh();
        let folder = std::env::temp_dir().join(format!("tenon-first-book-{name}"));
        fs::remove_dir_all(&folder).ok();
        fs::create_dir_all(&folder).unwrap();
        let keys = folder.join("keys.txt");
        let users = [seed::MASTER, seed::WORK, seed::BILLING, seed::READ];
        let names = ["master", "work", "billing", "read"];
        let lines = names
            .iter()
            .zip(users)
            .map(|(name, user)| format!("{name} = \"{}\"\n", user.key));
        fs::write(&keys, lines.collect::<String>()).unwrap();
        fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).unwrap();
        let keys = keys.display().to_string();
        let odoo = ["--odoo-url", &url, "--odoo-db", &name, "--odoo-keys", &keys];
        Self {
            folder: folder.join("book"),
            odoo: odoo.map(str::to_owned).to_vec(),
        }
    }

    /// The options that name both accounts, with their secrets in files.
    fn accounts(&self, hubspot: &str, connectwise: &str) -> Vec<String> {
        let folder = self.folder.parent().unwrap();
        let crm = r#"{"client_secrets":["s"],"access_token":"token"}"#;
        let psa = r#"{"company_id":"Cobalt","public_key":"p","private_key":"q","client_id":"app"}"#;
        let file = |name: &str, secret: &str| {
            let file = folder.join(name);
            fs::write(&file, secret).unwrap();
            file.display().to_string()
        };
        let (crm, psa) = (file("crm.json", crm), file("psa.json", psa));
        let options = [
            ["--crm-secret", &crm, "--crm-url", hubspot],
            ["--psa-secret", &psa, "--psa-url", connectwise],
        ];
        options.concat().into_iter().map(str::to_owned).collect()
    }

    fn run(&self, words: &[&str], odoo: bool) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenon"));
        command.args(words);
        if odoo {
            command.args(&self.odoo);
        }
        command.output().unwrap()
    }

    fn book(&self) -> &str {
        self.folder.to_str().unwrap()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Writes what the firm knows into the gaps of a file. A person has one identifier, a role one
/// service and a code one product: the second and later ones get a number.
fn fill(file: &Path) {
    let mut number = 0;
    let line = |line: &str| {
        let Some((before, after)) = line.split_once("GAP: ") else {
            return format!("{line}\n");
        };
        let known = KNOWN
            .iter()
            .find(|(gap, _)| after.starts_with(gap) || after.contains(gap));
        let (gap, value) = known.unwrap_or_else(|| panic!("nobody knows: {line}"));
        number += 1;
        let is_one_of_many = !["the zone", "its account", "stages"]
            .iter()
            .any(|one| gap.contains(one));
        let value = match is_one_of_many && !gap.starts_with("the external id") && number > 1 {
            true => format!("{value} {number}"),
            false => (*value).to_owned(),
        };
        let end = if after.ends_with(']') { "\"]" } else { "\"" };
        format!("{before}{value}{end}\n")
    };
    let text = fs::read_to_string(file).unwrap();
    let filled: String = text.lines().map(line).collect();
    fs::write(file, filled).unwrap();
}

#[test]
fn a_first_book_is_begun_from_odoo_and_is_a_book_when_its_gaps_are_filled() {
    let begun = Begun::new();
    let nowhere = begun.run(&["book", "init", begun.book()], false);
    assert!(said(&nowhere).contains("--odoo-url"), "{}", said(&nowhere));
    let no_source = begun.run(&["book", "init", begun.book(), "--crm", "nobody"], true);
    assert!(said(&no_source).contains("nobody"), "{}", said(&no_source));

    let output = begun.run(&["book", "init", begun.book()], true);
    assert!(output.status.success(), "{}", said(&output));
    let told = said(&output);
    assert!(
        told.contains("2 companies") && told.contains("gaps are left"),
        "{told}"
    );
    let catalogue = fs::read_to_string(begun.folder.join("catalogue.toml")).unwrap();
    assert!(
        catalogue.contains("product = \"catalogue.senior_consultant\""),
        "{catalogue}"
    );
    assert!(
        catalogue.contains("billing = \"time_and_materials\""),
        "{catalogue}"
    );

    let again = begun.run(&["book", "init", begun.book()], true);
    assert_eq!(again.status.code(), Some(1));
    assert!(
        said(&again).contains("holds a book already"),
        "{}",
        said(&again)
    );

    let open = begun.run(&["book", "check", begun.book()], false);
    assert_eq!(open.status.code(), Some(1));
    let open = said(&open);
    assert!(
        open.contains("entities.zone") || open.contains(".zone: is still to be written"),
        "{open}"
    );
    for file in fs::read_dir(&begun.folder).unwrap().flatten() {
        fill(&file.path());
    }
    let checked = begun.run(&["book", "check", begun.book()], false);
    assert!(checked.status.success(), "{}", said(&checked));
    let doctor = begun.run(&["doctor", "--book", begun.book()], true);
    assert!(doctor.status.success(), "{}", said(&doctor));
    fs::remove_dir_all(begun.folder.parent().unwrap()).unwrap();
}

#[test]
fn the_accounts_at_the_crm_and_the_psa_fill_what_odoo_cannot_know() {
    let begun = Begun::new();
    let runtime = Runtime::new().unwrap();
    let hubspot = HubSpot::new(demo::PORTAL, "token");
    demo::add_deal(&hubspot, "2026-11-22".parse().unwrap());
    let connectwise = ConnectWise::new("Cobalt", "app", "key");
    let (hubspot, connectwise) = runtime
        .block_on(async {
            Ok::<_, std::io::Error>((hubspot.serve().await?, connectwise.serve().await?))
        })
        .unwrap();
    let accounts = begun.accounts(&hubspot, &connectwise);
    let mut words = vec!["book", "init", begun.book()];
    words.extend(accounts.iter().map(String::as_str));
    let output = begun.run(&words, true);
    assert!(output.status.success(), "{}", said(&output));
    assert!(!said(&output).contains("does not say"), "{}", said(&output));

    let file = |name: &str| fs::read_to_string(begun.folder.join(name)).unwrap();
    let sources = file("sources.toml");
    for line in [
        "account = \"48807704\"\n",
        "won_stages = [\"closedwon\"] # Closed won\n",
        "legal_entity = \"legal_entity\"\n",
        "account = \"Cobalt\"\n",
        "deal_id_field = \"CRM deal id\" # ",
        "# States of its projects, for a table [psa.projects]: 1. Open, 3. On Hold, 9. Closed\n",
    ] {
        assert!(sources.contains(line), "{line}: {sources}");
    }
    let people = file("people.toml");
    assert!(
        people.contains("psa_member = \"AConsultant\" # has the same name"),
        "{people}"
    );
    assert!(
        people.contains("not in Odoo by this name: Integrator (Tenon Integration)"),
        "{people}"
    );
    assert!(file("catalogue.toml").contains("work_roles = [\"Senior Consultant\"]\n"));

    let wrong = accounts
        .iter()
        .map(|word| word.replace("crm.json", "psa.json"));
    let wrong: Vec<String> = wrong.collect();
    let elsewhere = begun.folder.with_file_name("another");
    let mut words = vec!["book", "init", elsewhere.to_str().unwrap()];
    words.extend(wrong.iter().map(String::as_str));
    let refused = begun.run(&words, true);
    assert_eq!(refused.status.code(), Some(1));
    let refused = said(&refused);
    assert!(
        refused.contains("psa.json cannot be used") && !refused.contains("Cobalt"),
        "{refused}"
    );
    assert!(!elsewhere.exists());
    fs::remove_dir_all(begun.folder.parent().unwrap()).unwrap();
}
