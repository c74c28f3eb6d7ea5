//! An Odoo database that no other test uses, made by `cargo tenon test`.

use std::io::Read as _;
use std::net::TcpStream;

use serde_json::Value;

/// A new database of the local seed: Odoo's address, and the database's name.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the tests' environment"
)]
pub fn fresh() -> (String, String) {
    let Ok(address) = std::env::var("TENON_TEST_DATABASES") else {
        panic!("run it by `cargo tenon test`, which makes an Odoo database for each test");
    };
    let mut answer = String::new();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.read_to_string(&mut answer).unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let text = |name: &str| answer[name].as_str().map(str::to_owned);
    let place = text("url").zip(text("database"));
    place.unwrap_or_else(|| panic!("no database: {}", answer["error"]))
}
