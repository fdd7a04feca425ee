//! What stands before the server: TLS of its own, or proxies that are believed what they say of a
//! request. Nobody else is.

use axum::http::HeaderMap;
use std::net::{IpAddr, SocketAddr};
use tower_http::csrf::CsrfLayer;

/// `server.yaml`, as written.
#[derive(serde::Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Addresses and networks (`10.1.0.0/16`) whose `X-Forwarded-For` and `X-Forwarded-Proto` are
    /// read.
    pub trusted_proxies: Vec<String>,
    /// Where readers find the intranet, as their browsers send it in `Origin`: for a proxy that
    /// rewrites `Host`.
    pub origin: Option<String>,
}

/// What a configuration says that cannot be meant.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("trusted_proxies: “{0}” is no address and no network")]
    Network(String),
    #[error("origin: “{0}” is no origin")]
    Origin(String),
}

/// A configuration that was understood. The default: nothing stands before the server.
#[derive(Clone, Default, Debug)]
pub struct Front {
    /// The server speaks TLS itself.
    pub is_tls: bool,
    trusted: Vec<Network>,
    origin: Option<String>,
}

impl Front {
    /// # Errors
    /// Where an address, a network or the origin is written as none.
    pub fn new(config: Config, is_tls: bool) -> Result<Front, ConfigError> {
        let trusted = config.trusted_proxies.into_iter().map(|written| Network::parse(&written).ok_or(ConfigError::Network(written)));
        let trusted = trusted.collect::<Result<_, _>>()?;
        if let Some(origin) = config.origin.as_ref().filter(|origin| !is_origin(origin)) {
            return Err(ConfigError::Origin(origin.clone()));
        }
        Ok(Front { is_tls, trusted, origin: config.origin })
    }

    /// The address that a request came from. Each proxy adds on the right who asked it; from the
    /// right, the first that is no proxy of ours is the reader's. What stands further left he may
    /// have made up.
    pub(super) fn address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut address = peer.to_canonical();
        let values: Vec<&str> = headers.get_all("x-forwarded-for").iter().map(|value| value.to_str().unwrap_or_default()).collect();
        for written in values.iter().rev().flat_map(|value| value.rsplit(',')) {
            // Behind what cannot be read, nothing is known: the last proxy stands for what it
            // passed on.
            match forwarded(written.trim()) {
                Some(next) if self.trusts(address) => address = next,
                _ => break,
            }
        }
        address
    }

    /// Whether the reader's own browser speaks TLS, with this server or with the proxy before it.
    pub(super) fn is_secure(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
        let told = || headers.get_all("x-forwarded-proto").iter().next_back().and_then(|value| value.to_str().ok());
        let nearest = || told().and_then(|told| told.rsplit(',').next()).is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case("https"));
        self.is_tls || (peer.is_some_and(|peer| self.trusts(peer.to_canonical())) && nearest())
    }

    /// Whether an address is that of a proxy of ours.
    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.holds(address))
    }

    /// Where readers find the intranet, if it was said.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// Against requests that another site makes a browser send.
    pub(super) fn csrf(&self) -> CsrfLayer {
        let layer = CsrfLayer::new();
        let Some(origin) = &self.origin else { return layer };
        layer.add_trusted_origin(origin).expect("an origin was looked at when it was read")
    }
}

