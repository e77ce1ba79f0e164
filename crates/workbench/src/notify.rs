//! Where alarms go: lines of JSON, a web hook on this machine, a syslog socket.
//!
//! Nothing leaves the machine: a hook has to name a loopback address, and no
//! name is looked up. An alarm that cannot be delivered is told on standard
//! error and is still printed.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// One place for alarms.
#[derive(Clone, Debug)]
pub enum Sink {
    /// Standard output, one JSON object a line.
    Lines,
    /// An HTTP POST to a loopback address.
    Hook {
        /// Where to connect.
        address: SocketAddr,
        /// Path of the URL.
        path: String,
    },
    /// A datagram socket that speaks syslog, such as /dev/log.
    Syslog(PathBuf),
}

impl FromStr for Sink {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "-" {
            return Ok(Self::Lines);
        }
        if let Some(path) = text.strip_prefix("syslog:") {
            return Ok(Self::Syslog(path.into()));
        }
        let rest = text.strip_prefix("http://").ok_or("give -, http://127.0.0.1:PORT/PATH or syslog:SOCKET")?;
        let (host, path) = rest.split_once('/').map_or((rest, ""), |(host, path)| (host, path));
        let host = host.replace("localhost", "127.0.0.1");
        let address = host.parse().or_else(|_| host.parse::<Ipv4Addr>().map(|ip| SocketAddr::new(IpAddr::V4(ip), 80)));
        let address: SocketAddr = address.map_err(|_| format!("{host} is no address with a port"))?;
        match address.ip().is_loopback() {
            true if !path.bytes().any(|byte| byte <= b' ') => Ok(Self::Hook { address, path: format!("/{path}") }),
            true => Err("the path of a hook has no blanks".to_owned()),
            false => Err(format!("{address} is not on this machine; alarms name victims' sites and stay here")),
        }
    }
}

/// How long a hook may take.
const PATIENCE: Duration = Duration::from_secs(2);

impl Sink {
    /// Delivers one alarm, a line of JSON.
    ///
    /// # Errors
    /// If it could not be delivered.
    pub fn send(&self, alarm: &str, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Lines => writeln!(out, "{alarm}").and_then(|()| out.flush()),
            Self::Hook { address, path } => post(address, path, alarm),
            Self::Syslog(socket) => {
                // Facility 13 is the audit log, severity 1 wants action at once.
                let datagram = format!("<105>handprint: {alarm}");
                UnixDatagram::unbound()?.send_to(datagram.as_bytes(), socket).map(|_| ())
            }
        }
    }
}

fn post(address: &SocketAddr, path: &str, alarm: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect_timeout(address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{alarm}",
        alarm.len()
    )?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    match &answer[9..10] {
        b"2" => Ok(()),
        _ => Err(io::Error::other(format!("the hook answered {}", String::from_utf8_lossy(&answer[9..])))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_stay_on_the_machine() {
        for good in ["-", "http://127.0.0.1:8080/alarm", "http://[::1]:8080", "http://localhost:9/x", "syslog:/dev/log"]
        {
            assert!(good.parse::<Sink>().is_ok(), "{good}");
        }
        for bad in
            ["http://192.0.2.1:80/x", "https://127.0.0.1/", "http://hooks.example/x", "http://127.0.0.1:1/a b", "x"]
        {
            assert!(bad.parse::<Sink>().is_err(), "{bad}");
        }
    }
}
