//! Asks, and answers as a person would.
use ask_without_waiting::{Question, ask};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use untwisted::{
    deferreds::{Cancelled, Canceller},
    qt::{Application, Button, QtReactor, Window, with_application},
    reactor::{Os, Reactor},
};

/// What became of the answer: nothing yet, or in words.
type Told = Rc<RefCell<Option<String>>>;

/// A question, and what became of it.
struct Asked {
    window: Window,
    yes: Button,
    no: Button,
    told: Told,
    canceller: Canceller,
}

impl Asked {
    fn said(&self) -> String {
        let told = self.told.borrow();
        told.clone().unwrap_or_else(|| "nothing".to_owned())
    }
}

/// Asks, and notes the answer.
fn asked(application: &Application, question: &str) -> Asked {
    let Question {
        window,
        yes,
        no,
        answer,
    } = ask(application, question).expect("the window opens");
    let told: Told = Rc::default();
    let (tells, canceller) = (Rc::clone(&told), answer.canceller());
    let _noted = answer.add_both(move |result| {
        *tells.borrow_mut() = Some(match result {
            Ok(answer) => answer.to_string(),
            Err(failure) if failure.check::<Cancelled>().is_some() => "cancelled".to_owned(),
            Err(failure) => failure.to_string(),
        });
        Ok(())
    });
    Asked {
        window,
        yes,
        no,
        told,
        canceller,
    }
}

/// Whether a question can be read on the screen.
fn on_screen(application: &Application, question: &str) -> bool {
    application.shown().iter().any(|it| it.text == question)
}

#[test]
fn it_returns_at_once() {
    with_application(|application| {
        let host = QtReactor::new(application, Reactor::new(Os::new().expect("a reactor")))
            .expect("a host");
        let looped = Rc::new(Cell::new(false));
        let (loops, app) = (Rc::clone(&looped), application.clone());
        host.handle()
            .call_later(Duration::from_millis(5), move |reactor| {
                // Qt's loop calls this after the callback, unless a loop runs inside that.
                let ran = Rc::new(Cell::new(false));
                let runs = Rc::clone(&ran);
                app.call_soon(move || runs.set(true));
                let it = asked(&app, "In a callback?");
                loops.set(ran.get());
                let yes = it.yes.clone();
                let kept = RefCell::new(Some(it));
                reactor.call_later(Duration::from_millis(5), move |reactor| {
                    yes.click().expect("the button is there");
                    kept.take();
                    let _ = reactor.stop();
                });
            });
        host.run().expect("the loop ends well");
        assert!(
            !looped.get(),
            "`ask` ran a loop inside the loop, from a callback of the reactor: meanwhile the reactor stood still"
        );
    });
}

#[test]
fn yes_and_no() {
    with_application(|application| {
        let it = asked(application, "Tea?");
        assert!(
            on_screen(application, "Tea?"),
            "the question is on the screen"
        );
        assert_eq!(it.said(), "nothing", "there is no answer yet");
        it.yes.click().expect("the button is there");
        assert_eq!(
            it.said(),
            "true",
            "(after a click on Yes) closing the window is an answer, too: which one came first?"
        );
        assert!(
            !on_screen(application, "Tea?"),
            "the question was answered and is still on the screen"
        );
        let it = asked(application, "Milk?");
        it.no.click().expect("the button is there");
        assert_eq!(it.said(), "false", "after a click on No");
    });
}

#[test]
fn the_cross_means_no() {
    with_application(|application| {
        let it = asked(application, "Sugar?");
        it.window.close().expect("the window is there");
        assert_eq!(
            it.said(),
            "false",
            "the window was closed, which means no, and the answer was this"
        );
    });
}

#[test]
fn two_questions_at_once_are_answered_in_any_order() {
    with_application(|application| {
        let first = asked(application, "One?");
        let second = asked(application, "Two?");
        first.yes.click().expect("the button is there");
        assert_eq!(
            (first.said(), second.said()),
            ("true".to_owned(), "nothing".to_owned()),
            "the first of two was answered first"
        );
        assert!(
            on_screen(application, "Two?"),
            "the second question is still to be answered"
        );
        second.no.click().expect("the button is there");
        assert_eq!(second.said(), "false", "the second was answered with No");
    });
}

#[test]
fn a_question_can_be_taken_back() {
    with_application(|application| {
        let it = asked(application, "Still there?");
        it.canceller.cancel();
        assert!(
            !on_screen(application, "Still there?"),
            "the Deferred was cancelled, and the question is still on the screen"
        );
        assert!(
            ["cancelled", "false"].contains(&it.said().as_str()),
            "a caller that cancels hears of it, by the failure `Cancelled` or by the answer no, and here: {}",
            it.said()
        );
        let _ = it.yes.click(); // too late, and harmless
    });
}

#[test]
fn nothing_keeps_the_window() {
    with_application(|application| {
        let it = asked(application, "Gone?");
        let (yes, window) = (it.yes.clone(), it.window);
        drop((it.no, it.yes));
        window.close().expect("the window is there");
        drop(window);
        assert!(
            !yes.is_alive(),
            "the last name of the window was dropped, and the window is still there: a slot of it holds it"
        );
    });
}
