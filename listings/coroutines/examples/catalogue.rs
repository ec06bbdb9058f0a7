//! A loop of questions, each about the answer to the last one, as a chain of Deferreds.
use deferreds::{Deferred, Failure};
use reactor::{Handle, react};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: ask
/// A librarian, who takes a fifth of a second for an answer.
fn ask(reactor: &Handle, about: &str) -> Deferred<String> {
    say!("{:.1}: asked about {about}", reactor.now());
    let answer = match about {
        "Hope" => Ok("Emily Dickinson"),
        "Emily Dickinson" => Ok("1830"),
        "The Tyger" => Ok("William Blake"),
        "William Blake" => Ok("1757"),
        _ => Err(Failure::new("that is not in the catalogue")),
    };
    let (resolver, later) = Deferred::new();
    reactor.call_later(Duration::from_millis(200), |_| {
        resolver.fire(answer.map(str::to_owned));
    });
    later
}
// ANCHOR_END: ask

// ANCHOR: catalogue
fn catalogue(
    reactor: &Handle,
    mut titles: impl Iterator<Item = &'static str> + 'static,
    mut lines: Vec<String>,
) -> Deferred<Vec<String>> {
    let Some(title) = titles.next() else {
        return Deferred::succeed(lines);
    };
    let handle = reactor.clone();
    ask(reactor, title).add_callback(move |author| {
        let next = handle.clone();
        ask(&handle, &author).add_callback(move |year| {
            lines.push(format!("{title}: {author}, born {year}"));
            catalogue(&next, titles, lines)
        })
    })
}
// ANCHOR_END: catalogue

fn main() -> ExitCode {
    react(|reactor, done| {
        // ANCHOR: use
        let shown = catalogue(reactor, ["Hope"].into_iter(), Vec::new()).add_both(move |result| {
            match result {
                Ok(lines) => lines.iter().for_each(|line| say!("{line}")),
                Err(failure) => say!("no catalogue: {failure}"),
            }
            drop(done); // the program ends
            Ok(())
        });
        drop(shown); // the Deferred itself is not needed any more
        // ANCHOR_END: use
        Ok::<(), io::Error>(())
    })
}
