//! Keys and certificates that an endpoint's string names: read, checked, and made a configuration
//! of rustls.
use crate::{EndpointError, Options};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use transports::tls::{
    provider,
    rustls::{
        ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion,
        crypto::CryptoProvider,
        pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
        server::{ClientHello, ResolvesServerCert, ResolvesServerCertUsingSni},
        sign::{CertifiedKey, SingleCertAndKey},
        version::{TLS12, TLS13},
    },
};

/// Makes a server's configuration of `privateKey`, `certKey`, `extraCertChain`, `names` and
/// `minVersion`.
pub(crate) fn server(options: &mut Options) -> Result<Arc<ServerConfig>, EndpointError> {
    let provider = provider();
    let resolver = CertificateResolver {
        default: pair(options, &provider)?.map(Arc::new),
        by_name: names(options, &provider)?,
    };
    if resolver.default.is_none() && resolver.by_name.is_none() {
        let what = "the key is missing: privateKey=FILE, and certKey=FILE if the certificate has a file of its own";
        return Err(options.missing(what));
    }
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions(options)?)
        .map_err(|error| options.wrong(error.to_string()))?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver));
    Ok(Arc::new(config))
}

/// Makes a client's configuration of `trustRoots`, `minVersion`, and `privateKey` for a client that
/// shows a certificate, too.
pub(crate) fn client(options: &mut Options) -> Result<Arc<ClientConfig>, EndpointError> {
    let provider = provider();
    let roots = roots(options)?;
    let own = pair(options, &provider)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions(options)?)
        .map_err(|error| options.wrong(error.to_string()))?
        .with_root_certificates(roots);
    Ok(Arc::new(match own {
        None => config.with_no_client_auth(),
        Some(own) => config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(own))),
    }))
}

/// Returns the authorities that are believed: those of a file, or those of this machine.
fn roots(options: &mut Options) -> Result<RootCertStore, EndpointError> {
    let mut roots = RootCertStore::empty();
    let (found, whose) = match options.file("trustRoots")? {
        Some(pem) => {
            let found = certificates(&pem).map_err(|what| options.wrong(what))?;
            (found, "in this file")
        }
        None => (of_this_machine(), "on this machine"),
    };
    // One that cannot be read is no reason to believe none.
    let (added, _) = roots.add_parsable_certificates(found);
    match added {
        0 => {
            let what =
                format!("no certificate of an authority is {whose}; trustRoots=FILE names some");
            Err(options.wrong(what))
        }
        _ => Ok(roots),
    }
}

#[cfg(not(target_family = "wasm"))]
fn of_this_machine() -> Vec<CertificateDer<'static>> {
    rustls_native_certs::load_native_certs().certs
}

/// Returns none: a page believes no authority.
#[cfg(target_family = "wasm")]
fn of_this_machine() -> Vec<CertificateDer<'static>> {
    Vec::new()
}

pub(crate) fn versions(
    options: &mut Options,
) -> Result<Vec<&'static SupportedProtocolVersion>, EndpointError> {
    match options.text("minVersion")?.as_deref() {
        None | Some("1.2") => Ok(vec![&TLS13, &TLS12]),
        Some("1.3") => Ok(vec![&TLS13]),
        Some(_) => Err(options.wrong("this version is not there: 1.2 or 1.3")),
    }
}

/// Chooses the certificate that a client is shown: that of the host it asks for, or the default.
#[derive(Debug)]
struct CertificateResolver {
    by_name: Option<ResolvesServerCertUsingSni>,
    default: Option<Arc<CertifiedKey>>,
}

// ANCHOR: resolve
impl ResolvesServerCert for CertificateResolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let by_name = self.by_name.as_ref();
        let found = by_name.and_then(|by_name| by_name.resolve(hello));
        found.or_else(|| self.default.clone())
    }
}
// ANCHOR_END: resolve

/// Reads the key and the certificates of `privateKey`, `certKey` and `extraCertChain`.
pub(crate) fn pair(
    options: &mut Options,
    provider: &CryptoProvider,
) -> Result<Option<CertifiedKey>, EndpointError> {
    let Some(with_key) = options.file("privateKey")? else {
        for key in ["certKey", "extraCertChain"] {
            if options.text(key)?.is_some() {
                return Err(options.wrong("a certificate is of no use without privateKey=FILE"));
            }
        }
        return Ok(None);
    };
    // One file may hold both, so a certificate of its own is looked for second.
    let key = PrivateKeyDer::from_pem_slice(&with_key).map_err(|error| {
        let what = match error {
            pem::Error::NoItemsFound => "no private key is in this file".to_owned(),
            error => format!("this file is no PEM with a private key: {error}"),
        };
        options.wrong(what)
    })?;
    let with_certificates = options.file("certKey")?.unwrap_or(with_key);
    let mut chain = certificates(&with_certificates).map_err(|what| options.wrong(what))?;
    if let Some(more) = options.file("extraCertChain")? {
        chain.extend(certificates(&more).map_err(|what| options.wrong(what))?);
    }
    match CertifiedKey::from_der(chain, key, provider) {
        Ok(pair) => Ok(Some(pair)),
        Err(error) => Err(options.wrong(format!("key and certificate do not fit: {error}"))),
    }
}

/// Returns all certificates of a PEM file, one at least.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if found.is_empty() => Err("no certificate is in this file".to_owned()),
        Ok(found) => Ok(found),
        Err(error) => Err(format!("this file is no PEM with certificates: {error}")),
    }
}

/// Reads the files of the folder `names`, each called after the host it is for.
fn names(
    options: &mut Options,
    provider: &CryptoProvider,
) -> Result<Option<ResolvesServerCertUsingSni>, EndpointError> {
    let Some(folder) = options.text("names")? else {
        return Ok(None);
    };
    let files = pem_files(Path::new(&folder))
        .map_err(|error| options.wrong(format!("this folder cannot be read: {error}")))?;
    if files.is_empty() {
        return Err(options.wrong("no file called HOST.pem is in this folder"));
    }
    let mut all = ResolvesServerCertUsingSni::new();
    for file in files {
        add(&mut all, &file, provider)
            .map_err(|what| options.wrong(format!("{}: {what}", file.display())))?;
    }
    Ok(Some(all))
}

fn pem_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "pem") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Adds one pair. The certificate must be good for that host, or it is an error here and not in a
/// browser.
fn add(
    all: &mut ResolvesServerCertUsingSni,
    file: &Path,
    provider: &CryptoProvider,
) -> Result<(), String> {
    let pem = fs::read(file).map_err(|error| error.to_string())?;
    let key = PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|error| format!("no private key is in it: {error}"))?;
    let pair = CertifiedKey::from_der(certificates(&pem)?, key, provider)
        .map_err(|error| format!("key and certificate do not fit: {error}"))?;
    let host = file.file_stem().unwrap_or_default().to_string_lossy();
    all.add(&host, pair).map_err(|error| error.to_string())
}
