//! TLS by an endpoint's string alone: keys, chains, versions, several names, and each mistake with
//! its place.
use applications::{ClientEndpoint, Endpoint, escaped};
use deferreds::Failure;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reactor::{Os, Reactor};
use std::{cell::RefCell, fs, path::PathBuf, rc::Rc, sync::Arc};
use transports::{
    Address, Factory, Loss, Protocol, Transport, connect,
    tls::{
        Tls,
        rustls::{
            ClientConfig, RootCertStore, SupportedProtocolVersion,
            crypto::ring,
            version::{TLS12, TLS13},
        },
        secure,
    },
};

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let name = format!("untwisted-secure-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An authority, an intermediate one, and what it signs.
struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    middle: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Authority {
        let ca = || {
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params
        };
        let root = CertifiedIssuer::self_signed(ca(), KeyPair::generate().unwrap()).unwrap();
        let mut middle = ca();
        middle
            .distinguished_name
            .push(rcgen::DnType::CommonName, "the one between");
        let middle =
            CertifiedIssuer::signed_by(middle, KeyPair::generate().unwrap(), &root).unwrap();
        Authority { root, middle }
    }

    /// Key and certificate for a host.
    fn sign(&self, host: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.middle).unwrap();
        (key.serialize_pem(), certificate.pem())
    }

    fn client(&self, versions: &[&'static SupportedProtocolVersion]) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.der().clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider);
        let builder = builder.with_protocol_versions(versions).unwrap();
        Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
    }
}

/// Answers with the name that the client asked for, and closes.
struct Names;

impl Protocol for Names {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let name = transport.tls_facts().and_then(|facts| facts.server_name);
        transport.write(name.unwrap_or_default());
        transport.lose_connection();
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

/// What a client hears, or why not.
type Answer = Rc<RefCell<Option<Result<String, String>>>>;

struct Asks(Answer);

impl Factory for Asks {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Hears(Rc::clone(&self.0), String::new())))
    }
    fn connection_failed(&self, _: &Address, why: Failure) {
        *self.0.borrow_mut() = Some(Err(why.to_string()));
    }
}

struct Hears(Answer, String);

impl Protocol for Hears {
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.1 += &String::from_utf8_lossy(data);
        Ok(())
    }
    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        let heard = match why {
            Loss::Done => Ok(self.1.clone()),
            why => Err(why.to_string()),
        };
        *self.0.borrow_mut() = Some(heard);
    }
}

/// Asks the endpoint for a host.
fn ask(text: &str, config: Arc<ClientConfig>, host: &str) -> Result<String, String> {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    let endpoint: Endpoint = text.parse().unwrap();
    let port = endpoint
        .listen(&handle, Rc::new(|_: &Address| Names))
        .unwrap();
    let answer = Answer::default();
    let tls = Tls::client(config, host).unwrap();
    let factory = secure(tls, Rc::new(Asks(Rc::clone(&answer))));
    connect(&handle, port.address().unwrap(), factory);
    while answer.borrow().is_none() {
        reactor.turn(None).unwrap();
    }
    answer.take().unwrap()
}

#[test]
fn a_key_a_certificate_and_a_chain() {
    let (folder, authority) = (Folder::new("chain"), Authority::new());
    let (key, certificate) = authority.sign("poems.example");
    let key_file = escaped(&folder.write("key.pem", &key));
    let certificate_file = escaped(&folder.write("cert.pem", &certificate));
    let chain = escaped(&folder.write("chain.pem", &authority.middle.pem()));
    let both = escaped(&folder.write("both.pem", &(key + &certificate + &authority.middle.pem())));
    let client = || authority.client(&[&TLS13, &TLS12]);

    let at = "ssl:0:interface=127.0.0.1";
    let text =
        format!("{at}:privateKey={key_file}:certKey={certificate_file}:extraCertChain={chain}");
    assert_eq!(
        ask(&text, client(), "poems.example"),
        Ok("poems.example".to_owned())
    );
    // All in one file.
    let text = format!("{at}:privateKey={both}");
    assert_eq!(
        ask(&text, client(), "poems.example"),
        Ok("poems.example".to_owned())
    );
    // Another name is not in the certificate.
    let error = ask(&text, client(), "prose.example").unwrap_err();
    assert!(error.contains("not valid for name"), "{error}");
    // Without the one between, the client finds no way to the root.
    let text = format!("{at}:privateKey={key_file}:certKey={certificate_file}");
    let error = ask(&text, client(), "poems.example").unwrap_err();
    assert!(error.contains("UnknownIssuer"), "{error}");
}

