//! Opens clocks, closes them in every way, and looks at what is left of them.
use std::time::Duration;
use untwisted::{
    qt::{Application, with_application},
    reactor::{Handle, Reactor, Sim},
};
use window_that_stays::{Clock, clock};

/// Lets so many seconds pass, in virtual time.
fn pass(reactor: &mut Reactor, seconds: u64) {
    let handle = reactor.handle();
    let end = handle.now() + Duration::from_secs(seconds);
    handle.call_later(Duration::from_secs(seconds), |_| {});
    while handle.now() < end && !reactor.has_stopped() {
        reactor.turn(None).expect("there is something to wait for");
    }
    // What is due at the end runs in the turn after the wait.
    let _ = reactor.turn(Some(Duration::ZERO));
}

fn opened(application: &Application, reactor: &Handle) -> Clock {
    clock(application, reactor).expect("the window opens")
}

fn text(clock: &Clock) -> String {
    clock.label.text().expect("the label is there")
}

#[test]
fn a_clock_counts_seconds() {
    with_application(|application| {
        let mut reactor = Reactor::new(Sim::new(1));
        let it = opened(application, &reactor.handle());
        assert_eq!(text(&it), "0 s", "at first");
        pass(&mut reactor, 3);
        assert_eq!(text(&it), "3 s", "after three seconds");
    });
}

#[test]
fn a_closed_clock_stands_still() {
    with_application(|application| {
        for (how, close) in [
            (
                "by its button",
                (|it| it.close.click()) as fn(&Clock) -> untwisted::qt::Result<()>,
            ),
            ("by its cross", |it| it.window.close()),
        ] {
            let mut reactor = Reactor::new(Sim::new(1));
            let handle = reactor.handle();
            let (first, second) = (opened(application, &handle), opened(application, &handle));
            pass(&mut reactor, 2);
            close(&first).expect("it is there");
            pass(&mut reactor, 3);
            assert_eq!(
                text(&first),
                "2 s",
                "it was closed {how}, and went on ticking"
            );
            assert_eq!(
                text(&second),
                "5 s",
                "another clock was closed {how}, and this one ticks no more"
            );
            close(&second).expect("it is there");
            let _ = reactor.turn(Some(Duration::ZERO));
            assert_eq!(
                reactor.next_deadline(),
                None,
                "all clocks were closed {how}, and the reactor still has a beat to make"
            );
        }
    });
}

#[test]
fn nothing_stays_of_a_thousand_clocks() {
    with_application(|application| {
        let mut reactor = Reactor::new(Sim::new(1));
        let handle = reactor.handle();
        let mut labels = Vec::new();
        for number in 0..100 {
            let Clock {
                window,
                label,
                close,
            } = opened(application, &handle);
            labels.push(label);
            if number % 2 == 0 {
                close.click().expect("the button is there");
            }
            drop((window, close));
        }
        pass(&mut reactor, 2);
        let there = labels.iter().filter(|label| label.is_alive()).count();
        assert_eq!(
            there, 0,
            "100 windows were dropped, and {there} are still there: who has a name of them?"
        );
        let _ = reactor.turn(Some(Duration::ZERO));
        assert_eq!(
            reactor.next_deadline(),
            None,
            "half of the windows were dropped without being closed before, and something still ticks for them"
        );
    });
}
