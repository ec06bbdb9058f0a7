//! Which letters are reported, and when? You predict.
use std::{
    pin::pin,
    task::{Context, Waker},
};
use untwisted::deferreds::Deferred;

/// Your prediction: the letters that are reported, in their order. Not all of them are.
pub const PREDICTION: &str = "?????????";

/// A function that takes time, as the chapter on Deferreds writes it.
fn eager(report: impl Fn(char), letter: char) -> Deferred<()> {
    report(letter);
    Deferred::succeed(())
}

/// The same as an `async fn`.
async fn lazy(report: impl Fn(char), letter: char) {
    report(letter);
}

/// The program. It is not to be changed: run it in your head.
pub fn program(report: impl Fn(char) + Clone + 'static) {
    let first = lazy(report.clone(), 'a');
    let second = eager(report.clone(), 'b');
    report('c');

    let (resolver, third) = Deferred::new();
    let say = report.clone();
    let third = third.add_callback(move |()| {
        say('d');
        Ok(())
    });
    let mut first = pin!(first);
    let mut context = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_ready());
    report('e');
    drop(third);
    resolver.callback(());

    drop(lazy(report.clone(), 'f'));
    drop(eager(report.clone(), 'g'));

    let say = report.clone();
    drop(second.add_callback(move |()| {
        say('h');
        Ok(())
    }));
    report('i');
}
