//! Deferreds awaited in tasks of tokio, without any reactor of ours.
use deferreds::{Deferred, Failure, Resolver};
use std::{cell::RefCell, rc::Rc, time::Duration};
use tokio::{
    task::{LocalSet, spawn_local},
    time::{sleep, timeout},
};

// ANCHOR: desk
/// Old code: a desk with questions, each with a resolver for its answer.
#[derive(Default)]
struct Desk {
    waiting: RefCell<Vec<(&'static str, Resolver<String>)>>,
}

impl Desk {
    fn ask(&self, what: &'static str) -> Deferred<String> {
        let withdrawn = move |_| println!("\"{what}\" is withdrawn");
        let (resolver, answer) = Deferred::with_canceller(withdrawn);
        self.waiting.borrow_mut().push((what, resolver));
        answer
    }

    fn answer_all(&self) {
        for (what, resolver) in self.waiting.take() {
            match what {
                "who wrote Hope?" => resolver.callback("Emily Dickinson".to_owned()),
                _ => resolver.errback(Failure::new("that is not in the catalogue")),
            }
        }
    }
}
// ANCHOR_END: desk

// ANCHOR: main
async fn read(desk: Rc<Desk>) -> Result<(), Failure> {
    let librarian = desk.clone();
    spawn_local(async move {
        loop {
            sleep(Duration::from_millis(100)).await; // tokio's timer
            librarian.answer_all();
        }
    });

    println!("{}", desk.ask("who wrote Hope?").await?);
    if let Err(failure) = desk.ask("who wrote The Tide?").await {
        println!("failed: {failure}");
    }
    let late = timeout(Duration::from_millis(50), desk.ask("when?")).await;
    println!("in time: {}", late.is_ok());

    let task = spawn_local(desk.ask("where?").into_future());
    tokio::task::yield_now().await; // it begins to wait
    task.abort();
    println!("aborted: {}", task.await.is_err_and(|e| e.is_cancelled()));
    Ok(())
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Failure> {
    LocalSet::new().run_until(read(Rc::default())).await
}
// ANCHOR_END: main
