//! HTTPS by the string of an endpoint alone: HTTP/1.1 and HTTP/2, as the client likes.
use applications::Endpoint;
use coroutines::{block_on, spawn};
use deferreds::Failure;
use reactor::{Handle, Os, Reactor};
use std::{cell::Cell, rc::Rc, sync::Arc, time::Duration};
use transports::{
    Address, Factory, Protocol, Stream, Streams, connect,
    tls::{Tls, rustls::ClientConfig, secure},
};
use web::{Branch, Client, ClientOptions, Page, RunningSite, Site, plain, streamed, trust};

struct Secure {
    reactor: Reactor,
    running: RunningSite,
    at: Address,
    trusted: Arc<ClientConfig>,
    _folder: tempfile::TempDir,
}

fn serve() -> Secure {
    let reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (key, certificate) = (
        folder.path().join("key.pem"),
        folder.path().join("certificate.pem"),
    );
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    let text = format!(
        "ssl:0:privateKey={}:certKey={}:interface=127.0.0.1",
        key.display(),
        certificate.display()
    );
    let writes = handle.clone();
    let root = Branch::new()
        .put(
            "",
            Page::new(|request: &web::Request| plain(format!("{:?}", request.version()))),
        )
        .put(
            "written",
            Page::new(move |_| {
                let (writer, response) = streamed(&writes, "text/plain");
                drop(spawn(&writes, async move {
                    for _ in 0..32 {
                        writer.send(vec![b'x'; 32 * 1024]).await?;
                    }
                    writer.finish();
                    Ok(())
                }));
                response
            }),
        );
    let running = Site::new(root).start(&handle);
    let endpoint: Endpoint = text.parse().unwrap();
    let port = endpoint.listen(&handle, running.factory()).unwrap();
    let at = port.address().unwrap().clone();
    let trusted = trust(made.cert.pem().as_bytes()).unwrap();
    Secure {
        reactor,
        running,
        at,
        trusted,
        _folder: folder,
    }
}

#[test]
fn a_client_of_http_1_is_served() {
    let Secure {
        mut reactor,
        at,
        trusted,
        ..
    } = serve();
    let handle = reactor.handle();
    block_on(&mut reactor, async move {
        let url = format!("https://localhost:{}", at.port().unwrap());
        let options = ClientOptions {
            tls: Some(trusted),
            ..ClientOptions::default()
        };
        let client = Client::with(&handle, options);
        assert_eq!(client.get(&url).await?.body(), "HTTP/1.1");
        assert_eq!(
            client.get(&format!("{url}/written")).await?.body().len(),
            32 * 32 * 1024
        );
        let stranger = Client::with(
            &handle,
            ClientOptions {
                tls: Some(trust(other().as_bytes())?),
                ..ClientOptions::default()
            },
        );
        let failure = stranger.get(&url).await.unwrap_err();
        assert!(failure.to_string().contains("certificate"), "{failure}");
        Ok(())
    })
    .unwrap();
}

fn other() -> String {
    rcgen::generate_simple_self_signed(["localhost".to_owned()])
        .unwrap()
        .cert
        .pem()
}

