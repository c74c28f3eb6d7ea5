//! A browser without a window, steered over [WebDriver](https://www.w3.org/TR/webdriver2/).
//!
//! Of that protocol the tests need six calls, each one JSON body over HTTP; the crates that speak all
//! of it bring a licence we do not take or more code than this.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cli::install::BrowserFiles;
use cli::process;
use serde_json::{Value, json};

use crate::deployed::text;

/// How long a page may take until it shows what it must. The first one compiles nothing, but starts
/// from an empty cache.
const PATIENCE: Duration = Duration::from_secs(150);
/// How often we look.
const LOOK: Duration = Duration::from_millis(100);

/// What a browser in a test must not do: ask for a screen, for rights, or for the network.
const FLAGS: [&str; 13] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=Translate,MediaRouter,OptimizationHints",
    "--hide-scrollbars",
    "--lang=en-US",
    "--force-color-profile=srgb",
];

/// An open browser. Dropping it ends it.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    session: String,
    http: reqwest::Client,
    place: PathBuf,
}

impl Browser {
    /// Starts a browser with an empty profile and a window of this size.
    ///
    /// # Panics
    /// When it does not start; the message has what the driver said.
    pub async fn open(files: &BrowserFiles, width: u32, height: u32) -> Self {
        let place = std::env::temp_dir().join(format!("tenon-browser-{}", std::process::id()));
        fs::create_dir_all(&place).expect("the folder for temporary files can be written");
        let log = place.join("driver.log");
        let mut command = files.driver();
        // Port 0: the driver takes a free one and says which. It makes an empty profile for the
        // browser in the folder for temporary files.
        command
            .arg("--port=0")
            .env("HOME", &place)
            .env("TMPDIR", &place)
            // The driver has the browser write a log, which would land beside its program.
            .env("CHROME_LOG_FILE", place.join("browser.log"))
            .env("XDG_CONFIG_HOME", &place)
            .env("XDG_CACHE_HOME", &place);
        let mut command = process::bound_to_us(&command, None, "TERM");
        let output = File::create(&log).expect("the log can be written");
        let driver = command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(Stdio::null())
            .spawn()
            .expect("setpriv is part of every Debian");
        let mut browser = Self {
            driver,
            session: String::new(),
            http: reqwest::Client::new(),
            place,
        };
        let port = browser.port(&log).await;
        browser.session = format!("http://127.0.0.1:{port}/session");
        let mut flags: Vec<String> = FLAGS.iter().map(|&flag| flag.to_owned()).collect();
        flags.push(format!("--window-size={width},{height}"));
        let options = json!({ "binary": files.browser, "args": flags });
        let wanted = json!({"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}});
        let answer = browser
            .call("", json!({"capabilities": {"alwaysMatch": wanted}}))
            .await;
        browser.session = format!("{}/{}", browser.session, text(&answer["sessionId"]));
        browser
    }

    /// The port that the driver says it listens on.
    async fn port(&self, log: &Path) -> u16 {
        let began = Instant::now();
        loop {
            let said = fs::read_to_string(log).unwrap_or_default();
            let end = said.split("started successfully on port ").nth(1);
            let port = end.and_then(|end| end.split('.').next()?.parse().ok());
            if let Some(port) = port {
                return port;
            }
            assert!(began.elapsed() < PATIENCE, "the driver said: {said}");
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn call(&self, path: &str, body: Value) -> Value {
        let request = self
            .http
            .post(format!("{}{path}", self.session))
            .json(&body);
        let answer = request.send().await.expect("the driver answers");
        let mut answer: Value = answer.json().await.expect("the driver answers in JSON");
        let value = answer["value"].take();
        assert!(value["error"].is_null(), "{path}: {value}");
        value
    }

    /// Opens an address.
    pub async fn go(&self, url: &str) {
        self.call("/url", json!({ "url": url })).await;
    }

    /// What a script on the page returns.
    pub async fn script(&self, script: &str, arguments: &[&str]) -> Value {
        let body = json!({ "script": script, "args": arguments });
        self.call("/execute/sync", body).await
    }

    /// The text that a reader of the page sees.
    pub async fn page(&self) -> String {
        text(&self.script("return document.body.innerText", &[]).await)
    }

    /// Waits until a script on the page returns something true.
    ///
    /// # Panics
    /// When that takes too long; the message has the page's text.
    pub async fn wait_for(&self, what: &str, script: &str, arguments: &[&str]) {
        let began = Instant::now();
        while self.script(script, arguments).await != json!(true) {
            if began.elapsed() > PATIENCE {
                let page = self.page().await;
                panic!("waited too long for {what}; the page shows:\n{page}");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Errors of scripts and of missing files that the browser noted since the last call.
    pub async fn complaints(&self) -> Vec<String> {
        let lines = self.call("/se/log", json!({"type": "browser"})).await;
        let lines = lines.as_array().cloned().unwrap_or_default();
        let severe = lines.iter().filter(|line| line["level"] == "SEVERE");
        severe.map(|line| text(&line["message"])).collect()
    }

    /// A picture of the window, as PNG.
    pub async fn picture(&self) -> Vec<u8> {
        let url = format!("{}/screenshot", self.session);
        let answer = self.http.get(url).send().await.expect("the driver answers");
        let answer: Value = answer.json().await.expect("the driver answers in JSON");
        STANDARD
            .decode(text(&answer["value"]))
            .expect("a picture is sent as Base64")
    }

    /// Closes the window and ends the driver.
    pub async fn close(self) {
        self.http.delete(&self.session).send().await.ok();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended already; what it started ends with it.
        self.driver.kill().ok();
        self.driver.wait().ok();
        fs::remove_dir_all(&self.place).ok();
    }
}
