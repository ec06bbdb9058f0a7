//! Wrong: runs a loop inside the loop until the question is answered.
use std::{cell::RefCell, rc::Rc};
use untwisted::{
    deferreds::Deferred,
    qt::{Application, Button, Label, Result, Row, Window},
};

/// A question that is on the screen.
pub struct Question {
    /// Its window, which holds the rest.
    pub window: Window,
    /// Answers with true.
    pub yes: Button,
    /// Answers with false.
    pub no: Button,
    /// The answer, when there is one.
    pub answer: Deferred<bool>,
}

/// Asks, and returns at once.
pub fn ask(application: &Application, question: &str) -> Result<Question> {
    let window = Window::new(application, "A question");
    let (yes, no) = (
        Button::new(application, "Yes"),
        Button::new(application, "No"),
    );
    let buttons = Row::new(application, "");
    buttons.add(&yes)?;
    buttons.add(&no)?;
    window.add(&Label::new(application, question))?;
    window.add(&buttons)?;
    let (resolver, answer) = Deferred::new();
    let resolver = Rc::new(RefCell::new(Some(resolver)));
    for (button, says) in [(&yes, true), (&no, false)] {
        let resolver = Rc::clone(&resolver);
        button.on_click(move |button| {
            // First the answer: closing the window is one, too.
            if let Some(resolver) = resolver.take() {
                resolver.callback(says);
            }
            let _ = button.window().and_then(|window| window.close());
        })?;
    }
    window.on_close(move |_| {
        if let Some(resolver) = resolver.take() {
            resolver.callback(false);
        }
    })?;
    window.show(260, 90)?;
    let waits = yes.clone();
    let open = move || application.shown().iter().any(|it| it.text == "Yes") && waits.is_alive();
    for _ in 0..10 {
        if open() {
            application.nested(5);
        }
    }
    Ok(Question {
        window,
        yes,
        no,
        answer,
    })
}
