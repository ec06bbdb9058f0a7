//! A question that does not wait. You write what happens when it is answered.
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
    let (_resolver, answer) = Deferred::new(); // who answers?
    window.show(260, 90)?;
    Ok(Question {
        window,
        yes,
        no,
        answer,
    })
}
