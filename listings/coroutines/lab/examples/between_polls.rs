//! While the body of a loop over a stream waits, nothing polls the futures in the stream.
use coroutines::{run, sleep, spawn};
use deferreds::Failure;
use futures_util::{StreamExt, stream};
use reactor::Handle;
use std::{process::ExitCode, time::Duration};
use trace::say;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

// ANCHOR: main
/// A poem that comes in two halves.
async fn poem(reactor: Handle, (name, half): (&str, u64)) -> Result<&str, Failure> {
    sleep(&reactor, ms(half)).await;
    sleep(&reactor, ms(half)).await;
    say!("{:.2}: {name} is whole", reactor.now());
    Ok(name)
}

async fn read(reactor: Handle) -> Result<(), Failure> {
    let poems = [("hope", 100), ("wind", 150)];

    let mut futures = stream::iter(poems)
        .map(|about| poem(reactor.clone(), about))
        .buffer_unordered(2);
    while let Some(name) = futures.next().await {
        say!("{:.2}: we read {}", reactor.now(), name?);
        sleep(&reactor, ms(1000)).await;
    }

    let mut tasks = stream::iter(poems)
        .map(|about| spawn(&reactor, poem(reactor.clone(), about)).into_future())
        .buffer_unordered(2);
    while let Some(name) = tasks.next().await {
        say!("{:.2}: we read {}", reactor.now(), name?);
        sleep(&reactor, ms(1000)).await;
    }
    Ok(())
}
// ANCHOR_END: main

fn main() -> ExitCode {
    run(read)
}
