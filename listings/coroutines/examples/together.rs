//! Tasks that end together: when one fails, the others are cancelled, and all have ended before it goes on.
use coroutines::{run, sleep, spawn};
use deferreds::{Awaited, Cancelled, Deferred, Failure, deferred_list, gather_results};
use reactor::{Address, Handle};
use recital::{get_poem, recite};
use std::{cell::RefCell, process::ExitCode, rc::Rc, time::Duration};
use trace::say;

// ANCHOR: fetch
struct Note(&'static str);

impl Drop for Note {
    fn drop(&mut self) {
        say!("    {} has ended", self.0);
    }
}

/// Fetches a poem that fits on a card.
async fn fetch(reactor: Handle, name: &'static str, at: Address) -> Result<usize, Failure> {
    let _note = Note(name);
    let poem = get_poem(&reactor, &at).await?;
    say!("{:.1}: {name}, {} bytes", reactor.now(), poem.len());
    match poem.len() {
        bytes @ ..700 => Ok(bytes),
        _ => Err(Failure::new("too long")),
    }
}
// ANCHOR_END: fetch

// ANCHOR: together
/// The values of all tasks; or the first failure, when all the others have been
/// cancelled and have ended. Dropped before that, it cancels them all.
pub(crate) fn together<T: 'static>(tasks: Vec<Deferred<T>>) -> Awaited<Vec<T>> {
    let cancellers: Vec<_> = tasks.iter().map(Deferred::canceller).collect();
    let first = Rc::new(RefCell::new(None));
    let cause = first.clone();
    let tasks = tasks.into_iter().map(move |task| {
        let (others, first) = (cancellers.clone(), first.clone());
        task.add_errback(move |failure| {
            if first.borrow().is_none() {
                first.replace(Some(failure));
                others.iter().for_each(|other| other.cancel());
            }
            Err(Cancelled.into())
        })
    });
    deferred_list(tasks)
        .add_callback(move |results| match cause.take() {
            Some(first) => Err(first),
            None => results.into_iter().collect(),
        })
        .into_future()
}
// ANCHOR_END: together

// ANCHOR: main
async fn read(reactor: Handle) -> Result<(), Failure> {
    let names = ["hope", "tyger", "jabberwocky"];
    let at = recite(&reactor, &names)?;
    let begin = || -> Vec<_> {
        let each = names.into_iter().zip(at.clone());
        each.map(|(name, at)| {
            let card = spawn(&reactor, fetch(reactor.clone(), name, at));
            card.add_errback(move |why| Err(Failure::new(format!("{name}: {why}"))))
        })
        .collect()
    };

    say!("gathered");
    let cards = gather_results(begin()).await;
    say!("{:.1}: {}", reactor.now(), outcome(cards));
    sleep(&reactor, Duration::from_millis(400)).await;

    say!("together");
    let cards = together(begin()).await;
    say!("{:.1}: {}", reactor.now(), outcome(cards));
    sleep(&reactor, Duration::from_millis(400)).await;
    Ok(())
}

fn main() -> ExitCode {
    run(read)
}
// ANCHOR_END: main

fn outcome(cards: Result<Vec<usize>, Failure>) -> String {
    match cards {
        Ok(cards) => format!("{} cards", cards.len()),
        Err(failure) => format!("no cards: {failure}"),
    }
}
