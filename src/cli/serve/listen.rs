//! The address to listen on, as it is given: `127.0.0.1:8200`, `[::1]:8200`, `localhost:8200`.

use super::super::Workplace;
use crate::diagnostic::Words;
use anyhow::anyhow;
use std::net::{SocketAddr, ToSocketAddrs};

/// The address that a host and a port name.
///
/// # Errors
/// Where it names none, in words of the archive's language.
pub(super) fn address(workplace: &Workplace, listen: &str) -> anyhow::Result<SocketAddr> {
    resolved(listen).map_err(|why| anyhow!("--listen {listen}: {}", why.get(workplace.lang)))
}

fn resolved(listen: &str) -> Result<SocketAddr, Words> {
    if let Ok(address) = listen.parse() {
        return Ok(address);
    }
    let form = || Words::new("须写主机和端口，如 127.0.0.1:8200", "a host and a port are meant, as 127.0.0.1:8200");
    let (host, port) = listen.rsplit_once(':').ok_or_else(form)?;
    let port: u16 = port.parse().map_err(|_| form())?;
    if host.is_empty() {
        return Err(Words::new(
            format!("没有写主机：只供本机用 127.0.0.1:{port}，供各处用 0.0.0.0:{port}"),
            format!("it names no host: write 127.0.0.1:{port} for this machine alone, 0.0.0.0:{port} for everywhere"),
        ));
    }
    let unknown = || Words::new(format!("找不到名为“{host}”的主机"), format!("there is no host of the name “{host}”"));
    let found: Vec<SocketAddr> = (host, port).to_socket_addrs().map_err(|_| unknown())?.collect();
    // A name may be of addresses of both kinds: the plain one is reached by whoever writes it in
    // numbers too.
    found.iter().find(|address| address.is_ipv4()).or(found.first()).copied().ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_given_in_numbers_or_by_name() {
        for (listen, expected) in [
            ("127.0.0.1:8200", "127.0.0.1:8200"),
            ("[::1]:8200", "[::1]:8200"),
            ("0.0.0.0:0", "0.0.0.0:0"),
            ("localhost:8200", "127.0.0.1:8200"),
        ] {
            assert_eq!(resolved(listen).map(|address| address.to_string()), Ok(expected.to_owned()), "{listen}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_in_words() {
        let form = "a host and a port are meant, as 127.0.0.1:8200";
        for (listen, expected) in [
            (":8200", "it names no host: write 127.0.0.1:8200 for this machine alone, 0.0.0.0:8200 for everywhere"),
            ("8200", form),
            ("localhost", form),
            ("", form),
            ("localhost:http", form),
            ("127.0.0.1:70000", form),
            ("localhost:", form),
            ("nowhere.invalid:8200", "there is no host of the name “nowhere.invalid”"),
            ("a b:8200", "there is no host of the name “a b”"),
        ] {
            assert_eq!(resolved(listen).map_err(|why| why.en), Err(expected.to_owned()), "{listen}");
        }
        assert_eq!(resolved(":8200").unwrap_err().zh, "没有写主机：只供本机用 127.0.0.1:8200，供各处用 0.0.0.0:8200");
    }
}
