//! How deep in the stack the last step of a long chain runs: stages of a Deferred, and futures within futures.
use deferreds::Deferred;
use std::{
    cell::Cell,
    pin::Pin,
    rc::Rc,
    task::{Context, Waker},
};
use trace::say;

// ANCHOR: deep
/// About where in the stack we are, in bytes.
#[inline(never)]
fn here() -> usize {
    let marker = 0_u8;
    std::ptr::from_ref(&marker).addr()
}

/// How far down the last of `n` stages runs.
fn stages(n: usize) -> usize {
    let (resolver, mut chain) = Deferred::<()>::new();
    for _ in 0..n {
        chain = chain.add_callback(Ok);
    }
    let deepest = Rc::new(Cell::new(0));
    let last = deepest.clone();
    drop(chain.add_callback(move |()| {
        last.set(here());
        Ok(())
    }));
    let start = here();
    resolver.callback(());
    start - deepest.get()
}

/// A future that awaits one that awaits one, and so on.
fn nest(n: usize) -> Pin<Box<dyn Future<Output = usize>>> {
    Box::pin(async move {
        match n {
            0 => here(),
            _ => nest(n - 1).await,
        }
    })
}

/// How far down the innermost of `n` futures runs.
fn futures(n: usize) -> usize {
    let start = here();
    let mut context = Context::from_waker(Waker::noop());
    match nest(n).as_mut().poll(&mut context) {
        std::task::Poll::Ready(deepest) => start - deepest,
        std::task::Poll::Pending => unreachable!("nothing waits"),
    }
}

fn main() {
    for n in [10, 100, 1_000] {
        let (stages, futures) = (stages(n), futures(n));
        say!("{n} steps: a chain {stages} bytes deep, nested futures {futures} bytes deep");
    }
    say!(
        "a chain is as deep with 1000 stages as with 10: {}",
        stages(1_000) == stages(10)
    );
}
// ANCHOR_END: deep
