//! Wrong: lets `get_poem` wait for the poem.
use std::time::Duration;
use untwisted::{
    deferreds::{Deferred, Failure},
    reactor::Handle,
};

/// Your prediction: the ten letters, in the order in which they are reported.
pub const PREDICTION: &str = "fabdgcehji";

/// Fetches a poem, which takes a tenth of a second.
fn get_poem(reactor: &Handle, report: &impl Fn(char)) -> Deferred<String> {
    report('a');
    let (resolver, poem) = Deferred::new();
    reactor.call_later(Duration::from_millis(100), move |_| {
        resolver.callback("Tyger Tyger".to_owned());
    });
    report('b');
    poem
}

/// Counts the letters of a poem that is to come.
fn count(poem: Deferred<String>, report: impl Fn(char) + Clone + 'static) -> Deferred<usize> {
    report('c');
    let say = report.clone();
    let number = poem.add_callback(move |poem| {
        say('d');
        Ok(poem.len())
    });
    report('e');
    number
}

/// The program. It is not to be changed: run it in your head.
pub fn program(reactor: &Handle, report: impl Fn(char) + Clone + 'static) {
    report('f');
    let poem = get_poem(reactor, &report);
    report('g');
    let number = count(poem, report.clone());
    report('h');
    let say = report.clone();
    number.on_result(move |_: Result<usize, Failure>| say('i'));
    reactor.call_soon(move |_| report('j'));
}
