//! The echo server behind TLS, and three clients: one asks for the right name, one for a wrong one,
//! one speaks no TLS.
use deferreds::Failure;
use reactor::{Address, Handle, Hold, react};
use std::{process::ExitCode, rc::Rc, sync::Arc};
use trace::say;
use transports::{
    Factory, Loss, Protocol, Transport, connect, listen,
    tls::{
        Tls,
        rustls::{
            ClientConfig, RootCertStore, ServerConfig, crypto::ring, pki_types::PrivateKeyDer,
        },
        secure,
    },
};

// ANCHOR: echo
/// The echo server of the chapter's first page, without a change.
struct Echo;

impl Protocol for Echo {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        transport.write(data);
        Ok(())
    }
}
// ANCHOR_END: echo

// ANCHOR: client
/// Says one line.
struct Client {
    name: &'static str,
    _done: Hold,
}

impl Protocol for Client {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write("Gather ye rosebuds");
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        match std::str::from_utf8(data) {
            Ok(text) if transport.tls_facts().is_some() => say!("{}: {text}", self.name),
            _ => say!("{}: {data:?}", self.name),
        }
        transport.lose_connection();
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        say!("{}: {why}", self.name);
    }
}

struct Clients {
    name: &'static str,
    done: Hold,
}

impl Factory for Clients {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        let (name, _done) = (self.name, self.done.clone());
        Some(Box::new(Client { name, _done }))
    }

    fn connection_failed(&self, _: &Address, why: Failure) {
        let why = why.to_string();
        let first = why.split([':', ';']).next().unwrap_or_default();
        say!("{}: no connection: {first}", self.name);
    }
}
// ANCHOR_END: client

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor: &Handle, done| {
        let (server, client) = configurations("poetry.test")?;
        let echo = secure(Tls::server(server), Rc::new(|_: &Address| Echo));
        let port = listen(reactor, &Address::loopback(0), echo)?;
        for (name, asks_for) in [("right", "poetry.test"), ("wrong", "prose.test")] {
            let done = done.clone();
            let tls = Tls::client(client.clone(), asks_for)?;
            connect(
                reactor,
                port.address(),
                secure(tls, Rc::new(Clients { name, done })),
            );
        }
        let name = "plain";
        connect(reactor, port.address(), Rc::new(Clients { name, done }));
        Ok::<(), Failure>(())
    })
}
// ANCHOR_END: main

type Configurations = (Arc<ServerConfig>, Arc<ClientConfig>);

// ANCHOR: configurations
/// A certificate for `name` that signs itself, and a client that trusts it and no other.
fn configurations(name: &str) -> Result<Configurations, Failure> {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519)?;
    let names = vec![name.to_owned()];
    let certificate = rcgen::CertificateParams::new(names)?.self_signed(&key)?;
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone())?;

    let provider = Arc::new(ring::default_provider());
    let server = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok((Arc::new(server), Arc::new(client)))
}
// ANCHOR_END: configurations
