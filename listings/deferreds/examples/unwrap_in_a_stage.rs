//! A mistake: a panic in a stage is no failure. It goes to the code that fired, and ends the loop.
use reactor::react;
use recital::{get_poem, recite};
use std::{io, process::ExitCode};

fn main() -> ExitCode {
    react(|reactor, done| {
        let addresses = recite(reactor, &["wind", "hope"])?;
        // ANCHOR: unwrap
        for address in addresses {
            let done = done.clone();
            let lines = get_poem(reactor, &address)
                .add_callback(|text| Ok(text.lines().next().unwrap().parse::<u32>().unwrap()))
                .add_errback(|failure| {
                    println!("no number: {failure}");
                    Ok(0)
                });
            drop(lines.add_callback(move |lines| {
                println!("{lines} lines");
                drop(done);
                Ok(())
            }));
        }
        // ANCHOR_END: unwrap
        Ok::<(), io::Error>(())
    })
}
