//! At most two downloads at a time, however many are wanted.
use deferreds::{Semaphore, gather_results};
use poetry::{Options, Pace, Poem};
use reactor::{Address, Handle, react};
use recital::{Recital, get_poem};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: two
const NAMES: [&str; 5] = ["requiem", "wind", "tyger", "hope", "ozymandias"];

fn main() -> ExitCode {
    react(|reactor, done| {
        let two = Semaphore::new(2);
        let poems = NAMES
            .into_iter()
            .zip(serve(reactor)?)
            .map(|(name, server)| {
                let (begins, ends) = (reactor.clone(), reactor.clone());
                two.run(move || {
                    say!("{:.1}: {name} begins", begins.now());
                    get_poem(&begins, &server).add_callback(move |poem| {
                        say!("{:.1}: {name} has come", ends.now());
                        Ok(poem.len())
                    })
                })
            });
        let _shown = gather_results(poems).add_callback(move |sizes| {
            say!("{sizes:?}");
            drop(done);
            Ok(())
        });
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: two

fn serve(reactor: &Handle) -> io::Result<Vec<Address>> {
    let options = Options {
        poems: NAMES.into_iter().filter_map(Poem::named).collect(),
        pace: Pace::new(50, Duration::from_millis(100)),
        ..Options::default()
    };
    Ok(Recital::start(reactor, options)?.addresses().to_vec())
}
