//! The first of several to end, well or not: a combinator of one's own, from one resolver.
use deferreds::Deferred;
use poetry::{Options, Pace, Poem};
use reactor::{Address, react};
use recital::{Recital, get_poem};
use std::{cell::Cell, io, process::ExitCode, rc::Rc, time::Duration};
use trace::say;

// ANCHOR: first
/// The number and result of the first to end, whichever way it ends. The others go on.
fn first_to_end<T: 'static>(members: Vec<Deferred<T>>) -> Deferred<(usize, T)> {
    let (resolver, first) = Deferred::new();
    let resolver = Rc::new(Cell::new(Some(resolver)));
    for (index, member) in members.into_iter().enumerate() {
        let resolver = resolver.clone();
        member.on_result(move |result| {
            if let Some(resolver) = resolver.take() {
                resolver.fire(result.map(|value| (index, value)));
            }
        });
    }
    first
}
// ANCHOR_END: first

fn main() -> ExitCode {
    react(|reactor, done| {
        let options = Options {
            poems: Poem::named("wind").into_iter().collect(),
            pace: Pace::new(120, Duration::from_millis(100)),
            ..Options::default()
        };
        let wind = Recital::start(reactor, options)?.addresses()[0].clone();
        let nobody = Address::loopback(1);
        // ANCHOR: main
        let both = vec![get_poem(reactor, &wind), get_poem(reactor, &nobody)];
        let _shown = first_to_end(both).add_both(move |result| {
            match result {
                Ok((index, poem)) => say!("{index}: {} bytes", poem.len()),
                Err(failure) => say!("{}", failure.trap::<io::Error>()?.kind()),
            }
            drop(done);
            Ok(())
        });
        // ANCHOR_END: main
        Ok::<(), io::Error>(())
    })
}
