//! A stage that is added by a running stage runs after that one has returned.
use deferreds::Deferred;
use reactor::react;
use std::{cell::Cell, io, process::ExitCode, rc::Rc};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        // ANCHOR: inside
        let end = Rc::new(Cell::new(None::<Deferred<String>>));
        let (resolver, line) = Deferred::<String>::new();

        let own = end.clone();
        end.set(Some(line.add_callback(move |text| {
            say!("the first stage begins");
            let more = own.take().map(|end| {
                end.add_callback(|text| {
                    say!("the added stage has {text:?}");
                    Ok(text)
                })
            });
            own.set(more);
            say!("the first stage ends");
            Ok(text.to_uppercase())
        })));

        resolver.callback("who has seen the wind?".to_owned());
        say!("fired");
        // ANCHOR_END: inside
        reactor.call_soon(|_| drop((end, done)));
        Ok::<(), io::Error>(())
    })
}
