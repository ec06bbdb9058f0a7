//! hyper serves and fetches on our reactor: a mebibyte both ways, with a reader that takes its
//! time.
use bytes::Bytes;
use coroutines::{block_on, sleep, spawn};
use deferreds::Failure;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, Response, body::Incoming, service::service_fn};
use reactor::{Address, Handle, Os, Reactor, Sim};
use std::{rc::Rc, time::Duration};
use transports::{Stream, Streams, listen};

const SIZE: usize = 1 << 20;

fn pattern() -> Bytes {
    (0..SIZE).map(|at| (at % 251) as u8).collect()
}

/// Sends back what was posted.
async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let body = request.into_body().collect().await?.to_bytes();
    Ok(Response::new(Full::new(body)))
}

fn serve(handle: &Handle) -> transports::Port {
    let executor = handle.clone();
    let factory = Streams(move |stream: Stream| {
        let connection = hyper::server::conn::http1::Builder::new()
            .auto_date_header(false)
            .serve_connection(stream, service_fn(answer));
        drop(spawn(&executor, async move { Ok(connection.await?) }));
    });
    listen(handle, &Address::loopback(0), Rc::new(factory)).unwrap()
}

async fn fetch(handle: &Handle, at: &Address, slow: bool) -> Result<usize, Failure> {
    let stream = Stream::connect(handle, at).await?;
    let transport = stream.transport().clone();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
    drop(spawn(handle, async move { Ok(connection.await?) }));
    let request = Request::builder()
        .method(Method::POST)
        .uri("/")
        .header("host", "untwisted")
        .body(Full::new(pattern()))?;
    let mut response = sender.send_request(request).await?;
    let (mut received, mut most) = (0, 0);
    while let Some(frame) = response.frame().await {
        let data = frame?.into_data().expect("no trailers");
        assert_eq!(data[0], (received % 251) as u8);
        received += data.len();
        most = most.max(transport.waiting());
        if slow {
            sleep(handle, Duration::from_millis(1)).await;
        }
    }
    assert!(
        most <= 64 * 1024 + 64 * 1024 + 8 * 1024,
        "{most} bytes waited"
    );
    Ok(received)
}

#[test]
fn hyper_serves_and_fetches_in_both_worlds_with_a_slow_reader() {
    for slow in [false, true] {
        for sim in [true, false] {
            let mut reactor = if sim {
                Reactor::new(Sim::new(1))
            } else {
                Reactor::new(Os::new().unwrap())
            };
            let handle = reactor.handle();
            let port = serve(&handle);
            let at = port.address().clone();
            let received = block_on(&mut reactor, async move { fetch(&handle, &at, slow).await });
            assert_eq!(received.unwrap(), SIZE, "slow: {slow}, simulated: {sim}");
        }
    }
}

#[test]
fn futures_io_and_tokio_traits_copy_both_ways() {
    for sim in [true, false] {
        let mut reactor = if sim {
            Reactor::new(Sim::parse("1,buffer=1000").unwrap())
        } else {
            Reactor::new(Os::new().unwrap())
        };
        let handle = reactor.handle();
        let executor = handle.clone();
        let echo = Streams(move |stream: Stream| {
            drop(spawn(&executor, async move {
                use futures_util::AsyncReadExt;
                let (read, mut write) = stream.split();
                futures_util::io::copy(read, &mut write).await?;
                futures_util::AsyncWriteExt::close(&mut write).await?;
                Ok(())
            }));
        });
        let port = listen(&handle, &Address::loopback(0), Rc::new(echo)).unwrap();
        let at = port.address().clone();
        let back = block_on(&mut reactor, async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let stream = Stream::connect(&handle, &at).await?;
            let (mut read, mut write) = tokio::io::split(stream);
            let sender = spawn(&handle, async move {
                write.write_all(&pattern()[..200_000]).await?;
                write.flush().await?;
                write.shutdown().await?;
                let late = write.write(b"late").await.unwrap_err();
                assert_eq!(late.kind(), std::io::ErrorKind::BrokenPipe);
                Ok(())
            });
            let mut back = Vec::new();
            read.read_to_end(&mut back).await?;
            sender.await?;
            Ok(back)
        });
        assert!(back.unwrap() == pattern()[..200_000]);
    }
}

#[test]
fn a_stream_ends_as_its_connection_does() {
    let mut reactor = Reactor::new(Sim::parse("1,reset=1@5000").unwrap());
    let handle = reactor.handle();
    let executor = handle.clone();
    let sink = Streams(move |stream: Stream| {
        drop(spawn(&executor, async move {
            sleep(stream.transport().handle(), Duration::from_secs(1)).await;
            drop(stream);
            Ok(())
        }));
    });
    let port = listen(&handle, &Address::loopback(0), Rc::new(sink)).unwrap();
    let at = port.address().clone();
    block_on(&mut reactor, async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = Stream::connect(&handle, &at).await?;
        stream.write_all(&[0; 20_000]).await?;
        for _ in 0..2 {
            let error = stream.read(&mut [0; 10]).await.unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
            let error = stream.write(b"x").await.unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
        // No server listens; and a connect that is not awaited to its end is cancelled.
        let refused = Stream::connect(&handle, &Address::loopback(9)).await;
        assert!(refused.is_err());
        Ok(())
    })
    .unwrap();
}
