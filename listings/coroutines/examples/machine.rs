//! An `async fn`, and beside it the state machine that it stands for, written by hand.
use std::{
    future::Future,
    mem,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

// ANCHOR: ask
/// An answer that is not there when you first ask for it, only the second time.
struct Answer {
    text: &'static str,
    asked: bool,
}

fn ask(about: &str) -> Answer {
    println!("    asked about {about}");
    let text = match about {
        "Hope" => "Emily Dickinson",
        "Emily Dickinson" => "1830",
        _ => "unknown",
    };
    Answer { text, asked: false }
}

impl Future for Answer {
    type Output = String;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<String> {
        match mem::replace(&mut self.asked, true) {
            false => Poll::Pending,
            true => Poll::Ready(self.text.to_owned()),
        }
    }
}
// ANCHOR_END: ask

// ANCHOR: async_fn
async fn born(title: &'static str) -> String {
    let author = ask(title).await;
    let year = ask(&author).await;
    format!("{title}: {author}, born {year}")
}
// ANCHOR_END: async_fn

// ANCHOR: machine
enum Born {
    Begin {
        title: &'static str,
    },
    Author {
        title: &'static str,
        answer: Answer,
    },
    Year {
        title: &'static str,
        author: String,
        answer: Answer,
    },
    Over,
}

impl Future for Born {
    type Output = String;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<String> {
        loop {
            match &mut *self {
                Born::Begin { title } => {
                    let (title, answer) = (*title, ask(title));
                    *self = Born::Author { title, answer };
                }
                Born::Author { title, answer } => match Pin::new(answer).poll(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(author) => {
                        let (title, answer) = (*title, ask(&author));
                        *self = Born::Year {
                            title,
                            author,
                            answer,
                        };
                    }
                },
                Born::Year {
                    title,
                    author,
                    answer,
                } => match Pin::new(answer).poll(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(year) => {
                        let line = format!("{title}: {author}, born {year}");
                        *self = Born::Over;
                        return Poll::Ready(line);
                    }
                },
                Born::Over => panic!("it has returned already"),
            }
        }
    }
}
// ANCHOR_END: machine

// ANCHOR: use
fn watch(name: &str, future: impl Future<Output = String>) {
    println!("{name}: {} bytes", mem::size_of_val(&future));
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for n in 1.. {
        println!("  poll {n}");
        match future.as_mut().poll(&mut context) {
            Poll::Pending => println!("  left: pending"),
            Poll::Ready(line) => {
                println!("  returned: {line}");
                break;
            }
        }
    }
}

fn main() {
    watch("async fn", born("Hope"));
    watch("by hand", Born::Begin { title: "Hope" });
}
// ANCHOR_END: use
