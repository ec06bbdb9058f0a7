//! What `deferred_list`, `gather_results` and `race` give of the same five poems, one of which breaks off.
use deferreds::{Deferred, FirstError, deferred_list, gather_results, race};
use poetry::{Fault, Options, Pace, Poem};
use reactor::{Address, Handle, react};
use recital::{Recital, get_poem};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

const NAMES: [&str; 5] = ["requiem", "wind", "tyger", "hope", "ozymandias"];

fn main() -> ExitCode {
    react(|reactor, done| {
        let servers = serve(reactor)?;
        // ANCHOR: three
        let five = || -> Vec<Deferred<usize>> {
            let fetch = |server| get_poem(reactor, server).add_callback(|poem| Ok(poem.len()));
            servers.iter().map(fetch).collect()
        };

        let (clock, hold) = (reactor.clone(), done.clone());
        let _all = deferred_list(five()).add_callback(move |results| {
            say!("{:.1}: deferred_list:", clock.now());
            for (name, result) in NAMES.iter().zip(results) {
                match result {
                    Ok(bytes) => say!("    {name}: {bytes} bytes"),
                    Err(failure) => say!("    {name}: {}", kind(failure.check())),
                }
            }
            drop(hold);
            Ok(())
        });

        let clock = reactor.clone();
        let _values = gather_results(five()).add_both(move |result| {
            say!("{:.1}: gather_results:", clock.now());
            match result {
                Ok(sizes) => say!("    {sizes:?}"),
                Err(failure) => {
                    let FirstError { index, failure } = failure.trap()?;
                    say!("    {}: {}", NAMES[index], kind(failure.check()));
                }
            }
            Ok(())
        });

        let clock = reactor.clone();
        let _first = race(five()).add_callback(move |(index, bytes)| {
            say!("{:.1}: race:", clock.now());
            say!("    {}: {bytes} bytes", NAMES[index]);
            Ok(())
        });
        // ANCHOR_END: three
        Ok::<(), io::Error>(())
    })
}

fn kind(error: Option<&io::Error>) -> String {
    error.map_or("?".to_owned(), |error| error.kind().to_string())
}

/// The fourth one resets its connection half-way.
fn serve(reactor: &Handle) -> io::Result<Vec<Address>> {
    let mut servers = Vec::new();
    for name in NAMES {
        let options = Options {
            poems: Poem::named(name).into_iter().collect(),
            pace: Pace::new(50, Duration::from_millis(100)),
            fault: if name == "hope" {
                Fault::Reset
            } else {
                Fault::None
            },
            ..Options::default()
        };
        servers.push(Recital::start(reactor, options)?.addresses()[0].clone());
    }
    Ok(servers)
}
