//! Which callback runs when? You predict the order of seven.
use std::time::Duration;
use untwisted::reactor::Handle;

/// Your prediction: the seven letters, in the order in which they are reported.
pub const PREDICTION: &str = "dfgebca";

/// The program. It is not to be changed: run it in your head.
pub fn program(reactor: &Handle, report: impl Fn(char) + Clone + 'static) {
    let say = |letter| {
        let report = report.clone();
        move |_: &Handle| report(letter)
    };
    let ms = Duration::from_millis;

    reactor.call_later(ms(20), say('a'));
    reactor.call_later(ms(10), say('b'));
    reactor.call_later(ms(10), say('c'));
    let (d, e) = (say('d'), say('e'));
    reactor.call_soon(move |reactor| {
        reactor.call_soon(e);
        d(reactor);
    });
    reactor.call_soon(say('f'));
    reactor.call_later(ms(0), say('g'));
}
