//! A second for each poem: one server makes it, the other falls silent half-way.
use deferreds::TimedOut;
use poetry::{Fault, Options, Pace, Poem};
use reactor::{Address, Handle, react};
use recital::{Recital, get_poem};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor, done| {
        let good = serve(reactor, Fault::None)?;
        let silent = serve(reactor, Fault::Stall)?;
        for server in [good, silent] {
            let (clock, done) = (reactor.clone(), done.clone());
            let _shown = get_poem(reactor, &server)
                .add_timeout(reactor, Duration::from_secs(1))
                .add_callback(|poem| Ok(format!("{} bytes", poem.len())))
                .add_errback(|failure| {
                    failure.trap::<TimedOut>()?;
                    Ok("too slow".to_owned())
                })
                .add_callback(move |text| {
                    say!("{:.1}: {text}", clock.now());
                    drop(done);
                    Ok(())
                });
        }
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: main

fn serve(reactor: &Handle, fault: Fault) -> io::Result<Address> {
    let options = Options {
        poems: Poem::named("wind").into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(200)),
        fault,
        ..Options::default()
    };
    Ok(Recital::start(reactor, options)?.addresses()[0].clone())
}
