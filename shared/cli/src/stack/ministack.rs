//! The AWS emulator of one world, with its permissions enforced.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::aws_api::REGION;
use crate::cache::at;
use crate::install::MiniStackFiles;
use crate::stack::StackError;
use crate::stack::child::Server;
use crate::stack::ports::Port;

/// How long the emulator may take to start.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long one question about its health may take.
const ASK_LIMIT: Duration = Duration::from_secs(2);

/// What the user's own AWS setup might say and the emulator must not hear.
const NOT_INHERITED: [&str; 8] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "PYTHONPATH",
    "PYTHONHOME",
];

/// A running emulator. Dropping it ends it and the functions in it.
#[derive(Debug)]
pub struct MiniStack {
    url: String,
    // In the order in which they must end.
    _server: Server,
    _port: Port,
}

impl MiniStack {
    /// Starts it on a free port of 127.0.0.1, with its files in `folder`, and waits until it answers.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(files: &MiniStackFiles, folder: &Path) -> Result<Self, StackError> {
        let port = Port::reserve()?;
        let number = port.number();
        let url = format!("http://127.0.0.1:{number}");
        fs::create_dir_all(folder).map_err(at(folder))?;
        let command = command(files, number, &url, folder);
        let mut server = Server::start(
            "MiniStack",
            &command,
            Signal::TERM,
            &folder.with_extension("log"),
        )?;
        server.wait_until(START_LIMIT, || answers(number, "/_ministack/health"))?;
        Ok(Self {
            url,
            _server: server,
            _port: port,
        })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

fn command(files: &MiniStackFiles, port: u16, url: &str, scratch: &Path) -> Command {
    let mut command = Command::new(&files.python);
    command.args(["-m", "ministack"]).current_dir(scratch);
    for name in NOT_INHERITED {
        command.env_remove(name);
    }
    command
        .env("BIND_HOST", "127.0.0.1")
        // The host in the addresses of queues.
        .env("MINISTACK_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        // What the functions are told to call.
        .env("AWS_ENDPOINT_URL", url)
        .env("MINISTACK_REGION", REGION)
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        // Every call needs a permission, as on AWS.
        .env("AUTH", "true")
        .env("TMPDIR", scratch);
    command
}

/// True when a GET of `path` is answered with 200.
pub fn answers(port: u16, path: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(ASK_LIMIT))?;
        write!(
            stream,
            "GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        )?;
        let mut start = [0_u8; 12];
        stream.read_exact(&mut start)?;
        Ok(start.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}