#[test]
fn the_smallest_version_is_kept() {
    let (folder, authority) = (Folder::new("version"), Authority::new());
    let (key, certificate) = authority.sign("poems.example");
    let pem = escaped(&folder.write("all.pem", &(key + &certificate + &authority.middle.pem())));
    let old = || authority.client(&[&TLS12]);
    let text = format!("ssl:0:interface=127.0.0.1:privateKey={pem}");
    assert!(ask(&text, old(), "poems.example").is_ok(), "1.2 is allowed");
    let text = text + ":minVersion=1.3";
    assert!(ask(&text, old(), "poems.example").is_err());
    assert!(ask(&text, authority.client(&[&TLS13]), "poems.example").is_ok());
}

#[test]
fn several_names_at_one_port() {
    let (folder, authority) = (Folder::new("names"), Authority::new());
    let pem = |host: &str| {
        let (key, certificate) = authority.sign(host);
        key + &certificate + &authority.middle.pem()
    };
    folder.write("names/poems.example.pem", &pem("poems.example"));
    folder.write("names/prose.example.pem", &pem("prose.example"));
    folder.write("names/README.txt", "not a certificate, and not looked at");
    let otherwise = escaped(&folder.write("otherwise.pem", &pem("other.example")));
    let names = escaped(&folder.0.join("names").display().to_string());
    let client = || authority.client(&[&TLS13, &TLS12]);

    let text = format!("tls:0:interface=127.0.0.1:privateKey={otherwise}:names={names}");
    for host in ["poems.example", "prose.example", "other.example"] {
        assert_eq!(ask(&text, client(), host), Ok(host.to_owned()));
    }
    // No client is shown a certificate of another host, if there is none for all.
    let text = format!("tls:0:interface=127.0.0.1:names={names}");
    assert_eq!(
        ask(&text, client(), "prose.example"),
        Ok("prose.example".to_owned())
    );
    assert!(ask(&text, client(), "other.example").is_err());
}

#[test]
fn files_that_are_wrong_are_pointed_at() {
    let (folder, authority) = (Folder::new("wrong"), Authority::new());
    let (key, certificate) = authority.sign("poems.example");
    let (other, _) = authority.sign("poems.example");
    let key_file = escaped(&folder.write("key.pem", &key));
    let other = escaped(&folder.write("other.pem", &other));
    let cert = escaped(&folder.write("cert.pem", &certificate));
    let nothing = escaped(&folder.write("nothing.pem", "roses are red\n"));
    let broken = key.replace('M', "?");
    let broken = escaped(&folder.write("broken.pem", &broken));
    folder.write("names/prose.example.pem", &(key + &certificate));
    let names = escaped(&folder.0.join("names").display().to_string());
    let empty = folder.0.join("empty");
    fs::create_dir(&empty).unwrap();
    let empty = escaped(&empty.display().to_string());
    for (options, part, what) in [
        (
            format!("privateKey={nothing}:certKey={cert}"),
            &nothing,
            "no private key",
        ),
        (
            format!("privateKey={broken}:certKey={cert}"),
            &broken,
            "no PEM",
        ),
        (
            format!("privateKey={key_file}"),
            &key_file,
            "no certificate",
        ),
        (
            format!("privateKey={key_file}:certKey={nothing}"),
            &nothing,
            "no certificate",
        ),
        (
            format!("privateKey={other}:certKey={cert}"),
            &cert,
            "do not fit",
        ),
        (
            format!("privateKey={key_file}:certKey={cert}:extraCertChain={nothing}"),
            &nothing,
            "no certificate",
        ),
        (format!("names={names}"), &names, "prose.example.pem"),
        (format!("names={empty}"), &empty, "HOST.pem"),
        (
            format!("privateKey={key_file}:certKey={cert}:minVersion=1.1"),
            &"1.1".to_owned(),
            "1.2 or 1.3",
        ),
    ] {
        let text = format!("ssl:4443:{options}");
        let error = text.parse::<Endpoint>().unwrap_err();
        assert_eq!(&&text[error.at()], part, "{error}");
        assert!(error.what().contains(what), "{error}");
    }
}

