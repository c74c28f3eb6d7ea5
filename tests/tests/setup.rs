//! The set-up page, command by command: with the AWS command line against an emulated account, and
//! with a real Odoo to be examined.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use cli::aws_api::{Aws, REGION, SECRETS};
use cli::cache::Cache;
use cli::install::{aws_cli, python};
use cli::progress::Progress;
use cli::stack::{Installed, MiniStack, OdooWorld, RunFolder, seed};
use serde_json::{Value, json};
use tests::pages::Page;
use tests::root;

/// What the test changes in the page's commands before it runs them, and why.
const CHANGED: [(&str, &str); 4] = [
    // A build as it ships takes ten minutes.
    ("cargo tenon build\n", "cargo tenon build --quick\n"),
    // The Odoo that the test starts, and a file with the keys of its users.
    (
        "http://localhost:8069 --odoo-db trial",
        "$TRIAL_URL --odoo-db odoo",
    ),
    ("--odoo-keys keys.toml", "--odoo-keys $TRIAL_KEYS"),
    // No test calls a server outside of this machine: nothing listens on this port.
    (
        "OdooUrl=https://firm.odoo.com",
        "OdooUrl=http://127.0.0.1:9",
    ),
];

#[test]
fn the_set_up_page_runs_as_it_stands() {
    let mut script = Page::read("docs/setup.md").blocks("sh").concat();
    for (as_written, as_run) in CHANGED {
        let there = script.contains(as_written);
        assert!(there, "the page has no {as_written:?}");
        script = script.replace(as_written, as_run);
    }
    let machine = Machine::prepare();
    let said = machine.run(&script);
    assert!(said.contains("billing rights"), "{said}");
    assert!(said.contains("\nvalid from "), "{said}");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(secrets_are_there(&Aws::root(machine.account.url())));
}

/// An account, an Odoo, and the files of the person who sets up.
struct Machine {
    account: MiniStack,
    odoo: OdooWorld,
    cache: Cache,
    aws_cli: PathBuf,
    run: RunFolder,
}

impl Machine {
    fn prepare() -> Self {
        let progress = &Progress::new();
        let cache = Cache::locate().expect("there is a cache");
        let python = python::ensure(&cache, progress).expect("there is a Python");
        let aws_cli = aws_cli::ensure(&cache, &python, progress).expect("the AWS command line");
        let installed = Installed::ensure(&cache, progress).expect("everything is installed");
        let run = RunFolder::create(&cache).expect("a folder to run in");
        let machine = Self {
            account: MiniStack::start(&installed.ministack, &run.path("aws")).expect("an account"),
            odoo: OdooWorld::start(&installed).expect("an Odoo"),
            cache,
            aws_cli,
            run,
        };
        machine.write_files();
        machine.write_second_person();
        machine
    }

    /// A value per secret that the page names, and the keys of the Odoo's users.
    fn write_files(&self) {
        for name in ["master", "work", "billing", "read"] {
            self.write_file(&format!("secrets/odoo/{name}"), &value_of(name));
        }
        for name in ["hubspot", "connectwise"] {
            self.write_file(&format!("secrets/{name}"), &value_of(name));
        }
        let users = [
            ("master", seed::MASTER),
            ("work", seed::WORK),
            ("billing", seed::BILLING),
            ("read", seed::READ),
        ];
        let line = |(name, user): (&str, seed::SeedUser)| format!("{name} = \"{}\"\n", user.key);
        let keys: String = users.into_iter().map(line).collect();
        self.write_file("keys.toml", &keys);
    }

    /// Who approves what the account's owner publishes.
    fn write_second_person(&self) {
        let made = self.run(
            "aws iam create-user --user-name frank.finance > /dev/null\n\
             aws iam put-user-policy --user-name frank.finance --policy-name console \
             --policy-document '{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \
             \"Action\": \"execute-api:Invoke\", \"Resource\": \"arn:aws:execute-api:*:*:*/v1/*/console/*\"}]}'\n\
             aws iam create-access-key --user-name frank.finance --output text \
             --query 'AccessKey.[AccessKeyId,SecretAccessKey]'",
        );
        let (id, secret) = made.trim().split_once('\t').expect("a key and its secret");
        let exports = format!("export AWS_ACCESS_KEY_ID={id} AWS_SECRET_ACCESS_KEY={secret}\n");
        self.write_file("second-person", &exports);
    }

    fn write_file(&self, name: &str, content: &str) {
        let file = self.run.path(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("the folder is made");
        fs::write(&file, content).expect("the file is written");
        fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("only for its owner");
    }

    /// Runs a script with the credentials of the account's owner; answers what it printed.
    fn run(&self, script: &str) -> String {
        let folders = std::iter::once(self.aws_cli.clone()).chain(cli::env::program_folders());
        let path = std::env::join_paths(folders).expect("a search path");
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", script])
            .current_dir(root())
            .env("PATH", path)
            .env("TENON_CACHE", self.cache.root())
            .env("TENON_SECRETS", self.run.path("secrets"))
            .env("TENON_SECOND_PERSON", self.run.path("second-person"))
            .env("TRIAL_URL", self.odoo.url())
            .env("TRIAL_KEYS", self.run.path("keys.toml"))
            .env("AWS_ENDPOINT_URL", self.account.url())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_DEFAULT_REGION", REGION)
            .output()
            .expect("bash starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}\n{error}");
        said
    }
}

fn value_of(secret: &str) -> String {
    format!("the value of {secret}")
}

async fn secrets_are_there(aws: &Aws) {
    let body = json!({"SecretId": "tenon/prod/odoo/work"});
    let answer: Result<Value, _> = aws.json(SECRETS, "GetSecretValue", &body).await;
    assert_eq!(
        answer.expect("it is there")["SecretString"],
        value_of("work")
    );
}
