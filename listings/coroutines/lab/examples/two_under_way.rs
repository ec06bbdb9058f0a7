//! A stream of futures: at most two of them are under way, and their results come in one of two orders.
use coroutines::run;
use deferreds::Failure;
use futures_util::{StreamExt, stream};
use reactor::{Address, Handle};
use recital::{get_poem, recite};
use std::process::ExitCode;
use trace::say;

// ANCHOR: main
async fn bytes(reactor: &Handle, at: &Address) -> Result<usize, Failure> {
    Ok(get_poem(reactor, at).await?.len())
}

async fn read(reactor: Handle) -> Result<(), Failure> {
    let at = recite(&reactor, &["tyger", "eagle", "hope", "wind"])?;
    let poems = || stream::iter(&at).map(|at| bytes(&reactor, at));

    say!("in the order of the list");
    let mut sizes = poems().buffered(2);
    while let Some(size) = sizes.next().await {
        say!("{:.1}: {} bytes", reactor.now(), size?);
    }
    say!("as they come");
    let mut sizes = poems().buffer_unordered(2);
    while let Some(size) = sizes.next().await {
        say!("{:.1}: {} bytes", reactor.now(), size?);
    }
    Ok(())
}
// ANCHOR_END: main

fn main() -> ExitCode {
    run(read)
}
