//! A panic in a stage goes to the code that fires; one in a task goes to the code that polls.
use coroutines::spawn;
use deferreds::{Abandoned, Deferred};
use reactor::Reactor;
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind, set_hook},
    time::Duration,
};
use trace::say;

fn caught(what: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(what)).is_err()
}

fn main() -> io::Result<()> {
    set_hook(Box::new(|_| {})); // we report the panics ourselves
    let mut reactor = Reactor::from_env()?;

    // ANCHOR: main
    say!("a stage that panics");
    let (resolver, poem) = Deferred::<&str>::new();
    let shown = poem.add_callback(|_| -> Result<(), _> { panic!("a bug") });
    say!(
        "    firing panics: {}",
        caught(|| resolver.callback("Hope"))
    );
    say!("    a turn panics: {}", caught(|| turn(&mut reactor)));
    drop(shown);

    say!("a task that panics");
    let (resolver, poem) = Deferred::<&str>::new();
    let shown = spawn(&reactor.handle(), async {
        poem.await?;
        if true {
            panic!("a bug");
        }
        Ok(())
    });
    turn(&mut reactor); // it begins to wait
    say!(
        "    firing panics: {}",
        caught(|| resolver.callback("Hope"))
    );
    say!("    a turn panics: {}", caught(|| turn(&mut reactor)));
    let left = shown.into_result().ok().and_then(Result::err);
    let abandoned = left.is_some_and(|failure| failure.check::<Abandoned>().is_some());
    say!("    its Deferred is abandoned: {abandoned}");
    // ANCHOR_END: main
    Ok(())
}

fn turn(reactor: &mut Reactor) {
    reactor.turn(Some(Duration::ZERO)).expect("a turn");
}
