//! TLS to a real PostgreSQL, and to servers that have none or cheat.
use databases::{
    Connection, ConnectionPool, Listener, LoginError, News, PoolOptions, Server, Settings,
    connect_tls,
};
use deferreds::{Deferred, Failure};
use reactor::{Address, Os, Reactor, Sim};
use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};
use transports::{
    Protocol, Transport, listen,
    tls::{
        Tls,
        rustls::{self, ClientConfig, RootCertStore, pki_types::CertificateDer},
    },
};

/// A certificate for a name, and its key.
fn certificate(name: &str) -> (String, String, CertificateDer<'static>) {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (
        certificate.pem(),
        key.serialize_pem(),
        certificate.der().clone(),
    )
}

fn trusting(certificate: &CertificateDer<'static>, name: &str) -> Tls {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Tls::client(Arc::new(config), name).unwrap()
}

fn run<T: 'static>(reactor: &mut Reactor, deferred: Deferred<T>) -> Result<T, Failure> {
    let found = Rc::new(RefCell::new(None));
    let keeps = Rc::clone(&found);
    deferred.on_result(move |result| *keeps.borrow_mut() = Some(result));
    for _ in 0..60_000 {
        if let Some(result) = found.take() {
            return result;
        }
        reactor.turn(Some(Duration::from_millis(10))).unwrap();
    }
    panic!("nothing has fired");
}

#[test]
fn a_connection_a_pool_and_a_listener_by_tls() {
    let mut server = Server::temporary().unwrap();
    let (pem, key, der) = certificate("untwisted.test");
    server.certify(&pem, &key).unwrap();
    let mut reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    let settings = server.by_tcp();
    let tls = trusting(&der, "untwisted.test");
    let connected = connect_tls(&handle, &settings, &tls);
    let connection: Connection = run(&mut reactor, connected).unwrap();
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let rows = run(&mut reactor, connection.query(sql, &[])).unwrap();
    assert!(rows[0].get::<bool>("ssl").unwrap());

    // A question of it can be interrupted.
    let sleeps = connection.query("SELECT pg_sleep(600)", &[]);
    let mut watcher = databases::BlockingConnection::new(server.settings()).unwrap();
    let seen = "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    while watcher.query(seen, &[]).unwrap().is_empty() {
        reactor.turn(Some(Duration::from_millis(10))).unwrap();
    }
    run(&mut reactor, connection.cancel()).unwrap();
    assert!(run(&mut reactor, sleeps).is_err());

    let make = move |reactor: &reactor::Handle| connect_tls(reactor, &settings, &tls);
    let pool = ConnectionPool::with_connector(&handle, PoolOptions::default(), make.clone());
    let listener = Listener::with_connector(&handle, make, &["poems"]);
    let listener = run(&mut reactor, listener).unwrap();
    run(&mut reactor, pool.run_operation("NOTIFY poems", &[])).unwrap();
    let news = run(&mut reactor, listener.next()).unwrap();
    assert!(matches!(news, News::Message(_)), "{news:?}");

    // A certificate for another name is none.
    let other = trusting(&der, "twisted.test");
    let refused = connect_tls(&handle, &server.by_tcp(), &other);
    assert!(run(&mut reactor, refused).is_err());
}

/// Answers the first bytes with these.
struct Answers(&'static [u8]);

impl Protocol for Answers {
    fn data_received(&mut self, transport: &Transport, _: &[u8]) -> Result<(), Failure> {
        transport.write(std::mem::take(&mut self.0));
        Ok(())
    }
}

fn cheated(answer: &'static [u8]) -> Failure {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let factory = Rc::new(move |_: &Address| Answers(answer));
    let port = listen(&handle, &Address::loopback(0), factory).unwrap();
    let settings = Settings {
        address: port.address().clone(),
        user: "reader".to_owned(),
        password: Some("rosebuds".to_owned()),
        database: "poems".to_owned(),
    };
    let (_, _, der) = certificate("untwisted.test");
    let connected = connect_tls(&handle, &settings, &trusting(&der, "untwisted.test"));
    run(&mut reactor, connected).unwrap_err()
}

#[test]
fn a_server_without_tls_is_told_nothing() {
    assert_eq!(cheated(b"N").check(), Some(&LoginError::NoTls));
    assert_eq!(cheated(b"E").check(), Some(&LoginError::NoTls));
}

#[test]
fn what_is_slipped_in_before_the_handshake_is_not_believed() {
    // "You are in, and ready", in clear text behind the S.
    let failure = cheated(b"SR\0\0\0\x08\0\0\0\0Z\0\0\0\x05I");
    assert!(
        failure.to_string().to_lowercase().contains("corrupt"),
        "{failure}"
    );
}
