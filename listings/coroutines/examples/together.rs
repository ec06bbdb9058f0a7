//! Tasks that end together: when one fails, the others are cancelled, and all have ended before it goes on.
use coroutines::{run, sleep, spawn};
use deferreds::{
    Cancelled, Deferred, Failure, deferred_list, gather_results,
    poem::{get_poem, recite},
};
use reactor::{Address, Handle};
use std::{process::ExitCode, time::Duration};
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
        _ => Err(Failure::new(format!("{name} is too long"))),
    }
}
// ANCHOR_END: fetch

// ANCHOR: together
/// The values of all tasks; or the first failure, when all the others have been cancelled and have ended.
async fn together<T: 'static>(tasks: Vec<Deferred<T>>) -> Result<Vec<T>, Failure> {
    let cancellers: Vec<_> = tasks.iter().map(Deferred::canceller).collect();
    let tasks = tasks.into_iter().map(|task| {
        let others = cancellers.clone();
        task.add_errback(move |failure| {
            others.iter().for_each(|other| other.cancel());
            Err(failure)
        })
    });
    let (mut values, mut cause) = (Vec::new(), None);
    for result in deferred_list(tasks).await? {
        match result {
            Ok(value) => values.push(value),
            Err(failure) if failure.check::<Cancelled>().is_none() => cause = Some(failure),
            Err(cancelled) => cause = cause.or(Some(cancelled)),
        }
    }
    cause.map_or(Ok(values), Err)
}
// ANCHOR_END: together

// ANCHOR: main
async fn read(reactor: Handle) -> Result<(), Failure> {
    let names = ["hope", "tyger", "jabberwocky"];
    let at = recite(&reactor, &names)?;
    let begin = || -> Vec<_> {
        let each = names.into_iter().zip(at.clone());
        each.map(|(name, at)| spawn(&reactor, fetch(reactor.clone(), name, at)))
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
