//! An async function in a trait, and a closure whose future borrows.
use coroutines::{run, sleep};
use deferreds::Failure;
use reactor::{Address, Handle};
use recital::{get_poem, recite};
use std::{process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: shelf
trait Shelf {
    async fn poem(&self) -> Result<String, Failure>;
}

/// A poem that is fetched.
struct Far(Handle, Address);

impl Shelf for Far {
    async fn poem(&self) -> Result<String, Failure> {
        get_poem(&self.0, &self.1).await
    }
}

/// A poem that is known by heart.
struct ByHeart(&'static str);

impl Shelf for ByHeart {
    async fn poem(&self) -> Result<String, Failure> {
        Ok(self.0.to_owned())
    }
}

async fn words(shelf: &impl Shelf) -> Result<usize, Failure> {
    Ok(shelf.poem().await?.split_whitespace().count())
}
// ANCHOR_END: shelf

// ANCHOR: closure
async fn three_times(mut f: impl AsyncFnMut(u32)) {
    for n in 1..=3 {
        f(n).await;
    }
}
// ANCHOR_END: closure

// ANCHOR: main
async fn read(reactor: Handle) -> Result<(), Failure> {
    let at = recite(&reactor, &["wind"])?.remove(0);
    say!(
        "far away: {} words",
        words(&Far(reactor.clone(), at)).await?
    );
    say!("by heart: {} words", words(&ByHeart("Tyger Tyger")).await?);

    let mut seen = Vec::new();
    three_times(async |n| {
        sleep(&reactor, Duration::from_millis(100)).await;
        seen.push(n); // borrowed, across the await
    })
    .await;
    say!("seen: {seen:?}");
    Ok(())
}
// ANCHOR_END: main

fn main() -> ExitCode {
    run(read)
}
