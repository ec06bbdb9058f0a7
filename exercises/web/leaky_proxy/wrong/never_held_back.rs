//! A page that passes on what another server says, and leaks nothing.
use std::{future::IntoFuture, rc::Rc};
use untwisted::{
    coroutines::{Either, select, spawn},
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

/// Closes its source when it is dropped, whatever the reason.
struct Open(Rc<dyn Source>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Returns a page that passes on what the source says.
pub fn pass_on(reactor: &Handle, source: Rc<dyn Source>) -> Response {
    let (writer, response) = streamed(reactor, "text/plain; charset=utf-8");
    let passed = spawn(reactor, pour(Open(source), writer));
    drop(passed.add_errback(|_: Failure| Ok(())));
    response
}

async fn pour(source: Open, writer: Writer) -> Result<(), Failure> {
    let mut left = writer.ended().into_future();
    loop {
        let piece = match select(source.0.next(), &mut left).await {
            Either::Left(piece) => piece?,
            Either::Right(_) => return Ok(()),
        };
        let Some(piece) = piece else { break };
        writer.write(piece)?;
    }
    writer.finish();
    Ok(())
}
