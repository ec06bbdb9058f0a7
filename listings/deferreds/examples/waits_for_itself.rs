//! A mistake: a stage returns the chain that it is a stage of.
use deferreds::{Deferred, WaitsForItself};
use reactor::react;
use std::{cell::Cell, io, process::ExitCode, rc::Rc};
use trace::say;

fn main() -> ExitCode {
    react(|_, done| {
        // ANCHOR: itself
        let kept = Rc::new(Cell::new(None::<Deferred<String>>));
        let same = kept.clone();
        let (resolver, line) = Deferred::<String>::new();
        let chain = line
            .add_callback(move |text| match text.is_empty() {
                true => same.take().expect("it is kept below"), // wait for a better one
                false => Deferred::succeed(text),
            })
            .add_errback(|failure| {
                let itself = failure.check::<WaitsForItself>().is_some();
                say!("{itself}: {failure}");
                Ok(String::new())
            });
        kept.set(Some(chain));
        resolver.callback(String::new());
        // ANCHOR_END: itself
        drop(done);
        Ok::<(), io::Error>(())
    })
}
