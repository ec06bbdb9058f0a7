//! Types, and lets the answers come in another order.
use newest_answer::search;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use untwisted::{
    deferreds::{Deferred, Failure, Resolver},
    qt::{Application, Label, LineEdit, with_application},
};

/// A question that is on its way.
struct Asked {
    text: String,
    cancelled: Rc<Cell<bool>>,
    resolver: Rc<RefCell<Option<Resolver<String>>>>,
}

/// A line, a label, and a library that answers when the test says so.
struct Desk {
    line: LineEdit,
    label: Label,
    asked: Rc<RefCell<Vec<Asked>>>,
}

/// What a library does when its question is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Library {
    /// It fails at once with `Cancelled`.
    Obeys,
    /// It hears of it, and answers all the same: a librarian is on a ladder already.
    AnswersAllTheSame,
}

impl Desk {
    fn new(application: &Application, library: Library) -> Desk {
        let (line, label) = (LineEdit::new(application, ""), Label::new(application, ""));
        let asked: Rc<RefCell<Vec<Asked>>> = Rc::default();
        let asks = Rc::clone(&asked);
        search(&line, &label, move |text| {
            let cancelled = Rc::new(Cell::new(false));
            let hears = Rc::clone(&cancelled);
            let kept: Rc<RefCell<Option<Resolver<String>>>> = Rc::default();
            let keeps = Rc::clone(&kept);
            let (resolver, answer) = Deferred::with_canceller(move |resolver| {
                hears.set(true);
                if library == Library::AnswersAllTheSame {
                    keeps.replace(Some(resolver));
                }
            });
            kept.replace(Some(resolver));
            asks.borrow_mut().push(Asked {
                text: text.to_owned(),
                cancelled,
                resolver: kept,
            });
            answer
        })
        .expect("the line is there");
        Desk { line, label, asked }
    }

    fn types(&self, text: &str) {
        self.line.enter(text).expect("the line is there");
    }

    /// Answers the question of that number, the first is 0; also when it is not wanted any more.
    fn answer(&self, number: usize, result: Result<&str, &str>) {
        let resolver = self
            .asked
            .borrow()
            .get(number)
            .and_then(|it| it.resolver.take());
        if let Some(resolver) = resolver {
            match result {
                Ok(answer) => resolver.callback(answer.to_owned()),
                Err(why) => resolver.errback(Failure::new(why)),
            }
        }
    }

    fn shows(&self) -> String {
        self.label.text().expect("the label is there")
    }

    fn questions(&self) -> Vec<String> {
        self.asked
            .borrow()
            .iter()
            .map(|it| it.text.clone())
            .collect()
    }
}

#[test]
fn one_question() {
    with_application(|application| {
        let desk = Desk::new(application, Library::Obeys);
        desk.types("rose");
        assert_eq!(
            desk.shows(),
            "looking for rose",
            "before the answer is there, the label says what is looked for"
        );
        desk.answer(0, Ok("two poems"));
        assert_eq!(desk.shows(), "two poems", "the answer is shown");
        desk.types("thorn");
        desk.answer(1, Err("the library is closed"));
        assert_eq!(
            desk.shows(),
            "the library is closed",
            "a failure is shown in its own words"
        );
    });
}

#[test]
fn the_older_answer_comes_later() {
    with_application(|application| {
        for library in [Library::Obeys, Library::AnswersAllTheSame] {
            let desk = Desk::new(application, library);
            desk.types("r");
            desk.types("rose");
            assert_eq!(
                desk.questions(),
                ["r", "rose"],
                "the newest question is asked at once, whatever is on its way"
            );
            assert_eq!(
                desk.shows(),
                "looking for rose",
                "the older question was given up, and what that says must not be shown"
            );
            desk.answer(1, Ok("two poems"));
            desk.answer(0, Ok("ninety poems"));
            assert_eq!(
                desk.shows(),
                "two poems",
                "an older answer came later, and was shown over the newest"
            );
        }
    });
}

#[test]
fn the_older_question_is_cancelled() {
    with_application(|application| {
        let desk = Desk::new(application, Library::Obeys);
        for text in ["r", "ro", "ros"] {
            desk.types(text);
        }
        let cancelled: Vec<bool> = desk
            .asked
            .borrow()
            .iter()
            .map(|it| it.cancelled.get())
            .collect();
        assert_eq!(
            cancelled,
            [true, true, false],
            "the library hears when an answer is not wanted any more: the older questions are cancelled"
        );
    });
}

#[test]
fn the_same_question_again() {
    with_application(|application| {
        for library in [Library::Obeys, Library::AnswersAllTheSame] {
            let desk = Desk::new(application, library);
            desk.types("rose");
            desk.types("rose");
            assert_eq!(
                desk.shows(),
                "looking for rose",
                "the same text was entered twice: the first of the two questions was given up, and what it says must not be shown"
            );
            desk.answer(0, Ok("an answer of yesterday"));
            assert_eq!(
                desk.shows(),
                "looking for rose",
                "the same text was entered twice, and the answer to the first was shown as the one to the second"
            );
            desk.answer(1, Ok("two poems"));
            assert_eq!(
                desk.shows(),
                "two poems",
                "the answer to the second is shown"
            );
        }
    });
}

#[test]
fn an_empty_line_asks_nothing() {
    with_application(|application| {
        for library in [Library::Obeys, Library::AnswersAllTheSame] {
            let desk = Desk::new(application, library);
            desk.types("rose");
            desk.types("");
            assert_eq!(desk.questions(), ["rose"], "an empty line is no question");
            assert_eq!(desk.shows(), "", "after an empty line the label is empty");
            desk.answer(0, Ok("two poems"));
            assert_eq!(
                desk.shows(),
                "",
                "the line is empty, and an older answer was shown"
            );
        }
    });
}

#[test]
fn the_answer_is_there_at_once() {
    with_application(|application| {
        let (line, label) = (LineEdit::new(application, ""), Label::new(application, ""));
        search(&line, &label, |text| {
            Deferred::succeed(format!("{text}: known"))
        })
        .expect("the line is there");
        line.enter("rose").expect("the line is there");
        let shown = label.text().expect("the label is there");
        assert_eq!(
            shown, "rose: known",
            "an answer that is there at once is shown, too"
        );
    });
}
