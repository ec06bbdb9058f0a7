//! The twin of `coroutines/four_forms`: the same four forms on tokio.
use std::time::Duration;
use tokio::{join, sync::oneshot, time::Instant};

const SECOND: Duration = Duration::from_secs(1);

type Square = Result<u32, &'static str>;

// ANCHOR: callbacks
mod callbacks {
    use super::*;
    use tokio::{task::spawn, time::sleep};

    pub(super) fn slow_square(n: u32, done: impl FnOnce(Square) + Send + 'static) {
        spawn(async move {
            sleep(SECOND).await;
            done(square(n));
        });
    }

    pub(super) fn twice(n: u32, done: impl FnOnce(Square) + Send + 'static) {
        slow_square(n, move |squared| match squared {
            Ok(squared) => slow_square(squared, done),
            Err(error) => done(Err(error)),
        });
    }
}
// ANCHOR_END: callbacks

// ANCHOR: deferreds
mod tasks {
    use super::*;
    use tokio::{
        task::{JoinHandle, spawn},
        time::sleep,
    };

    pub(super) fn slow_square(n: u32) -> JoinHandle<Square> {
        spawn(async move {
            sleep(SECOND).await;
            square(n)
        })
    }

    pub(super) fn twice(n: u32) -> JoinHandle<Square> {
        let squared = slow_square(n);
        spawn(async {
            let squared = squared.await.expect("it does not panic")?;
            slow_square(squared).await.expect("it does not panic")
        })
    }
}
// ANCHOR_END: deferreds

// ANCHOR: machine
mod machine {
    use super::*;
    use std::{
        pin::Pin,
        task::{Context, Poll, ready},
    };
    use tokio::time::{Sleep, sleep};

    pub(super) struct SlowSquare {
        rest: Pin<Box<Sleep>>,
        n: u32,
    }

    impl Future for SlowSquare {
        type Output = Square;

        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Square> {
            ready!(self.rest.as_mut().poll(context));
            Poll::Ready(square(self.n))
        }
    }

    pub(super) fn slow_square(n: u32) -> SlowSquare {
        let rest = Box::pin(sleep(SECOND));
        SlowSquare { rest, n }
    }

    pub(super) enum Twice {
        First(SlowSquare),
        Second(SlowSquare),
    }

    impl Future for Twice {
        type Output = Square;

        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Square> {
            loop {
                *self = match &mut *self {
                    Twice::First(square) => {
                        let squared = ready!(Pin::new(square).poll(context))?;
                        Twice::Second(slow_square(squared))
                    }
                    Twice::Second(square) => return Pin::new(square).poll(context),
                };
            }
        }
    }

    pub(super) fn twice(n: u32) -> Twice {
        Twice::First(slow_square(n))
    }
}
// ANCHOR_END: machine

// ANCHOR: async
mod coroutine {
    use super::*;
    use tokio::time::sleep;

    pub(super) async fn slow_square(n: u32) -> Square {
        sleep(SECOND).await;
        square(n)
    }

    pub(super) async fn twice(n: u32) -> Square {
        let squared = slow_square(n).await?;
        slow_square(squared).await
    }
}
// ANCHOR_END: async

// ANCHOR: main
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    for n in [3, 300] {
        let (sender, one) = oneshot::channel();
        callbacks::twice(n, |result| sender.send(result).unwrap());
        let two = tasks::twice(n);
        let three = machine::twice(n);
        let four = coroutine::twice(n);

        let (one, two, three, four) = join!(one, two, three, four);
        let now = start.elapsed().as_secs_f64();
        println!("{now:.1} s: {n}, squared and squared");
        show("callbacks", one.unwrap());
        show("tasks", two.unwrap());
        show("a state machine", three);
        show("an async fn", four);
    }
}
// ANCHOR_END: main

fn show(form: &str, result: Square) {
    match result {
        Ok(n) => println!("    {form}: {n}"),
        Err(error) => println!("    {form}: {error}"),
    }
}

// ANCHOR: square
fn square(n: u32) -> Square {
    n.checked_mul(n).ok_or("the square is too large")
}
// ANCHOR_END: square
