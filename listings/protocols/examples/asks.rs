//! One connection, five questions: quick ones overtake slow ones, and a server asks back.
use deferreds::{Deferred, Failure, defer_later};
use protocols::{Asker, KeyValues, RemoteError, Responders, asking};
use reactor::{Address, Handle, react};
use std::{error::Error, process::ExitCode, rc::Rc, time::Duration};
use trace::say;
use transports::listen;

fn one(key: &str, value: impl ToString) -> KeyValues {
    KeyValues::from([(key.into(), value.to_string().into_bytes())])
}

fn text(values: &KeyValues, key: &str) -> String {
    let value = values.get(key.as_bytes()).map_or(&[][..], Vec::as_slice);
    String::from_utf8_lossy(value).into_owned()
}

// ANCHOR: server
fn shelf(reactor: &Handle) -> Responders {
    let waits = reactor.clone();
    Responders::new(1000)
        .on("count", move |_, asked| {
            let name = text(&asked, "poem");
            let long = Duration::from_millis(if name == "hope" { 300 } else { 100 });
            defer_later(&waits, long, move |_| Ok(one("letters", name.len())))
        })
        .on("borrow", |asker, asked| {
            let poem = text(&asked, "poem");
            asker
                .ask("who are you", &KeyValues::new())
                .add_callback(move |who| match text(&who, "name") {
                    name if name.is_empty() => {
                        Err(Failure::new(RemoteError::new("NOBODY", "say your name")))
                    }
                    name => Ok(one("until", format!("Friday, {name}: {poem}"))),
                })
        })
}
// ANCHOR_END: server

// ANCHOR: client
fn asks(asker: Asker) -> Deferred<()> {
    let questions = [
        ("count", "hope"),
        ("count", "wind"),
        ("borrow", "wind"),
        ("burn", "wind"),
        ("count", "eagle"),
    ];
    let answers = questions.map(|(command, poem)| {
        asker
            .ask(command, &one("poem", poem))
            .add_both(move |answer| {
                match answer {
                    Ok(values) => {
                        let said = values.values().map(|value| String::from_utf8_lossy(value));
                        say!("{command} {poem}: {}", said.collect::<String>());
                    }
                    Err(failure) => say!("{command} {poem}: {failure}"),
                }
                Ok(())
            })
    });
    deferreds::gather_results(answers).add_callback(|_| Ok(()))
}
// ANCHOR_END: client

fn main() -> ExitCode {
    react(|reactor, done| {
        let server = shelf(reactor).factory();
        let port = trace::host("shelf", || listen(reactor, &Address::loopback(0), server))?;
        let client = Responders::new(1000).on("who are you", |_, _| {
            Deferred::succeed(one("name", "Emily"))
        });
        let done = Rc::new(done);
        asking(reactor, port.address(), &client)
            .add_callback(asks)
            .on_result(move |result| {
                if let Err(failure) = result {
                    say!("{failure}");
                }
                drop(done);
            });
        Ok::<(), Box<dyn Error + Send + Sync>>(())
    })
}
