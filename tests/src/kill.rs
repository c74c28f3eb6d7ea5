//! Finding and ending exactly one process: a deployed function's, or a server's.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use rustix::process::{Pid, Signal, kill_process};

/// The two ends of a connection. The kernel gives one client port to several connections as long
/// as they go to different servers, so that only both ends together name one.
#[derive(Clone, Copy)]
pub struct Connection {
    /// Where it was made.
    pub client: SocketAddr,
    /// Where it leads.
    pub server: SocketAddr,
}

/// The process of this function in this world that made this connection.
///
/// The emulator runs a process per environment, so a function may have several: the owner of the
/// socket is the one that is waiting for the answer.
pub fn owner(function: &str, endpoint: &str, connection: Connection) -> Option<Pid> {
    let socket = format!("socket:[{}]", inode(connection)?);
    processes().into_iter().find_map(|(pid, folder)| {
        let mine = is_function(&folder, function, endpoint);
        (mine && holds(&folder, &socket)).then_some(pid)
    })
}

/// The processes whose command line contains this text, such as the path of a world's file.
pub fn running(text: &str) -> Vec<Pid> {
    let says = |folder: &PathBuf| {
        let words = fs::read(folder.join("cmdline")).unwrap_or_default();
        let words = String::from_utf8_lossy(&words).replace('\0', " ");
        words.contains(text)
    };
    let all = processes().into_iter();
    all.filter(|(_, folder)| says(folder))
        .map(|(pid, _)| pid)
        .collect()
}

/// The processes that this one started.
pub fn children(parent: Pid) -> Vec<Pid> {
    let parent = format!("PPid:\t{}", parent.as_raw_nonzero());
    let is_child = |folder: &PathBuf| {
        let status = fs::read_to_string(folder.join("status")).unwrap_or_default();
        status.lines().any(|line| line == parent)
    };
    let all = processes().into_iter();
    all.filter(|(_, folder)| is_child(folder))
        .map(|(pid, _)| pid)
        .collect()
}

/// Ends a process as a crash would.
///
/// # Panics
/// When it is gone already.
pub fn end(pid: Pid) {
    kill_process(pid, Signal::KILL).expect("the process is still there");
}

fn processes() -> Vec<(Pid, PathBuf)> {
    let all = fs::read_dir("/proc").expect("this is Linux");
    all.flatten()
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            Some((Pid::from_raw(number)?, entry.path()))
        })
        .collect()
}

/// Whether a process is an environment of this function, by what the emulator told it.
fn is_function(process: &std::path::Path, function: &str, endpoint: &str) -> bool {
    let environment = fs::read(process.join("environ")).unwrap_or_default();
    let variables: Vec<&str> = environment
        .split(|byte| *byte == 0)
        .filter_map(|v| std::str::from_utf8(v).ok())
        .collect();
    let is = |name: &str, fits: &dyn Fn(&str) -> bool| {
        variables
            .iter()
            .filter_map(|v| v.strip_prefix(name))
            .any(fits)
    };
    is("AWS_LAMBDA_FUNCTION_NAME=", &|name| {
        name.split('-').nth(1) == Some(function)
    }) && is("AWS_ENDPOINT_URL=", &|url| url == endpoint)
}

fn holds(process: &std::path::Path, socket: &str) -> bool {
    let files = fs::read_dir(process.join("fd"))
        .into_iter()
        .flatten()
        .flatten();
    files
        .filter_map(|file| fs::read_link(file.path()).ok())
        .any(|to| to.as_os_str() == socket)
}

/// The kernel's number of the client's socket, from its table of IPv4 connections.
fn inode(connection: Connection) -> Option<String> {
    let ends = [connection.client, connection.server].map(in_the_table);
    let [Some(client), Some(server)] = ends else {
        return None;
    };
    let table = fs::read_to_string("/proc/net/tcp").ok()?;
    table.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let is_it = fields.get(1) == Some(&&*client) && fields.get(2) == Some(&&*server);
        is_it.then(|| fields.get(9).map(|inode| (*inode).to_owned()))?
    })
}

/// An address as the kernel's table writes it.
fn in_the_table(address: SocketAddr) -> Option<String> {
    let SocketAddr::V4(address) = address else {
        return None;
    };
    let ip = u32::from_le_bytes(address.ip().octets());
    Some(format!("{ip:08X}:{:04X}", address.port()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::io;

    use tokio::net::{TcpListener, TcpSocket, TcpStream};

    use super::{Connection, inode};

    /// A busy machine gives its ports again and again; a killer that took the first one it found
    /// looked for the owner of somebody else's connection.
    #[tokio::test]
    async fn two_connections_from_one_port_are_told_apart() -> io::Result<()> {
        let servers = [listener().await?, listener().await?];
        let first = TcpSocket::new_v4()?;
        first.set_reuseaddr(true)?;
        first.bind(([127, 0, 0, 1], 0).into())?;
        let client = first.local_addr()?;
        let second = TcpSocket::new_v4()?;
        second.set_reuseaddr(true)?;
        second.bind(client)?;
        let mut open: Vec<TcpStream> = Vec::new();
        let mut inodes = HashSet::new();
        for (socket, server) in [first, second].into_iter().zip(&servers) {
            let server = server.local_addr()?;
            open.push(socket.connect(server).await?);
            inodes.extend(inode(Connection { client, server }));
        }
        assert_eq!(inodes.len(), 2);
        Ok(())
    }

    async fn listener() -> io::Result<TcpListener> {
        TcpListener::bind(("127.0.0.1", 0)).await
    }
}