/// An address as a proxy writes it; some add the port.
fn forwarded(written: &str) -> Option<IpAddr> {
    let bare = written.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(written);
    let address = bare.parse().ok().or_else(|| written.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// As a browser sends it (RFC 6454, section 6.2): in lower case, without the scheme's own port.
/// Another would never be met.
fn is_origin(written: &str) -> bool {
    let own_port = if written.starts_with("https:") { ":443" } else { ":80" };
    CsrfLayer::new().add_trusted_origin(written).is_ok()
        && !written.bytes().any(|byte| byte.is_ascii_uppercase())
        && !written.ends_with([':', '/'])
        && !written.ends_with(own_port)
}

/// An address and how many of its first bits count (RFC 4632).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    fn parse(written: &str) -> Option<Network> {
        let (address, bits) = written.split_once('/').map_or((written, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok().filter(|bits| *bits <= most))?;
        Some(Network { address, bits })
    }

    fn holds(self, address: IpAddr) -> bool {
        let differing = match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros(),
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros(),
            _ => return false,
        };
        differing >= self.bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn front(trusted: &[&str]) -> Front {
        let trusted_proxies = trusted.iter().map(|&network| network.to_owned()).collect();
        Front::new(Config { trusted_proxies, origin: None }, false).unwrap()
    }

    fn headers(name: &'static str, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn who_is_believed_is_in_the_list() {
        let front = front(&["10.0.0.2", "10.1.0.0/16", "fd00::/8", "0.0.0.0/32"]);
        for trusted in ["10.0.0.2", "10.1.255.9", "fd12::1", "0.0.0.0"] {
            assert!(front.trusts(trusted.parse().unwrap()), "{trusted}");
        }
        for other in ["10.0.0.3", "10.2.0.1", "fe80::1", "::", "127.0.0.1"] {
            assert!(!front.trusts(other.parse().unwrap()), "{other}");
        }
        assert!(self::front(&["0.0.0.0/0"]).trusts("8.8.8.8".parse().unwrap()));
        for wrong in ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "proxy.example", "10.0.0.0/"] {
            let config = Config { trusted_proxies: vec![wrong.to_owned()], origin: None };
            assert_eq!(Front::new(config, false).unwrap_err(), ConfigError::Network(wrong.to_owned()));
        }
    }

    #[track_caller]
    fn check(trusted: &[&str], peer: &str, told: &[&str], expected: &str) {
        let address = front(trusted).address(peer.parse().unwrap(), &headers("x-forwarded-for", told));
        assert_eq!(address.to_string(), expected, "{told:?}");
    }

    #[test]
    fn the_reader_is_the_first_from_the_right_who_is_no_proxy() {
        let ours = ["10.0.0.2", "10.1.0.0/16"];
        check(&[], "10.0.0.2", &["203.0.113.7"], "10.0.0.2");
        check(&ours, "203.0.113.9", &["203.0.113.7"], "203.0.113.9");
        check(&ours, "10.0.0.2", &[], "10.0.0.2");
        check(&ours, "10.0.0.2", &["203.0.113.7"], "203.0.113.7");
        check(&ours, "10.0.0.2", &["1.1.1.1, 203.0.113.7"], "203.0.113.7");
        check(&ours, "10.0.0.2", &["1.1.1.1, 203.0.113.7, 10.1.4.4"], "203.0.113.7");
        check(&ours, "10.0.0.2", &["1.1.1.1", "203.0.113.7", "10.1.4.4 ,10.1.5.5"], "203.0.113.7");
        check(&ours, "10.0.0.2", &["10.1.9.9, 203.0.113.7, 10.1.4.4"], "203.0.113.7");
        check(&ours, "10.0.0.2", &["10.1.4.4, 10.1.5.5"], "10.1.4.4");
        check(&ours, "::ffff:10.0.0.2", &["::ffff:203.0.113.7"], "203.0.113.7");
        check(&ours, "10.0.0.2", &["203.0.113.7:4711"], "203.0.113.7");
        check(&ours, "10.0.0.2", &["[2001:db8::7]:4711"], "2001:db8::7");
        check(&ours, "10.0.0.2", &["[2001:db8::7]"], "2001:db8::7");
    }

    #[test]
    fn behind_what_cannot_be_read_nothing_is_known() {
        let ours = ["10.0.0.2", "10.1.0.0/16"];
        for garbage in ["unknown", "", ",", "_hidden", "203.0.113.7 x", "203.0.113", "\"203.0.113.7\"", "203.0.113.7,"] {
            check(&ours, "10.0.0.2", &[garbage], "10.0.0.2");
        }
        check(&ours, "10.0.0.2", &["203.0.113.7, unknown, 10.1.4.4"], "10.1.4.4");
    }

    #[test]
    fn tls_before_a_proxy_counts_where_the_proxy_is_ours() {
        let secure = |trusted: &[&str], peer: &str, told: &[&str]| {
            front(trusted).is_secure(Some(peer.parse().unwrap()), &headers("x-forwarded-proto", told))
        };
        assert!(secure(&["10.0.0.2"], "10.0.0.2", &["https"]));
        assert!(secure(&["10.0.0.2"], "10.0.0.2", &["http, HTTPS"]));
        assert!(!secure(&["10.0.0.2"], "10.0.0.2", &["https", "http"]));
        assert!(!secure(&["10.0.0.2"], "10.0.0.2", &[]));
        assert!(!secure(&["10.0.0.2"], "10.0.0.3", &["https"]));
        assert!(!secure(&[], "127.0.0.1", &["https"]));
        assert!(Front { is_tls: true, ..Front::default() }.is_secure(None, &HeaderMap::new()));
    }

    #[test]
    fn an_origin_is_written_as_a_browser_sends_it() {
        let read = |origin: &str| Front::new(Config { trusted_proxies: Vec::new(), origin: Some(origin.to_owned()) }, false);
        for good in ["https://records.example", "https://records.example:8443", "http://10.0.0.9:8200", "https://[fd00::1]"] {
            assert!(read(good).is_ok(), "{good}");
        }
        for wrong in [
            "records.example",
            "https://records.example/",
            "https://Records.example",
            "https://records.example:443",
            "https://档案.example",
            "",
        ] {
            assert_eq!(read(wrong).unwrap_err(), ConfigError::Origin(wrong.to_owned()));
        }
    }
}
