//! A canceller of one's own, which undoes the work and answers with what there is.
use deferreds::Deferred;
use reactor::{Handle, LoopingCall, react};
use std::{cell::Cell, io, process::ExitCode, rc::Rc, time::Duration};
use trace::say;

// ANCHOR: count
/// Counts sheep up to `most`, ten a second. Cancelled, it answers with how many there were.
fn count_sheep(reactor: &Handle, most: u32) -> Deferred<u32> {
    let counting = Rc::new(Cell::new(None::<LoopingCall>));
    let sheep = Rc::new(Cell::new(0));

    let (to_stop, so_far) = (counting.clone(), sheep.clone());
    let (resolver, counted) = Deferred::with_canceller(move |instead| {
        if let Some(counting) = to_stop.take() {
            counting.stop();
        }
        instead.callback(so_far.get());
    });

    let resolver = Cell::new(Some(resolver));
    let tenth = Duration::from_millis(100);
    let beats = LoopingCall::start_later(reactor, tenth, move |reactor, beats| {
        sheep.set(sheep.get() + 1);
        say!("{:.1}: {} sheep", reactor.now(), sheep.get());
        if sheep.get() == most {
            beats.stop();
            if let Some(resolver) = resolver.take() {
                resolver.callback(most);
            }
        }
    });
    counting.set(Some(beats));
    counted
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let counted = count_sheep(reactor, 1_000);
        let asleep = counted.canceller();
        reactor.call_later(Duration::from_millis(350), move |_| asleep.cancel());
        let clock = reactor.clone();
        let _shown = counted.add_callback(move |sheep| {
            say!("{:.2}: asleep after {sheep}", clock.now());
            drop(done);
            Ok(())
        });
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: count
