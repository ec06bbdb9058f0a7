//! Wrong: the archive is asked whatever went wrong.
use std::{cell::RefCell, error::Error, fmt, rc::Rc};
use untwisted::deferreds::{Deferred, Failure, Resolver};

/// There is no such book on the shelf.
#[derive(Debug)]
pub struct NotThere;

impl fmt::Display for NotThere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not there")
    }
}

impl Error for NotThere {}

/// How the library answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Good,
    NotThere,
    Broken,
    Never,
}

struct State {
    log: Vec<&'static str>,
    answers: [Answer; 4],
    unanswered: Vec<Resolver<String>>,
}

/// A library that writes down what it is asked to do.
#[derive(Clone)]
pub struct Library(Rc<RefCell<State>>);

impl Library {
    /// What `find`, `fetch`, `archive` and `stamp` answer.
    pub fn new(answers: [Answer; 4]) -> Library {
        let (log, unanswered) = (Vec::new(), Vec::new());
        Library(Rc::new(RefCell::new(State {
            log,
            answers,
            unanswered,
        })))
    }

    /// What it was asked to do, in order.
    pub fn log(&self) -> Vec<&'static str> {
        self.0.borrow().log.clone()
    }

    fn answer(&self, step: usize, name: &'static str, good: String) -> Deferred<String> {
        let mut state = self.0.borrow_mut();
        state.log.push(name);
        match state.answers[step] {
            Answer::Good => Deferred::succeed(good),
            Answer::NotThere => Deferred::fail(NotThere),
            Answer::Broken => Deferred::fail(Failure::new("broken")),
            Answer::Never => {
                let (resolver, never) = Deferred::new();
                state.unanswered.push(resolver);
                never
            }
        }
    }

    /// The shelf on which the book stands.
    pub fn find(&self, title: &str) -> Deferred<String> {
        self.answer(0, "find", format!("the shelf of {title}"))
    }

    /// The book from that shelf.
    pub fn fetch(&self, shelf: String) -> Deferred<String> {
        self.answer(1, "fetch", format!("the book from {shelf}"))
    }

    /// The copy in the archive.
    pub fn archive(&self, title: &str) -> Deferred<String> {
        self.answer(2, "archive", format!("the copy of {title}"))
    }

    /// The book, stamped.
    pub fn stamp(&self, book: String) -> Deferred<String> {
        self.answer(3, "stamp", format!("{book}, stamped"))
    }

    /// Closes the counter. It was opened for this reader.
    pub fn close(&self) {
        self.0.borrow_mut().log.push("close");
    }
}

/// Lends a book. This is the form that you are to translate; it stays as it is.
pub fn lend_in_stages(library: &Library, title: &str) -> Deferred<String> {
    let [shelves, archive, desk, counter] = [(); 4].map(|()| library.clone());
    let copy_of = title.to_owned();
    library
        .find(title)
        .add_callback(move |shelf| shelves.fetch(shelf))
        .add_errback(move |failure| match failure.trap::<NotThere>() {
            Ok(_) => archive.archive(&copy_of),
            Err(other) => Deferred::fail(other),
        })
        .add_callbacks(
            move |book| desk.stamp(book),
            |failure| Ok(format!("sorry, {failure}")),
        )
        .add_both(move |result| {
            counter.close();
            result
        })
}

/// The same, in other words.
pub async fn lend(library: &Library, title: &str) -> Result<String, Failure> {
    let _counter = Counter(library);
    let found = async { library.fetch(library.find(title).await?).await };
    let book = match found.await {
        Err(_) => library.archive(title).await,
        good => good,
    };
    match book {
        Ok(book) => library.stamp(book).await,
        Err(failure) => Ok(format!("sorry, {failure}")),
    }
}

/// Closes the counter when it goes away, however the function ends.
struct Counter<'l>(&'l Library);

impl Drop for Counter<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}
