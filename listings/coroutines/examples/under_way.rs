//! The same two lines, waiting for two Deferreds and for two futures.
use coroutines::run;
use deferreds::Failure;
use reactor::{Address, Handle};
use recital::{get_poem, recite};
use std::process::ExitCode;
use trace::say;

// ANCHOR: main
async fn poem(reactor: &Handle, at: &Address) -> Result<String, Failure> {
    get_poem(reactor, at).await
}

async fn read(reactor: Handle) -> Result<(), Failure> {
    let at = recite(&reactor, &["hope", "tyger"])?;

    let start = reactor.now();
    let (hope, tyger) = (get_poem(&reactor, &at[0]), get_poem(&reactor, &at[1]));
    let bytes = hope.await?.len() + tyger.await?.len();
    let took = (reactor.now() - start).as_secs_f64();
    say!("two Deferreds: {bytes} bytes after {took:.1} s");

    let start = reactor.now();
    let (hope, tyger) = (poem(&reactor, &at[0]), poem(&reactor, &at[1]));
    let bytes = hope.await?.len() + tyger.await?.len();
    let took = (reactor.now() - start).as_secs_f64();
    say!("two futures: {bytes} bytes after {took:.1} s");
    Ok(())
}

fn main() -> ExitCode {
    run(read)
}
// ANCHOR_END: main
