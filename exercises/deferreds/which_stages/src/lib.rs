//! Which stages run, and when? You predict the letters.
use untwisted::deferreds::{Deferred, Failure};

/// Your prediction: the letters of the stages that run, in their order.
pub const PREDICTION: &str = "?";

/// The program. It is not to be changed: run it in your head.
pub fn program(report: impl Fn(char) + Clone + 'static) {
    let say = |letter| {
        let report = report.clone();
        move || report(letter)
    };
    let (a, b, c, d, e) = (say('a'), say('b'), say('c'), say('d'), say('e'));
    let (f, g, h, i, j) = (say('f'), say('g'), say('h'), say('i'), say('j'));

    let (first, poem) = Deferred::<u32>::new();
    let (second, notes) = Deferred::<u32>::new();

    let notes = notes.add_callback(move |n| {
        a();
        Ok(n + 1)
    });
    let poem = poem
        .add_callback(move |n| {
            b();
            notes.add_callback(move |m| Ok(n + m))
        })
        .add_errback(move |failure| {
            c();
            Err(failure)
        })
        .add_callback(move |_| -> Result<u32, Failure> {
            d();
            Err(Failure::new("no ink"))
        })
        .add_callbacks(
            move |n| {
                e();
                Ok(n)
            },
            move |_| {
                f();
                Ok(0)
            },
        );

    first.callback(1);
    g();
    second.callback(2);
    h();
    let poem = poem.add_both(move |result| {
        i();
        result
    });
    drop(poem.add_errback(move |_| {
        j();
        Ok(0)
    }));
}
