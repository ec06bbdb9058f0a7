//! The same catalogue as one function that is left and entered again, written by hand.
use deferreds::{Deferred, Failure};
use reactor::{Handle, react};
use std::{io, mem, process::ExitCode, time::Duration};
use trace::say;

/// A librarian, who takes a fifth of a second for an answer.
fn ask(reactor: &Handle, about: &str) -> Deferred<String> {
    say!("{:.1}: asked about {about}", reactor.now());
    let answer = match about {
        "Hope" => Ok("Emily Dickinson"),
        "Emily Dickinson" => Ok("1830"),
        "The Tyger" => Ok("William Blake"),
        "William Blake" => Ok("1757"),
        _ => Err(Failure::new("that is not in the catalogue")),
    };
    let (resolver, later) = Deferred::new();
    reactor.call_later(Duration::from_millis(200), |_| {
        resolver.fire(answer.map(str::to_owned));
    });
    later
}

// ANCHOR: driver
/// What a function says when it is left.
enum Step<T: 'static> {
    /// "Enter me again with the result of this."
    Wait(Deferred<String>),
    /// "I have returned."
    Done(T),
}

/// A function that is left and entered again.
trait Inline: 'static {
    type Output;
    fn enter(&mut self, answer: Result<String, Failure>) -> Result<Step<Self::Output>, Failure>;
}

fn inline_callbacks<I: Inline>(function: I) -> Deferred<I::Output> {
    go_on(function, Ok(String::new())) // no question has been asked yet
}

fn go_on<I: Inline>(mut function: I, answer: Result<String, Failure>) -> Deferred<I::Output> {
    match function.enter(answer) {
        Ok(Step::Wait(later)) => later.add_both(|answer| go_on(function, answer)),
        Ok(Step::Done(value)) => Deferred::succeed(value),
        Err(failure) => Deferred::fail(failure),
    }
}
// ANCHOR_END: driver

// ANCHOR: function
struct Catalogue {
    reactor: Handle,
    titles: std::vec::IntoIter<&'static str>,
    lines: Vec<String>,
    place: Place,
}

/// Where the function was left, and the local variables that it needs from there on.
enum Place {
    Loop,
    Author { title: &'static str },
    Year { title: &'static str, author: String },
}

impl Inline for Catalogue {
    type Output = Vec<String>;

    fn enter(&mut self, answer: Result<String, Failure>) -> Result<Step<Vec<String>>, Failure> {
        let answer = answer?;
        match mem::replace(&mut self.place, Place::Loop) {
            Place::Author { title } => {
                let author = answer;
                let year = ask(&self.reactor, &author);
                self.place = Place::Year { title, author };
                return Ok(Step::Wait(year));
            }
            Place::Year { title, author } => {
                let year = answer;
                self.lines.push(format!("{title}: {author}, born {year}"));
            }
            Place::Loop => {}
        }
        let Some(title) = self.titles.next() else {
            return Ok(Step::Done(mem::take(&mut self.lines)));
        };
        self.place = Place::Author { title };
        Ok(Step::Wait(ask(&self.reactor, title)))
    }
}
// ANCHOR_END: function

fn main() -> ExitCode {
    react(|reactor, done| {
        // ANCHOR: use
        let catalogue = Catalogue {
            reactor: reactor.clone(),
            titles: vec!["Hope", "The Tyger"].into_iter(),
            lines: Vec::new(),
            place: Place::Loop,
        };
        let shown = inline_callbacks(catalogue).add_both(move |result| {
            match result {
                Ok(lines) => lines.iter().for_each(|line| say!("{line}")),
                Err(failure) => say!("no catalogue: {failure}"),
            }
            drop(done); // the program ends
            Ok(())
        });
        drop(shown); // the Deferred itself is not needed any more
        // ANCHOR_END: use
        Ok::<(), io::Error>(())
    })
}
