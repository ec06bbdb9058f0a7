//! A delayed call can be looked at, put off, brought forward and taken back.
use reactor::Reactor;
use std::{io, time::Duration};
use trace::say;

fn main() -> io::Result<()> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();
    let tenths = |n: u64| Duration::from_millis(100 * n);

    // ANCHOR: use
    let tea = handle.call_later(tenths(3), |r| say!("{:.1}: tea", r.now()));
    let call = handle.call_later(tenths(4), |_| say!("the phone rings"));

    tea.delay(tenths(5)).unwrap(); // 0.5 s later than it was: at 0.8 s
    handle.call_later(tenths(2), move |reactor| {
        say!("{:.1}: tea is set for {:.1}", reactor.now(), tea.time());
        tea.reset(tenths(1)).unwrap(); // 0.1 s from now: at 0.3 s

        say!("unplug the phone: {:?}", call.cancel());
        say!("unplug it again:  {:?}", call.cancel());

        reactor.call_later(tenths(3), move |reactor| {
            say!("{:.1}: tea is active: {}", reactor.now(), tea.active());
            say!("put the tea off:  {:?}", tea.delay(tenths(1)));
            let _ = reactor.stop();
        });
    });
    // ANCHOR_END: use
    Ok(reactor.run()?)
}
