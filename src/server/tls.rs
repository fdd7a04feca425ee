//! TLS (1.2 and 1.3) with one certificate, which is taken over when it is renewed. Never reads a
//! file itself.

use axum_server::tls_rustls::RustlsConfig;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{io, sync::Arc, time::Duration};
use tokio::time::sleep;

/// How often a renewed certificate is looked for.
const RENEWAL: Duration = Duration::from_secs(60);

/// A certificate with those that vouch for it, and its key, as the two files have them (PEM, RFC
/// 7468).
#[derive(Clone, PartialEq, Eq)]
pub struct Pem {
    pub certificate: Vec<u8>,
    pub key: Vec<u8>,
}

/// Reads both files.
pub type PemReader = Box<dyn Fn() -> io::Result<Pem> + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error(transparent)]
    Read(#[from] io::Error),
    #[error("there is no certificate in PEM that can be read")]
    Certificate,
    #[error("there is no private key in PEM that can be read")]
    Key,
    /// The key is not that of the certificate, or of a kind that cannot be used; rustls's words.
    #[error("{0}")]
    Misfit(rustls::Error),
}

pub struct Tls {
    reader: PemReader,
    last: Pem,
    pub(super) config: RustlsConfig,
}

impl Tls {
    /// # Errors
    /// Where the files cannot be read, or do not fit each other.
    pub fn new(reader: PemReader) -> Result<Tls, TlsError> {
        let last = reader()?;
        let config = RustlsConfig::from_config(Arc::new(config(&last)?));
        Ok(Tls { reader, last, config })
    }

    /// Takes over what is renewed, for as long as the server runs. What cannot be taken changes
    /// nothing.
    pub(super) async fn renew(mut self) {
        loop {
            sleep(RENEWAL).await;
            match self.again() {
                Ok(false) => {}
                Ok(true) => tracing::info!("the renewed certificate is in use"),
                Err(error) => tracing::error!("the certificate on disk cannot be taken over: {error}"),
            }
        }
    }

    /// Whether there was something new to take over.
    fn again(&mut self) -> Result<bool, TlsError> {
        let now = (self.reader)()?;
        if now == self.last {
            return Ok(false);
        }
        self.config.reload_from_config(Arc::new(config(&now)?));
        self.last = now;
        Ok(true)
    }
}

fn config(pem: &Pem) -> Result<ServerConfig, TlsError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&pem.certificate).collect::<Result<_, _>>().map_err(|_| TlsError::Certificate)?;
    if chain.is_empty() {
        return Err(TlsError::Certificate);
    }
    let key = PrivateKeyDer::from_pem_slice(&pem.key).map_err(|_| TlsError::Key)?;
    let versions = ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
    let mut config = versions.and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key)).map_err(TlsError::Misfit)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// As in `tests/tls/`: two certificates for localhost, each with its key.
    const PEM: [[&[u8]; 2]; 2] = [
        [include_bytes!("../../tests/tls/first.pem"), include_bytes!("../../tests/tls/first.key")],
        [include_bytes!("../../tests/tls/second.pem"), include_bytes!("../../tests/tls/second.key")],
    ];

    fn pem(certificate: &[u8], key: &[u8]) -> Pem {
        Pem { certificate: certificate.to_owned(), key: key.to_owned() }
    }

    #[test]
    fn a_certificate_comes_with_its_own_key() {
        let [[first, first_key], [second, second_key]] = PEM;
        assert!(config(&pem(first, first_key)).is_ok() && config(&pem(second, second_key)).is_ok());
        assert!(matches!(config(&pem(first, second_key)), Err(TlsError::Misfit(_))));
        assert!(matches!(config(&pem(first_key, first_key)), Err(TlsError::Certificate)));
        assert!(matches!(config(&pem(first, first)), Err(TlsError::Key)));
        assert!(matches!(config(&pem(b"", first_key)), Err(TlsError::Certificate)));
    }

    #[test]
    fn what_is_renewed_is_taken_over_and_what_is_torn_is_not() {
        let [[first, first_key], [second, second_key]] = PEM;
        let disk = Arc::new(Mutex::new(pem(first, first_key)));
        let read = disk.clone();
        let mut tls = Tls::new(Box::new(move || Ok(read.lock().unwrap().clone()))).unwrap();
        let in_use = tls.config.get_inner();
        assert!(!tls.again().unwrap());
        *disk.lock().unwrap() = pem(second, first_key);
        assert!(tls.again().is_err() && Arc::ptr_eq(&in_use, &tls.config.get_inner()), "half of it is written");
        *disk.lock().unwrap() = pem(second, second_key);
        assert!(tls.again().unwrap() && !Arc::ptr_eq(&in_use, &tls.config.get_inner()));
    }
}
