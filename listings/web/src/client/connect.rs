//! A connection to a server: looked up, connected, with TLS if need be, and hyper on it.
use super::origin::Origin;
use crate::Bytes;
use coroutines::spawn;
use deferreds::{Deferred, Failure, Resolver};
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use reactor::{Address, Handle};
use std::{
    cell::{Cell, RefCell},
    net::{IpAddr, SocketAddr},
    rc::Rc,
    sync::Arc,
};
use transports::{
    ConnectOptions, Connector, Factory, Protocol, Stream, Streams, connect_any, connect_host,
    tls::{
        Tls, provider,
        rustls::{
            ClientConfig, RootCertStore, pki_types::CertificateDer, pki_types::pem::PemObject,
        },
        secure,
    },
};

/// Connects, and has hyper run the connection in a task of its own.
pub(crate) async fn connect(
    reactor: &Handle,
    to: &Origin,
    tls: Option<&Arc<ClientConfig>>,
) -> Result<SendRequest<Full<Bytes>>, Failure> {
    let stream = connect_stream(reactor, to, tls)?.await?;
    let (sender, connection) = http1::handshake(stream).await?;
    drop(spawn(reactor, async move {
        // The request that waits for an answer fails, too.
        if let Err(error) = connection.await {
            tracing::debug!("a connection to a server broke: {error}");
        }
        Ok(())
    }));
    Ok(sender)
}

/// Fires with a stream that is connected, over TLS for `https:`. Cancelling it stops the attempt.
fn connect_stream(
    reactor: &Handle,
    to: &Origin,
    tls: Option<&Arc<ClientConfig>>,
) -> Result<Deferred<Stream>, Failure> {
    // Empty until the attempt is made, below; the canceller is made before that.
    let connector = Rc::new(RefCell::new(None::<Connector>));
    let canceller = Rc::clone(&connector);
    let (resolver, stream) = Deferred::with_canceller(move |_| {
        if let Some(connector) = canceller.take() {
            connector.cancel();
        }
    });
    let mut factory: Rc<dyn Factory> = Rc::new(StreamFactory(Rc::new(Cell::new(Some(resolver)))));
    if to.tls {
        let Some(config) = tls else {
            return Err(Failure::new(
                "https: say whom to believe, in `ClientOptions::tls`",
            ));
        };
        factory = secure(Tls::client(Arc::clone(config), &to.host)?, factory);
    }
    let options = ConnectOptions::default();
    let made = match to.host.parse::<IpAddr>() {
        Ok(ip) => connect_any(
            reactor,
            &[Address::from(SocketAddr::new(ip, to.port))],
            factory,
            options,
        ),
        Err(_) => connect_host(reactor, &to.host, to.port, factory, options),
    };
    *connector.borrow_mut() = Some(made);
    Ok(stream)
}

/// Fires with the stream of its one connection, or with why there is none.
struct StreamFactory(Rc<Cell<Option<Resolver<Stream>>>>);

impl Factory for StreamFactory {
    fn build_protocol(&self, peer: &Address) -> Option<Box<dyn Protocol>> {
        let resolver = Rc::clone(&self.0);
        let fire = move |stream| {
            if let Some(resolver) = resolver.take() {
                resolver.callback(stream);
            }
        };
        Streams(fire).build_protocol(peer)
    }

    fn connection_failed(&self, _: &Address, why: Failure) {
        if let Some(resolver) = self.0.take() {
            resolver.errback(why);
        }
    }
}

/// Returns a configuration that believes the certificates in that PEM text, and no others.
///
/// # Errors
/// When there is none in it, or one that is broken.
pub fn trust(pem: &[u8]) -> Result<Arc<ClientConfig>, Failure> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate?)?;
    }
    if roots.is_empty() {
        return Err(Failure::new("there is no certificate in this PEM text"));
    }
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
