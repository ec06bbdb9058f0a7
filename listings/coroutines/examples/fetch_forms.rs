//! All poems from the slow servers, in four forms: callbacks, Deferreds, a state machine, an async function.
use coroutines::run;
use deferreds::{Deferred, Failure};
use reactor::{Address, Handle};
use recital::recite;
use std::process::ExitCode;
use trace::say;

// ANCHOR: callbacks
mod callbacks {
    use reactor::{Address, Handle};
    use recital::fetch;
    use std::{cell::Cell, io, rc::Rc};

    struct Count<F> {
        missing: Cell<usize>,
        bytes: Cell<usize>,
        done: Cell<Option<F>>,
    }

    pub(super) fn total<F>(reactor: &Handle, at: &[Address], done: F)
    where
        F: FnOnce(Result<usize, io::Error>) + 'static,
    {
        let count = Rc::new(Count {
            missing: Cell::new(at.len()),
            bytes: Cell::new(0),
            done: Cell::new(Some(done)),
        });
        for at in at {
            let (count, failed) = (count.clone(), count.clone());
            let one_more = move |_: &Handle, poem: String| {
                count.bytes.set(count.bytes.get() + poem.len());
                count.missing.set(count.missing.get() - 1);
                if count.missing.get() == 0
                    && let Some(done) = count.done.take()
                {
                    done(Ok(count.bytes.get()));
                }
            };
            let none = move |_: &Handle, error| {
                if let Some(done) = failed.done.take() {
                    done(Err(error));
                }
            };
            fetch(reactor, at, one_more, none);
        }
    }
}
// ANCHOR_END: callbacks

// ANCHOR: deferreds
mod deferred {
    use deferreds::{Deferred, gather_results};
    use reactor::{Address, Handle};
    use recital::get_poem;

    pub(super) fn total(reactor: &Handle, at: &[Address]) -> Deferred<usize> {
        gather_results(at.iter().map(|at| get_poem(reactor, at)))
            .add_callback(|poems| Ok(poems.iter().map(String::len).sum()))
    }
}
// ANCHOR_END: deferreds

// ANCHOR: machine
mod machine {
    use deferreds::{Awaited, Failure};
    use reactor::{Address, Handle};
    use recital::get_poem;
    use std::{
        pin::Pin,
        task::{Context, Poll},
    };

    pub(super) struct Total {
        missing: Vec<Awaited<String>>,
        bytes: usize,
    }

    pub(super) fn total(reactor: &Handle, at: &[Address]) -> Total {
        let poems = at.iter().map(|at| get_poem(reactor, at).into_future());
        Total {
            missing: poems.collect(),
            bytes: 0,
        }
    }

    impl Future for Total {
        type Output = Result<usize, Failure>;

        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
            let mut missing = Vec::new();
            for mut poem in std::mem::take(&mut self.missing) {
                match Pin::new(&mut poem).poll(context) {
                    Poll::Ready(text) => self.bytes += text?.len(),
                    Poll::Pending => missing.push(poem),
                }
            }
            self.missing = missing;
            match self.missing.is_empty() {
                true => Poll::Ready(Ok(self.bytes)),
                false => Poll::Pending,
            }
        }
    }
}
// ANCHOR_END: machine

// ANCHOR: async
mod coroutine {
    use coroutines::join_all;
    use deferreds::Failure;
    use reactor::{Address, Handle};
    use recital::get_poem;

    pub(super) async fn total(reactor: &Handle, at: &[Address]) -> Result<usize, Failure> {
        let mut bytes = 0;
        for poem in join_all(at.iter().map(|at| get_poem(reactor, at))).await {
            bytes += poem?.len();
        }
        Ok(bytes)
    }
}
// ANCHOR_END: async

// ANCHOR: main
async fn all(reactor: Handle) -> Result<(), Failure> {
    let served = recite(&reactor, &["hope", "tyger", "eagle"])?;
    let one_fails = vec![Address::loopback(1), served[0].clone()];
    for at in [served, one_fails] {
        say!("{} poems", at.len());
        let (resolver, total) = Deferred::new();
        let start = reactor.now();
        callbacks::total(&reactor, &at, |result| {
            resolver.fire(result.map_err(Failure::from));
        });
        show(
            "callbacks",
            total.await,
            (reactor.now() - start).as_secs_f64(),
        );

        let start = reactor.now();
        let total = deferred::total(&reactor, &at).await;
        show("Deferreds", total, (reactor.now() - start).as_secs_f64());

        let start = reactor.now();
        let total = machine::total(&reactor, &at).await;
        show(
            "a state machine",
            total,
            (reactor.now() - start).as_secs_f64(),
        );

        let start = reactor.now();
        let total = coroutine::total(&reactor, &at).await;
        show("an async fn", total, (reactor.now() - start).as_secs_f64());
    }
    Ok(())
}
// ANCHOR_END: main

fn show(form: &str, total: Result<usize, Failure>, seconds: f64) {
    match total {
        Ok(bytes) => say!("    {form}: {bytes} bytes after {seconds:.1} s"),
        Err(_) => say!("    {form}: failed after {seconds:.1} s"),
    }
}

fn main() -> ExitCode {
    run(all)
}
