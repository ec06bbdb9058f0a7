//! Finger on tokio: two endpoints, TLS, a stop by signal, and a limit for it.
use std::{collections::BTreeMap, error::Error, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, TlsConnector, rustls};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

// ANCHOR: protocol
type Users = BTreeMap<&'static str, &'static str>;

/// One question. It is generic over what it reads and writes: that is what an endpoint was for.
async fn finger(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    users: Arc<Users>,
) -> std::io::Result<()> {
    let (read, mut write) = tokio::io::split(stream);
    let mut line = String::new();
    BufReader::new(read.take(100)).read_line(&mut line).await?;
    let about = users.get(line.trim()).copied().unwrap_or("No such user");
    write.write_all(format!("{about}\r\n").as_bytes()).await?;
    write.shutdown().await
}
// ANCHOR_END: protocol

// ANCHOR: serve
/// A server as a service: its stop is a token that is cancelled, and its connections are tracked.
async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    users: Arc<Users>,
    stop: CancellationToken,
    connections: TaskTracker,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return, // the listener is dropped, and with it the port
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(100)).await; // out of descriptors, perhaps
            continue;
        };
        let (users, tls) = (users.clone(), tls.clone());
        connections.spawn(async move {
            let work = async {
                match tls {
                    Some(tls) => finger(tls.accept(stream).await?, users).await,
                    None => finger(stream, users).await,
                }
            };
            // A client that says nothing, or that has gone, is no failure of the server.
            let _ = timeout(Duration::from_secs(60), work).await;
        });
    }
}
// ANCHOR_END: serve

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let users = Arc::new(Users::from([("emily", "Hope is the thing with feathers")]));
    let (acceptor, connector) = certificates()?;
    let (stop, connections) = (CancellationToken::new(), TaskTracker::new());
    let plain = TcpListener::bind("127.0.0.1:0").await?;
    let secret = TcpListener::bind("127.0.0.1:0").await?;
    let at = (plain.local_addr()?, secret.local_addr()?);
    for (listener, tls) in [(plain, None), (secret, Some(acceptor))] {
        connections.spawn(serve(
            listener,
            tls,
            users.clone(),
            stop.clone(),
            connections.clone(),
        ));
    }

    println!(
        "plain: {}",
        ask(TcpStream::connect(at.0).await?, "emily").await?
    );
    let name = rustls::pki_types::ServerName::try_from("localhost")?;
    let stream = connector
        .connect(name, TcpStream::connect(at.1).await?)
        .await?;
    println!("TLS: {}", ask(stream, "edgar").await?);

    // The program tells itself to stop, as a service manager would.
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let itself = std::process::id().to_string();
    tokio::process::Command::new("kill")
        .arg(itself)
        .status()
        .await?;
    terminate.recv().await;
    stop.cancel();
    connections.close();
    let stopped = timeout(Duration::from_secs(10), connections.wait()).await;
    println!("stopped in time: {}", stopped.is_ok());
    println!("refused now: {}", TcpStream::connect(at.0).await.is_err());
    Ok(())
}
// ANCHOR_END: main

async fn ask(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    name: &str,
) -> std::io::Result<String> {
    stream.write_all(format!("{name}\r\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.trim_end().to_owned())
}

/// A certificate for this run, and a client that believes it.
fn certificates() -> Result<(TlsAcceptor, TlsConnector), Box<dyn Error>> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let certificate = made.cert.der().clone();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)?;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate)?;
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok((Arc::new(server).into(), Arc::new(client).into()))
}
