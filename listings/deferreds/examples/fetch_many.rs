//! Three poems at once, and their sizes in the order of the questions.
use deferreds::gather_results;
use poetry::{Options, Pace, Poem};
use reactor::{Address, Handle, react};
use recital::{Recital, get_poem};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: main
const NAMES: [&str; 3] = ["hope", "wind", "requiem"];

fn main() -> ExitCode {
    react(|reactor, done| {
        let servers = serve(reactor)?;
        let poems = servers.iter().zip(NAMES).map(|(server, name)| {
            let clock = reactor.clone();
            get_poem(reactor, server).add_callback(move |poem| {
                say!("{:.1}: {name}", clock.now());
                Ok(poem.len())
            })
        });
        let clock = reactor.clone();
        let _shown = gather_results(poems).add_callback(move |sizes| {
            say!("{:.1}: {sizes:?}", clock.now());
            drop(done);
            Ok(())
        });
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: main

fn serve(reactor: &Handle) -> io::Result<Vec<Address>> {
    let options = Options {
        poems: NAMES.into_iter().filter_map(Poem::named).collect(),
        pace: Pace::new(50, Duration::from_millis(100)),
        ..Options::default()
    };
    Ok(Recital::start(reactor, options)?.addresses().to_vec())
}
