//! Waits for the hills before it looks at the sea.
use untwisted::{
    coroutines::spawn,
    deferreds::{Deferred, Failure},
    reactor::Handle,
    web::{Response, streamed},
};

/// Returns a page that writes what the two sources answer.
pub fn merged(reactor: &Handle, hills: Deferred<String>, sea: Deferred<String>) -> Response {
    let (writer, response) = streamed(reactor, "text/plain; charset=utf-8");
    let written = spawn(reactor, async move {
        for (name, source) in [("hills", hills), ("sea", sea)] {
            let text = source.await.unwrap_or_else(|_| "no answer".to_owned());
            writer.write(format!("{name}: {text}\n"))?;
        }
        writer.write("done\n")?;
        writer.finish();
        Ok(())
    });
    drop(written.add_errback(|_: Failure| Ok(())));
    response
}
