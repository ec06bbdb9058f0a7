//! TLS on both sides, in both worlds: handshakes, ends, and what goes wrong.
#[path = "../../tests/help/mod.rs"]
mod help;
#[path = "tls/relay.rs"]
mod relay;

use deferreds::Failure;
use help::{Probe, os, pattern, rest, sim, until};
use reactor::{Address, Handle, Reactor};
use std::{cell::RefCell, rc::Rc, sync::Arc};
use transports::{
    Factory, Loss, Protocol, Transport, connect, listen,
    tls::{
        Tls,
        rustls::{
            self, CertificateError, ClientConfig, RootCertStore, ServerConfig,
            pki_types::{CertificateDer, PrivateKeyDer},
        },
        secure,
    },
};

const NAME: &str = "untwisted.test";

/// A certificate for that name, good from and until those years, which signs itself.
fn certificate(name: &str, years: (i32, i32)) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
    params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
    let certificate = params.self_signed(&key).unwrap();
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    (certificate.der().clone(), key)
}

/// Both sides, with a certificate of those years; the client knows it, and asks for `name`.
fn both(years: (i32, i32), name: &str) -> (Tls, Tls) {
    let (certificate, key) = certificate(NAME, years);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut server = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    server.alpn_protocols = vec![b"poem/1".to_vec()];
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let mut client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.alpn_protocols = vec![b"poem/1".to_vec(), b"poem/0".to_vec()];
    (
        Tls::server(Arc::new(server)),
        Tls::client(Arc::new(client), name).unwrap(),
    )
}

fn good() -> (Tls, Tls) {
    both((2020, 2120), NAME)
}

fn worlds() -> Vec<(&'static str, Reactor)> {
    vec![
        ("quiet", sim("1")),
        ("cut", sim("1,chunk=1-50")),
        ("narrow", sim("1,buffer=700")),
        ("os", os()),
    ]
}

struct Secured {
    reactor: Reactor,
    handle: Handle,
    at: Address,
}

/// A server and a client with TLS around them.
fn secured(reactor: Reactor, server: &Probe, client: &Probe) -> Secured {
    let (server_tls, client_tls) = good();
    let handle = reactor.handle();
    let factory = secure(server_tls, server.factory());
    let port = listen(&handle, &Address::loopback(0), factory).unwrap();
    let at = port.address().clone();
    connect(&handle, &at, secure(client_tls, client.factory()));
    Secured {
        reactor,
        handle,
        at,
    }
}

#[test]
fn bytes_pass_both_ways_and_both_sides_know_each_other() {
    for (world, reactor) in worlds() {
        let server = Probe::echo();
        let client = Probe::new().on_made(|t| {
            t.write(pattern(50_000));
            Ok(())
        });
        let mut s = secured(reactor, &server, &client);
        until(&mut s.reactor, "echoed", || client.received() == 50_000);
        assert!(client.data() == pattern(50_000), "{world}");
        let (on_server, on_client) = (
            server.transport().tls_facts().unwrap(),
            client.transport().tls_facts().unwrap(),
        );
        assert_eq!(on_server.server_name.as_deref(), Some(NAME));
        assert_eq!(on_client.alpn.as_deref(), Some(&b"poem/1"[..]));
        assert_eq!(on_client.peer_certificates.len(), 1);
        client.transport().lose_connection();
        until(&mut s.reactor, "lost", || {
            client.lost() == 1 && server.lost() == 1
        });
        assert!(matches!(client.loss(), Loss::Done), "{world}");
        assert!(matches!(server.loss(), Loss::Done), "{world}");
        assert_eq!(client.log(), ["made", "data", "lost: done"]);
    }
}

#[test]
fn lose_connection_flushes_and_ignores_what_is_written_after_it() {
    for (world, reactor) in worlds() {
        let server = Probe::new().on_made(|t| {
            t.write(pattern(100_000));
            t.lose_connection();
            t.lose_connection();
            t.write("ignored, as without TLS");
            Ok(())
        });
        let client = Probe::new();
        let mut s = secured(reactor, &server, &client);
        until(&mut s.reactor, "lost", || client.lost() == 1);
        assert!(client.data() == pattern(100_000), "{world}");
        assert_eq!(client.log(), ["made", "data", "peer closed", "lost: done"]);
    }
}

#[test]
fn a_half_close_works_within_tls() {
    for (world, reactor) in worlds() {
        let server = Probe::new().on_peer_closed(|t| {
            t.write("the answer");
            t.lose_connection();
        });
        let client = Probe::new().on_made(|t| {
            t.write("the question");
            t.lose_write_connection();
            Ok(())
        });
        let mut s = secured(reactor, &server, &client);
        until(&mut s.reactor, "lost", || {
            client.lost() == 1 && server.lost() == 1
        });
        assert_eq!(server.data(), b"the question", "{world}");
        assert_eq!(client.data(), b"the answer", "{world}");
        assert!(matches!(client.loss(), Loss::Done), "{world}");
    }
}

/// Speaks a line in the clear, and then TLS.
struct Upgrade {
    tls: Tls,
    first: &'static str,
    probe: Probe,
    begins: bool,
}

