//! A page that passes on what another server says, and leaks nothing.
use std::rc::Rc;
use untwisted::{
    coroutines::spawn,
    deferreds::{Deferred, Failure},
    reactor::Handle,
    web::{Response, Writer, streamed},
};

/// A connection to another server.
pub trait Source {
    /// Fires with the next piece, with `None` at the end, or with why there is no more.
    fn next(&self) -> Deferred<Option<String>>;
    /// Ends the connection. It must be called exactly once, and nothing after it.
    fn close(&self);
}

/// Returns a page that passes on what the source says.
pub fn pass_on(reactor: &Handle, source: Rc<dyn Source>) -> Response {
    let (writer, response) = streamed(reactor, "text/plain; charset=utf-8");
    let passed = spawn(reactor, pour(source, writer));
    drop(passed.add_errback(|_: Failure| Ok(())));
    response
}

async fn pour(source: Rc<dyn Source>, writer: Writer) -> Result<(), Failure> {
    while let Some(piece) = source.next().await? {
        writer.write(piece)?;
    }
    writer.finish();
    source.close();
    Ok(())
}
