//! What our function is compared with: Odoo's own `load` inside Odoo, and scripts.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use cli::process;
use cli::stack::{DATABASE, OdooSettings, odoo_command, seed};
use serde_json::{Value, json};

use crate::firm::{Contract, Firm, employee, hours};

/// What our function sends in one call.
pub const BATCH: usize = 500;
/// Rows before the watch starts: a process that has not loaded anything yet is slower.
const WARM_UP: usize = 50;

const LOAD: &str = include_str!("load.py");
const SCRIPT: &str = include_str!("script.py");
const ODOORPC: &str = include_str!("odoorpc.py");
/// <https://pypi.org/project/OdooRPC/>
const ODOORPC_PACKAGE: &str = "odoorpc==0.10.1";

/// The context of our own calls.
fn context() -> Value {
    json!({
        "lang": "en_US", "allowed_company_ids": [1], "tz": "America/New_York",
        "mail_create_nosubscribe": true, "mail_activity_automation_skip": true,
        "tracking_disable": true, "mail_notrack": true, "mode": "update", "noupdate": true,
    })
}

/// Database ids of what the rows point to: the order line, and the two people.
pub struct Ids {
    /// The order line.
    pub line: i64,
    /// The people.
    pub employees: [i64; 2],
}

impl Ids {
    /// Looks them up.
    pub async fn of(firm: &Firm, contract: &Contract) -> Self {
        let odoo = firm.odoo(seed::WORK.key);
        let find = async |external_id: &str| {
            let (module, name) = external_id.split_once('.').expect("an external id");
            let arguments = json!({"module": module, "xml_id": name});
            let context = odoo::Context::companies(&[1]);
            let found: (String, i64) = odoo
                .call(
                    "ir.model.data",
                    "check_object_reference",
                    &context,
                    arguments,
                )
                .await
                .expect("it exists");
            found.1
        };
        Self {
            line: find(&contract.line()).await,
            employees: [find(employee(0)).await, find(employee(1)).await],
        }
    }
}

/// Odoo's `load` in its own shell: the time for all rows.
pub fn load_in_odoo(firm: &Firm, contract: &Contract, ids: &Ids, rows: usize) -> Duration {
    let row = |number: usize| {
        let (reference, text) = contract.entry(number);
        json!([
            reference.external_id(),
            contract.project_id.to_string(),
            ids.employees[number % 2].to_string(),
            "2026-10-06",
            hours(number).to_string(),
            text,
            reference.id(),
            ids.line.to_string(),
            "1",
        ])
    };
    let (warm_up, rows) = split(rows, row);
    let work = json!({
        "fields": ["id", "project_id/.id", "employee_id/.id", "date", "unit_amount", "name", "ref",
            "so_line/.id", "is_so_line_edited"],
        "rows": rows, "warm_up": warm_up,
    });
    let (input, output) = (path(firm, "load.json"), path(firm, "loaded.json"));
    fs::write(&input, work.to_string()).expect("a file");
    let context = context().to_string().replace("true", "True");
    let script = format!(
        "INPUT, OUTPUT, LOGIN, BATCH = {:?}, {:?}, {:?}, {BATCH}\nCONTEXT = {context}\n{LOAD}",
        input.display().to_string(),
        output.display().to_string(),
        seed::WORK.login,
    );
    let settings = OdooSettings {
        files: &path(firm, "odoo"),
        socket: firm.world.postgres().socket_folder(),
        port: None,
        config: &path(firm, "shell.conf"),
    };
    settings.write(&firm.installed.odoo).expect("a file");
    let shell = odoo_command(&firm.installed.odoo, &settings, &["shell", "--no-http"]);
    let log = path(firm, "shell.log");
    process::run_with_input("loading in Odoo", &shell, script.as_bytes(), &log).expect("it loads");
    milliseconds(&fs::read_to_string(&output).expect("its result"))
}

/// A program that creates rows as people write it.
pub struct Script {
    program: PathBuf,
    /// Where its library is, when it needs one.
    library: Option<PathBuf>,
}

impl Script {
    /// With Python's standard library alone.
    pub fn plain(firm: &Firm) -> Self {
        let program = path(firm, "script.py");
        fs::write(&program, SCRIPT).expect("a file");
        Self {
            program,
            library: None,
        }
    }

    /// With OdooRPC, which is installed for this run.
    pub fn odoorpc(firm: &Firm) -> Result<Self, process::ToolError> {
        let (program, library) = (path(firm, "by_odoorpc.py"), path(firm, "odoorpc"));
        fs::write(&program, ODOORPC).expect("a file");
        let mut pip = Command::new(&firm.installed.odoo.python);
        pip.args(["-m", "pip", "install", "--disable-pip-version-check"]);
        pip.args(["--no-input", "--no-deps", "--progress-bar=off", "--target"]);
        pip.arg(&library).arg(ODOORPC_PACKAGE);
        process::run("installing OdooRPC", &pip, &path(firm, "pip.log"))?;
        Ok(Self {
            program,
            library: Some(library),
        })
    }
}

/// A script that creates rows in batches of this size: the time for all of them.
pub fn script(
    firm: &Firm,
    contract: &Contract,
    ids: &Ids,
    script: &Script,
    rows: usize,
    batch: usize,
) -> Duration {
    let row = |number: usize| {
        let (reference, text) = contract.entry(number);
        json!({
            "project_id": contract.project_id, "employee_id": ids.employees[number % 2],
            "date": "2026-10-06", "unit_amount": hours(number).to_string(), "name": text,
            "ref": reference.id(), "so_line": ids.line, "is_so_line_edited": true,
        })
    };
    let (warm_up, rows) = split(rows, row);
    let work = json!({
        "url": firm.world.url(), "login": seed::WORK.login, "key": seed::WORK.key,
        "database": DATABASE, "context": context(), "batch": batch, "rows": rows,
        "warm_up": warm_up,
    });
    let input = path(firm, "script.json");
    fs::write(&input, work.to_string()).expect("a file");
    let mut command = Command::new(&firm.installed.odoo.python);
    command.envs(
        script
            .library
            .as_ref()
            .map(|library| ("PYTHONPATH", library)),
    );
    let command = command
        .arg(&script.program)
        .arg(input)
        .stderr(Stdio::inherit());
    let output = command.output().expect("Python");
    assert!(output.status.success(), "the script failed");
    milliseconds(&String::from_utf8_lossy(&output.stdout))
}

/// Rows to warm up with, and those that are measured.
fn split(rows: usize, row: impl Fn(usize) -> Value) -> (Vec<Value>, Vec<Value>) {
    let warm_up = (rows..rows + WARM_UP).map(&row).collect();
    (warm_up, (0..rows).map(row).collect())
}

fn path(firm: &Firm, name: &str) -> PathBuf {
    firm.world.run_folder().path(name)
}

fn milliseconds(result: &str) -> Duration {
    let result: Value = serde_json::from_str(result).expect("JSON");
    Duration::from_millis(result["milliseconds"].as_u64().expect("a number"))
}
