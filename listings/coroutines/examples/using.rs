//! Poems, fetched with the crate's executor: one after another, at the same time, and in tasks.
use coroutines::{join, join_all, run, spawn};
use deferreds::Failure;
use reactor::{Address, Handle};
use recital::{get_poem, recite};
use std::process::ExitCode;
use trace::say;

// ANCHOR: one
async fn first_line(reactor: Handle, at: Address) -> Result<String, Failure> {
    let poem = get_poem(&reactor, &at).await?;
    say!("{:.1}: {} bytes", reactor.now(), poem.len());
    Ok(poem.lines().next().unwrap_or_default().to_owned())
}
// ANCHOR_END: one

// ANCHOR: main
async fn read(reactor: Handle) -> Result<(), Failure> {
    let at = recite(&reactor, &["hope", "tyger", "eagle"])?;
    let line = |n: usize| first_line(reactor.clone(), at[n].clone());

    say!("one after another");
    let (hope, tyger) = (line(0).await?, line(1).await?);
    say!("{hope} / {tyger}");

    say!("two at the same time");
    let (hope, tyger) = join(line(0), line(1)).await;
    say!("{} / {}", hope?, tyger?);

    say!("all of them");
    for line in join_all((0..at.len()).map(line)).await {
        say!("{}", line?);
    }

    say!("in a task");
    let eagle = spawn(&reactor, line(2));
    let hope = line(0).await?; // the eagle flies meanwhile
    say!("{hope} / {}", eagle.await?);
    Ok(())
}

fn main() -> ExitCode {
    run(read)
}
// ANCHOR_END: main
