//! Whom to trust over TLS.

use std::fmt;
use std::sync::{Arc, OnceLock};

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, DigitallySignedStruct, Error as RustlsError, RootCertStore, SignatureScheme,
};

use super::error::ClientError;

/// Whom a client trusts over TLS. Cheap to clone; many clients should share one, since it holds all the certificates.
///
/// By default a server must show a certificate for its name from a public certification authority.
///
/// ```
/// use socketio::client::{ClientConfig, Tls};
///
/// # fn own(pem: &[u8]) -> Result<ClientConfig, socketio::client::ClientError> {
/// let config = ClientConfig {
///     tls: Tls::with_roots(pem)?,
///     ..ClientConfig::default()
/// };
/// # Ok(config)
/// # }
/// ```
#[derive(Clone)]
pub struct Tls(Arc<ClientConfig>);

impl Default for Tls {
    /// Trusts the public certification authorities, as browsers do.
    fn default() -> Self {
        // The list is large, and the same for everybody.
        static PUBLIC: OnceLock<Tls> = OnceLock::new();
        PUBLIC.get_or_init(|| Self::trusting(public_roots())).clone()
    }
}

impl Tls {
    /// Trusts the certificates in `pem` as well: those of an authority of one's own, or a self-signed one.
    ///
    /// # Errors
    /// [`ClientError::Tls`] when there is none in it, or one cannot be read.
    pub fn with_roots(pem: &[u8]) -> Result<Self, ClientError> {
        let refuse =
            |error: &dyn fmt::Display| ClientError::Tls(format!("cannot trust the certificates: {error}"));
        let mut roots = public_roots();
        let public_count = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| refuse(&error))?;
            roots.add(certificate).map_err(|error| refuse(&error))?;
        }
        if roots.len() == public_count {
            return Err(refuse(&"there are none"));
        }
        Ok(Self::trusting(roots))
    }

    /// DANGER: trusts everybody, so that anyone on the way may read and change everything. For experiments with a server
    /// on the same machine; [`Tls::with_roots`] is nearly as easy.
    pub fn danger_accept_invalid_certs() -> Self {
        let verifier = Arc::new(TrustsEverybody(
            WebPkiServerVerifier::builder_with_provider(
                Arc::new(public_roots()),
                Arc::new(ring::default_provider()),
            )
            .build()
            .expect("there are public roots"),
        ));
        let mut config = Self::trusting(public_roots());
        Arc::make_mut(&mut config.0)
            .dangerous()
            .set_certificate_verifier(verifier);
        config
    }

    pub(super) fn connector(&self) -> TlsConnector {
        self.0.clone().into()
    }

    fn trusting(roots: RootCertStore) -> Self {
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider knows the versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self(Arc::new(config))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

fn public_roots() -> RootCertStore {
    RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    }
}

/// Does not ask who the server is. That it holds the key of whatever it shows is checked all the same.
#[derive(Debug)]
struct TrustsEverybody(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for TrustsEverybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, RustlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
