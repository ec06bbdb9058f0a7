//! A limit on waiting, the first of two, and a task that gives way.
use coroutines::{Either, run, select, sleep, spawn, timeout, yield_now};
use deferreds::{Failure, TimedOut};
use reactor::Handle;
use recital::{get_poem, recite};
use std::{process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: main
async fn read(reactor: Handle) -> Result<(), Failure> {
    let at = recite(&reactor, &["hope", "jabberwocky"])?;
    let tenths = |n: u64| Duration::from_millis(100 * n);

    say!("a limit of 0.5 s");
    for at in &at {
        match timeout(&reactor, tenths(5), get_poem(&reactor, at)).await {
            Ok(poem) => say!("{:.1}: {} bytes", reactor.now(), poem?.len()),
            Err(TimedOut) => say!("{:.1}: that takes too long", reactor.now()),
        }
    }

    say!("the first of two");
    let [hope, jabberwocky] = [0, 1].map(|n| get_poem(&reactor, &at[n]));
    match select(hope, jabberwocky).await {
        Either::Left(hope) => say!("{:.1}: Hope, {} bytes", reactor.now(), hope?.len()),
        Either::Right(_) => say!("{:.1}: Jabberwocky", reactor.now()),
    }

    say!("a long computation");
    let h = reactor.clone();
    let beat = spawn(&reactor, async move {
        sleep(&h, Duration::ZERO).await;
        say!("a beat in between");
        Ok(())
    });
    for step in 1..=3 {
        say!("step {step}");
        yield_now().await;
    }
    beat.await
}

fn main() -> ExitCode {
    run(read)
}
// ANCHOR_END: main
