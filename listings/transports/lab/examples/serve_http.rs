//! hyper on our reactor: a server of poems, and a client that fetches one.
use bytes::Bytes;
use coroutines::{run, spawn};
use deferreds::Failure;
use http_body_util::{BodyExt, Empty, Full};
use hyper::{Request, Response, StatusCode, body::Incoming, service::service_fn};
use poetry::Poem;
use reactor::{Address, Handle};
use std::{convert::Infallible, process::ExitCode, rc::Rc};
use trace::say;
use transports::{Stream, Streams, listen};

// ANCHOR: server
/// The poem that the path names.
async fn poem(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let name = request.uri().path().trim_start_matches('/');
    let (status, text) = match Poem::named(name) {
        Some(poem) => (StatusCode::OK, poem.text),
        None => (StatusCode::NOT_FOUND, "no such poem\n"),
    };
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    Ok(response)
}

/// Serves each connection with hyper, in a task of its own.
fn serve(reactor: &Handle) -> std::io::Result<Address> {
    let executor = reactor.clone();
    let each = move |stream: Stream| {
        let http = hyper::server::conn::http1::Builder::new()
            .auto_date_header(false)
            .serve_connection(stream, service_fn(poem));
        drop(spawn(&executor, async move { Ok(http.await?) }));
    };
    let port = listen(reactor, &Address::loopback(0), Rc::new(Streams(each)))?;
    Ok(port.address().clone())
}
// ANCHOR_END: server

// ANCHOR: client
async fn get(reactor: &Handle, at: &Address, path: &str) -> Result<(u16, Bytes), Failure> {
    let stream = Stream::connect(reactor, at).await?;
    let (mut sender, http) = hyper::client::conn::http1::handshake(stream).await?;
    drop(spawn(reactor, async move { Ok(http.await?) }));
    let request = Request::get(path)
        .header("host", "poetry.test")
        .body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    let status = response.status().as_u16();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}
// ANCHOR_END: client

// ANCHOR: main
fn main() -> ExitCode {
    run(|reactor| async move {
        let at = serve(&reactor)?;
        for path in ["/hope", "/prose"] {
            let (status, body) = get(&reactor, &at, path).await?;
            let text = String::from_utf8_lossy(&body);
            say!(
                "{path}: {status}, {}",
                text.lines().next().unwrap_or_default()
            );
        }
        Ok(())
    })
}
// ANCHOR_END: main
