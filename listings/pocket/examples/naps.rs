//! Two tasks sleep on the pocket's loop.
// ANCHOR: main
use pocket::deferred::Failure;
use pocket::reactor::{Handle, Reactor};
use pocket::task::{Tasks, sleep};
use std::{io, time::Duration};

async fn greet(reactor: Handle, name: &str, tenths: u64) -> Result<(), Failure> {
    println!("good night, {name}");
    sleep(&reactor, Duration::from_millis(100 * tenths)).await;
    println!("good morning, {name}");
    Ok(())
}

fn main() -> io::Result<()> {
    let mut reactor = Reactor::new()?;
    let h = reactor.handle();
    let tasks = Tasks::new(&h)?;
    let ada = tasks.spawn(greet(h.clone(), "Ada", 2));
    let grace = tasks.spawn(greet(h.clone(), "Grace", 1));
    let both = tasks.spawn(async {
        ada.await?;
        grace.await
    });
    both.on_result(move |_| h.stop());
    reactor.run()
}
// ANCHOR_END: main
