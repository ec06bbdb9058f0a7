//! Wrong: the shutdown begins inside the close.
use std::rc::Rc;
use untwisted::{
    qt::{Application, HostError, QtReactor, Window},
    reactor::{Os, Reactor},
};

/// Your prediction: the eleven letters, in the order in which they are reported.
pub const PREDICTION: &str = "abcdfgehikj";

/// Reports a letter.
pub type Report = Rc<dyn Fn(char)>;

/// The program. It is not to be changed: run it in your head.
pub fn program(application: &Application, report: &Report) -> Result<(), HostError> {
    let says = |letter| {
        let report = Rc::clone(report);
        move || report(letter)
    };
    let world = Os::new().expect("a world");
    let host = QtReactor::new(application, Reactor::new(world))?;
    let window = Window::new(application, "Questions");
    let closed = says('h');
    window.on_close(move |_| closed()).expect("it is there");
    window.show(100, 100).expect("it is there");
    let saved = says('i');
    host.handle().before_shutdown(move |_, _hold| saved());

    let (b, c, d, e, f, g, k) = (
        says('b'),
        says('c'),
        says('d'),
        says('e'),
        says('f'),
        says('g'),
        says('k'),
    );
    let (first, qt, outer) = (says('a'), application.clone(), Rc::downgrade(&host));
    // What a click on a button does.
    application.call_soon(move || {
        let Some(host) = outer.upgrade() else { return };
        first();
        host.handle().call_soon(move |_| b());
        qt.nested(50); // a dialog is open for 50 ms
        c();
        let inner = Rc::downgrade(&host);
        host.handle().call_soon(move |reactor| {
            let Some(host) = inner.upgrade() else { return };
            d();
            reactor.call_soon(move |_| {
                e();
                let _ = window.close();
                k();
            });
            host.outside(f);
            qt.nested(50); // and another one
            g();
        });
    });
    host.run()?;
    report('j');
    Ok(())
}
