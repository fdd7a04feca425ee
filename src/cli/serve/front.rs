//! What stands before the server, from the arguments and the files that they name: TLS, and
//! proxies.

use super::super::{Workplace, state, workplace::file_named};
use crate::server::{Config, ConfigError, Front, Pem, Tls, TlsError};
use anyhow::{Context, anyhow, bail};
use clap::ArgMatches;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Where the configuration lies in the state folder, if there is one.
pub(in crate::cli) const CONFIG: &str = "server.yaml";

/// TLS with the certificate and the key that are named, where they are.
pub(super) fn tls(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Option<Tls>> {
    let (certificate, key) = match (file_named(arguments, "tls-cert"), file_named(arguments, "tls-key")) {
        (None, None) => return Ok(None),
        (Some(certificate), Some(key)) => (certificate, key),
        _ => bail!("{}", workplace.say(["--tls-cert 与 --tls-key 须一并给出", "--tls-cert and --tls-key go together"])),
    };
    state::certificate_key(workplace, &key)?;
    let (read_certificate, read_key) = (certificate.clone(), key.clone());
    let reader = Box::new(move || Ok(Pem { certificate: read(&read_certificate)?, key: read(&read_key)? }));
    Tls::new(reader).map(Some).map_err(|error| refused(workplace, &error, &certificate, &key))
}

/// The system's error, with the file's name.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

fn refused(workplace: &Workplace, error: &TlsError, certificate: &Path, key: &Path) -> anyhow::Error {
    let (certificate, key) = (certificate.display(), key.display());
    match error {
        TlsError::Read(error) => anyhow!("{error}"),
        TlsError::Certificate => {
            anyhow!("{certificate}: {}", workplace.say(["其中没有能识读的 PEM 证书", "there is no certificate in PEM that can be read"]))
        }
        TlsError::Key => {
            anyhow!("{key}: {}", workplace.say(["其中没有能识读的 PEM 私钥", "there is no private key in PEM that can be read"]))
        }
        TlsError::Misfit(error) => {
            anyhow!("{certificate}, {key}: {} ({error})", workplace.say(["证书与私钥不相配", "the certificate and the key do not fit"]))
        }
    }
}

/// The configuration that is named, or that of the state folder, understood.
pub(in crate::cli) fn front(workplace: &Workplace, arguments: &ArgMatches, state: &Path, is_tls: bool) -> anyhow::Result<Front> {
    let own = state.join(CONFIG);
    let path = file_named(arguments, "config").or_else(|| own.exists().then_some(own));
    let Some(path) = path else { return Ok(Front::new(Config::default(), is_tls)?) };
    state::config(workplace, &path)?;
    let config = read_config(workplace, &path)?;
    Front::new(config, is_tls).map_err(|error| anyhow!("{}: {}", path.display(), misunderstood(workplace, &error)))
}

fn read_config(workplace: &Workplace, path: &PathBuf) -> anyhow::Result<Config> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    // An empty file is a configuration of nothing.
    let config: Option<Config> = serde_yaml::from_str(&text)
        .with_context(|| format!("{}: {}", path.display(), workplace.say(["配置读不懂", "the configuration cannot be understood"])))?;
    Ok(config.unwrap_or_default())
}

fn misunderstood(workplace: &Workplace, error: &ConfigError) -> String {
    let (words, written) = match error {
        ConfigError::Network(written) => (
            [
                "trusted_proxies：“{}”不是地址或网段，如 10.0.0.2 或 10.1.0.0/16",
                "trusted_proxies: “{}” is no address or network, such as 10.0.0.2 or 10.1.0.0/16",
            ],
            written,
        ),
        ConfigError::Origin(written) => (
            [
                "origin：“{}”须如浏览器所写：https://records.example（小写，不带路径和默认端口）",
                "origin: “{}” should be as a browser writes it: https://records.example (in lower case, without a path or the scheme's own port)",
            ],
            written,
        ),
    };
    workplace.say(words).replace("{}", written)
}