impl Protocol for Upgrade {
    fn connection_made(&mut self, t: &Transport) -> Result<(), Failure> {
        if self.begins {
            t.write(self.first);
        }
        Ok(())
    }
    fn data_received(&mut self, t: &Transport, data: &[u8]) -> Result<(), Failure> {
        let end = data.iter().position(|b| *b == b'\n').expect("one line") + 1;
        if !self.begins {
            t.write("go ahead\n");
        }
        t.start_tls(&self.tls, &data[end..])?;
        let again = t.start_tls(&self.tls, &[]).unwrap_err();
        assert!(again.to_string().contains("already"));
        t.write("secret");
        t.set_protocol(Box::new(help::Side(self.probe.clone())), &[]);
        Ok(())
    }
    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        panic!("replaced by then: {why}");
    }
}

struct Upgrades(RefCell<Option<Upgrade>>);

impl Factory for Upgrades {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(self.0.take()?))
    }
}

fn upgrade(reactor: &mut Reactor, first: &'static str) -> (Probe, Probe) {
    let handle = reactor.handle();
    let (server_tls, client_tls) = good();
    let (server, client) = (Probe::new(), Probe::new());
    let side = |tls, probe: &Probe, begins| {
        Rc::new(Upgrades(RefCell::new(Some(Upgrade {
            tls,
            first,
            probe: probe.clone(),
            begins,
        }))))
    };
    let port = listen(
        &handle,
        &Address::loopback(0),
        side(server_tls, &server, false),
    )
    .unwrap();
    connect(&handle, port.address(), side(client_tls, &client, true));
    (server, client)
}

#[test]
fn tls_can_start_in_the_middle() {
    for mut reactor in [sim("1"), os()] {
        let (server, client) = upgrade(&mut reactor, "STARTTLS\n");
        until(&mut reactor, "both are heard", || {
            server.received() == 6 && client.received() == 6
        });
        assert_eq!(
            (server.data(), client.data()),
            (b"secret".to_vec(), b"secret".to_vec())
        );
        assert_eq!(server.log(), ["secured", "data"]);
    }
}

#[test]
fn what_was_slipped_in_before_the_handshake_is_no_plain_text() {
    let mut reactor = sim("1");
    let (server, _) = upgrade(&mut reactor, "STARTTLS\nMAIL FROM: an attacker\n");
    until(&mut reactor, "refused", || server.lost() == 1);
    assert_eq!(server.received(), 0);
    let Loss::Failed(failure) = server.loss() else {
        panic!("not failed");
    };
    assert!(failure.check::<rustls::Error>().is_some(), "{failure}");
}

fn tls_error(probe: &Probe) -> rustls::Error {
    probe.failure().trap::<rustls::Error>().expect("of TLS")
}

#[test]
fn bad_certificates_are_refused_by_name() {
    type Is = fn(&CertificateError) -> bool;
    let cases: [(&str, Tls, Tls, Is); 3] = [
        {
            let (server, client) = both((2001, 2002), NAME);
            let is: Is = |e| matches!(e, CertificateError::ExpiredContext { .. });
            ("expired", server, client, is)
        },
        {
            let (server, client) = both((2020, 2120), "somebody.else.test");
            let is: Is = |e| matches!(e, CertificateError::NotValidForNameContext { .. });
            ("wrong name", server, client, is)
        },
        {
            let ((server, _), (_, client)) = (good(), good());
            let is: Is = |e| {
                matches!(
                    e,
                    CertificateError::UnknownIssuer | CertificateError::BadSignature
                )
            };
            ("unknown", server, client, is)
        },
    ];
    for (name, server_tls, client_tls, is) in cases {
        for mut reactor in [sim("1"), os()] {
            let handle = reactor.handle();
            let (server, client) = (Probe::echo(), Probe::new());
            let factory = secure(server_tls.clone(), server.factory());
            let port = listen(&handle, &Address::loopback(0), factory).unwrap();
            connect(
                &handle,
                port.address(),
                secure(client_tls.clone(), client.factory()),
            );
            until(&mut reactor, "both have failed", || {
                client.has_failed() && server.has_failed()
            });
            match tls_error(&client) {
                rustls::Error::InvalidCertificate(why) => assert!(is(&why), "{name}: {why:?}"),
                other => panic!("{name}: {other}"),
            }
            // The alert arrived: the server knows that it was the client who refused.
            let on_server = tls_error(&server);
            assert!(
                matches!(on_server, rustls::Error::AlertReceived(_)),
                "{name}: {on_server}"
            );
            assert_eq!(
                (client.made(), server.made()),
                (0, 0),
                "no protocol was built"
            );
        }
    }
}

#[test]
fn garbage_costs_its_own_connection() {
    for mut reactor in [sim("1"), os()] {
        let handle = reactor.handle();
        let (server_tls, client_tls) = good();
        let server = Probe::echo();
        let factory = secure(server_tls, server.factory());
        let port = listen(&handle, &Address::loopback(0), factory).unwrap();
        let plain = Probe::new().on_made(|t| {
            t.write("GET / HTTP/1.1\r\nHost: untwisted.test\r\n\r\n");
            Ok(())
        });
        connect(&handle, port.address(), plain.factory());
        until(&mut reactor, "refused", || plain.lost() == 1);
        assert!(server.has_failed());
        assert_eq!(plain.data()[0], 21, "an alert says why");
        let client = Probe::new().on_made(|t| {
            t.write("fine");
            Ok(())
        });
        connect(
            &handle,
            port.address(),
            secure(client_tls, client.factory()),
        );
        until(&mut reactor, "served", || client.received() == 4);
    }
}
