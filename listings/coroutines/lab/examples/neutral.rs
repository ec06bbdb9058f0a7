//! One async function, from a library without a runtime, on our reactor, on tokio and in memory.
use coroutines::run;
use coroutines_lab::{neutral::first_line, stream::Stream};
use futures_util::{FutureExt, io::Cursor};
use poetry::{Options, Pace, Poem, Server};
use reactor::Handle;
use std::{future::pending, io, net::SocketAddr, process::ExitCode, time::Duration};
use tokio::{net::TcpStream, runtime::Builder};
use tokio_util::compat::TokioAsyncReadCompatExt;

const LIMITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_millis(50)];

// ANCHOR: main
fn in_memory() -> io::Result<String> {
    let poem = Cursor::new("Hope is the thing with feathers\n");
    first_line(poem, pending())
        .now_or_never()
        .expect("nothing to wait for")
}

fn on_tokio(at: SocketAddr, limit: Duration) -> io::Result<String> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let stream = TcpStream::connect(at).await?;
        first_line(stream.compat(), tokio::time::sleep(limit)).await
    })
}

async fn on_our_reactor(reactor: &Handle, at: SocketAddr, limit: Duration) -> io::Result<String> {
    let stream = Stream::connect(reactor, &at.into())?;
    first_line(stream, coroutines::sleep(reactor, limit)).await
}

fn main() -> ExitCode {
    println!("in memory: {:?}", in_memory());
    let server = recite("hope").expect("a free port");
    let at = server.addresses()[0];
    for limit in LIMITS {
        let line = on_tokio(at, limit).map_err(|error| error.kind());
        println!("on tokio, at most {limit:?}: {line:?}");
    }
    run(move |reactor| async move {
        for limit in LIMITS {
            let line = on_our_reactor(&reactor, at, limit).await;
            let line = line.map_err(|error| error.kind());
            println!("on our reactor, at most {limit:?}: {line:?}");
        }
        Ok(())
    })
}
// ANCHOR_END: main

fn recite(name: &str) -> io::Result<Server> {
    Server::start(Options {
        poems: Poem::named(name).into_iter().collect(),
        pace: Pace::new(10, Duration::from_millis(30)),
        ..Options::default()
    })
}
