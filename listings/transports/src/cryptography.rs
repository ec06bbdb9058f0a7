//! The cryptography under TLS: ring, and nothing in a page, for which ring's C is not compiled.
use rustls::crypto::CryptoProvider;
use std::sync::Arc;

/// Returns the cryptography of the whole book. In a page there is none: no key can be loaded with
/// it, and no handshake begun.
///
/// ```
/// use transports::tls::{provider, rustls::ServerConfig};
/// let config = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
/// assert!(config.is_ok());
/// ```
#[cfg(not(target_family = "wasm"))]
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

#[cfg(target_family = "wasm")]
#[allow(missing_docs)]
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        cipher_suites: Vec::new(),
        kx_groups: Vec::new(),
        signature_verification_algorithms: rustls::crypto::WebPkiSupportedAlgorithms {
            all: &[],
            mapping: &[],
        },
        secure_random: &NoCryptography,
        key_provider: &NoCryptography,
    })
}

#[cfg(target_family = "wasm")]
#[derive(Debug)]
struct NoCryptography;

#[cfg(target_family = "wasm")]
impl rustls::crypto::SecureRandom for NoCryptography {
    fn fill(&self, _: &mut [u8]) -> Result<(), rustls::crypto::GetRandomFailed> {
        Err(rustls::crypto::GetRandomFailed)
    }
}

#[cfg(target_family = "wasm")]
impl rustls::crypto::KeyProvider for NoCryptography {
    fn load_private_key(
        &self,
        _: rustls::pki_types::PrivateKeyDer<'static>,
    ) -> Result<Arc<dyn rustls::sign::SigningKey>, rustls::Error> {
        Err(rustls::Error::General(
            "a page has no cryptography".to_owned(),
        ))
    }
}
