//! A page that is written line by line; one client reads it to its end, another one leaves.
use coroutines::{run, sleep, spawn};
use deferreds::Failure;
use poetry::Poem;
use reactor::{Address, Handle};
use std::{future::pending, process::ExitCode, time::Duration};
use trace::say;
use transports::Stream;
use web::{Page, Site, Writer, streamed, talk};

// ANCHOR: write
async fn recite(reactor: Handle, writer: Writer) -> Result<(), Failure> {
    let poem = Poem::named("eagle")
        .ok_or("no such poem")
        .map_err(Failure::new)?;
    for line in poem.text.split_inclusive('\n') {
        writer.send(line).await?;
        sleep(&reactor, Duration::from_secs(1)).await;
    }
    writer.finish();
    say!("the server has finished");
    Ok(())
}
// ANCHOR_END: write

// ANCHOR: page
fn main() -> ExitCode {
    run(|reactor| async move {
        let handle = reactor.clone();
        let page = Page::new(move |_| {
            let (writer, response) = streamed(&handle, "text/plain; charset=utf-8");
            let reciting = spawn(&handle, recite(handle.clone(), writer));
            drop(reciting.add_errback(|why| {
                say!("the server stops: {why}");
                Ok(())
            }));
            response
        });
        // ANCHOR_END: page
        let port = std::env::args().nth(1);
        let number = port.as_deref().unwrap_or("0").parse()?;
        let site = Site::new(page).listen(&reactor, &Address::loopback(number))?;
        if port.is_some() {
            say!("serving at http://{}/", site.address());
            pending::<()>().await;
        }
        // ANCHOR: clients
        let request = "GET / HTTP/1.1\r\nhost: poem\r\nconnection: close\r\n\r\n";
        let leaves = Stream::connect(&reactor, site.address()).await?;
        leaves.transport().write(request);
        sleep(&reactor, Duration::from_millis(2_500)).await;
        say!("one client leaves");
        drop(leaves);
        let reply = talk(&reactor, site.address(), request).await?;
        for line in reply.lines().skip(2).take(10) {
            say!("{line}");
        }
        // ANCHOR_END: clients
        Ok(())
    })
}