/// The same two factories over every kind that has an address. Standard input and systemd's sockets
/// need a process of their own: see `processes.rs`.
#[test]
fn only_the_strings_differ() {
    let (folder, authority) = (Folder::new("strings"), Authority::new());
    let (key, certificate) = authority.sign("localhost");
    let chain = certificate + &authority.middle.pem();
    let pem = escaped(&folder.write("all.pem", &(key + &chain)));
    let roots = escaped(&folder.write("roots.pem", &authority.root.pem()));
    let own = escaped(&folder.write("empty.pem", "no authority"));
    let path = escaped(&folder.0.join("poems.sock").display().to_string());
    let untrusting = format!("tls:localhost:PORT:trustRoots={own}");
    assert!(untrusting.parse::<ClientEndpoint>().is_err());

    let six = std::net::TcpListener::bind("[::1]:0").is_ok();
    let mut all = vec![
        (
            "tcp:0:interface=127.0.0.1".to_owned(),
            "tcp:localhost:PORT".to_owned(),
        ),
        (format!("unix:{path}:mode=600"), format!("unix:{path}")),
        (
            format!("ssl:0:interface=127.0.0.1:privateKey={pem}"),
            format!("tls:localhost:PORT:trustRoots={roots}:timeout=30"),
        ),
        (
            format!("ssl:0:interface=127.0.0.1:privateKey={pem}:minVersion=1.3"),
            format!("tls:127.0.0.1:PORT:name=localhost:trustRoots={roots}:minVersion=1.3"),
        ),
    ];
    if six {
        all.push((
            r"tcp6:0:interface=\:\:1".to_owned(),
            r"tcp:\:\:1:PORT".to_owned(),
        ));
    } else {
        eprintln!("NOT LOOKED AT: tcp6: this machine has no IPv6");
    }
    for (server, client) in all {
        let mut reactor = Reactor::new(Os::new().unwrap());
        let handle = reactor.handle();
        let listening = server.parse::<Endpoint>().unwrap();
        let listening = listening
            .listen(&handle, Rc::new(|_: &Address| Echo))
            .unwrap();
        let port = listening.address().unwrap().port().unwrap_or_default();
        let client = client.replace("PORT", &port.to_string());
        let answer = Answer::default();
        let asks = Rc::new(Asks(Rc::clone(&answer)));
        let connected = client
            .parse::<ClientEndpoint>()
            .unwrap()
            .connect(&handle, asks);
        connected.on_result(|transport| transport.unwrap().write("Gather ye rosebuds"));
        while answer.borrow().is_none() {
            reactor.turn(None).unwrap();
        }
        assert_eq!(
            answer.take(),
            Some(Ok("Gather ye rosebuds".to_owned())),
            "{server}"
        );
    }
}

/// Says what it hears, once, and closes.
struct Echo;

impl Protocol for Echo {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        transport.write(data);
        transport.lose_connection();
        Ok(())
    }
}

#[test]
fn a_client_believes_only_its_authorities() {
    let (folder, authority, other) = (Folder::new("believes"), Authority::new(), Authority::new());
    let (key, certificate) = authority.sign("localhost");
    let pem = escaped(&folder.write("all.pem", &(key + &certificate + &authority.middle.pem())));
    let roots = escaped(&folder.write("roots.pem", &other.root.pem()));
    let mut reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    let server: Endpoint = format!("ssl:0:interface=127.0.0.1:privateKey={pem}")
        .parse()
        .unwrap();
    let listening = server.listen(&handle, Rc::new(|_: &Address| Echo)).unwrap();
    let port = listening.address().unwrap().port().unwrap();
    let client = format!("tls:localhost:{port}:trustRoots={roots}");
    let asks = Rc::new(Asks(Answer::default()));
    let connected = client
        .parse::<ClientEndpoint>()
        .unwrap()
        .connect(&handle, asks);
    let stops = handle.clone();
    let failed = connected.add_both(move |result| {
        stops.stop()?;
        Ok(result.err().map(|failure| failure.to_string()))
    });
    reactor.run().unwrap();
    let why = failed.into_result().unwrap().unwrap().unwrap();
    assert!(why.contains("invalid peer certificate"), "{why}");
}