/// What the chapter says of `names`: a folder of certificates, each called after its host.
#[test]
fn a_site_has_the_certificate_of_the_name_it_is_asked_by() {
    let folder = tempfile::tempdir().unwrap();
    let names = folder.path().join("names");
    std::fs::create_dir(&names).unwrap();
    let write = |file: std::path::PathBuf, host: &str| {
        let made = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
        let (key, certificate) = (made.signing_key.serialize_pem(), made.cert.pem());
        std::fs::write(file, format!("{key}{certificate}")).unwrap();
        certificate
    };
    let plain_file = folder.path().join("plain.pem");
    let first = write(plain_file.clone(), "localhost");
    let second = write(names.join("poems.localhost.pem"), "poems.localhost");
    let third = write(names.join("prose.localhost.pem"), "prose.localhost");
    let text = format!(
        "ssl:0:privateKey={0}:certKey={0}:names={1}:interface=127.0.0.1",
        plain_file.display(),
        names.display()
    );
    let mut reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    let running = Site::new(Page::new(|_| plain("here"))).start(&handle);
    let endpoint: Endpoint = text.parse().unwrap();
    let port = endpoint.listen(&handle, running.factory()).unwrap();
    let at = port.address().unwrap().clone();
    block_on(&mut reactor, async move {
        for (host, own) in [
            ("localhost", &first),
            ("poems.localhost", &second),
            ("prose.localhost", &third),
        ] {
            // Who believes one certificate and no other hears which one it is shown.
            for certificate in [&first, &second, &third] {
                let believed = trust(certificate.as_bytes())?;
                let opened = open(&handle, &at, believed, host).await.is_ok();
                assert_eq!(opened, certificate == own, "asked as {host}");
            }
        }
        Ok(())
    })
    .unwrap();
}

/// Speaks TLS and offers `h2`.
async fn open(
    handle: &Handle,
    at: &Address,
    trusted: Arc<ClientConfig>,
    host: &str,
) -> Result<Stream, Failure> {
    struct First<F>(Streams<F>);
    impl<F: Fn(Stream) + Clone + 'static> Factory for First<F> {
        fn build_protocol(&self, peer: &Address) -> Option<Box<dyn Protocol>> {
            self.0.build_protocol(peer)
        }
        fn alpn(&self) -> Vec<Vec<u8>> {
            vec![b"h2".to_vec()]
        }
    }
    let (resolver, stream) = deferreds::Deferred::new();
    let place = Rc::new(Cell::new(Some(resolver)));
    let fire = move |stream| place.take().expect("one connection").callback(stream);
    let factory = secure(Tls::client(trusted, host)?, Rc::new(First(Streams(fire))));
    let _connector = connect(handle, at, factory);
    stream.await
}

#[test]
fn a_client_of_http_2_is_served_many_pages_on_one_connection() {
    let Secure {
        mut reactor,
        running,
        at,
        trusted,
        ..
    } = serve();
    let handle = reactor.handle();
    block_on(&mut reactor, async move {
        let stream = open(&handle, &at, trusted, "localhost").await?;
        assert_eq!(
            stream.transport().tls_facts().unwrap().alpn.as_deref(),
            Some(&b"h2"[..])
        );
        // One body is read after the other here; the window of the connection must hold what waits
        // meanwhile.
        let mut settings = h2::client::Builder::new();
        settings
            .initial_window_size(4 << 20)
            .initial_connection_window_size(8 << 20);
        let (mut client, connection) = settings.handshake::<_, web::Bytes>(stream).await?;
        drop(spawn(&handle, async move { Ok(connection.await?) }));
        let mut answers = Vec::new();
        for path in ["/", "/written", "/nowhere", "/written"] {
            client = client.ready().await?;
            let request = axum::http::Request::get(format!("https://localhost{path}")).body(())?;
            answers.push(client.send_request(request, true)?.0);
        }
        let mut sizes = Vec::new();
        for answer in answers {
            let (head, mut body) = answer.await?.into_parts();
            let mut all = Vec::new();
            while let Some(piece) = body.data().await {
                let piece = piece?;
                body.flow_control().release_capacity(piece.len())?;
                all.extend_from_slice(&piece);
            }
            sizes.push((head.status.as_u16(), all.len()));
        }
        assert_eq!(
            sizes,
            [
                (200, "HTTP/2.0".len()),
                (200, 1 << 20),
                (404, 14),
                (200, 1 << 20)
            ]
        );
        assert_eq!(running.connections(), 1);
        assert_eq!(
            running.stop(Duration::from_secs(30)).await?,
            0,
            "it ends in good order"
        );
        Ok(())
    })
    .unwrap();
}
