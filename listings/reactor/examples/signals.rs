//! Ctrl-C stops the reactor in good order: what must be finished first is finished.
use reactor::Reactor;
use std::{
    io,
    process::{self, Command},
    time::Duration,
};

fn main() -> io::Result<()> {
    // ANCHOR: main
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();
    handle.before_shutdown(|reactor, hold| {
        println!("somebody asks us to stop; one moment");
        reactor.call_later(Duration::from_millis(100), move |_| {
            println!("saved");
            drop(hold);
        });
    });
    handle.call_later(Duration::from_millis(100), |_| press_ctrl_c());
    reactor.run()?;
    println!(
        "stopped by {}",
        reactor.stopped_by().expect("a signal came")
    );
    // ANCHOR_END: main
    Ok(())
}

/// Sends SIGINT to this process, as the terminal does when you press Ctrl-C.
fn press_ctrl_c() {
    let me = process::id().to_string();
    Command::new("kill")
        .args(["-INT", &me])
        .status()
        .expect("there is a kill command");
}
