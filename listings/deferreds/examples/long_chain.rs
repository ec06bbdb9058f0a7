//! Long chains in a small stack: 100,000 of each kind of link.
use deferreds::Deferred;
use std::{io, thread};

fn main() -> io::Result<()> {
    // ANCHOR: thread
    let small = thread::Builder::new().stack_size(64 * 1024);
    let thread = small.spawn(|| {
        println!("stages:    {:?}", stages());
        println!("returned:  {:?}", returned());
        println!("chained:   {:?}", chained());
        println!("forgotten: {:?}", forgotten());
    })?;
    // ANCHOR_END: thread
    thread.join().expect("the stack was large enough");
    Ok(())
}

// ANCHOR: links
const LINKS: u32 = 100_000;

/// Stages in one chain.
fn stages() -> Option<u32> {
    let (resolver, mut chain) = Deferred::new();
    for _ in 0..LINKS {
        chain = chain.add_callback(|n| Ok(n + 1));
    }
    resolver.callback(0);
    chain.into_result().ok()?.ok()
}

/// Deferreds that wait for one another: each is returned by a stage of the next.
fn returned() -> Option<u32> {
    let (resolver, mut chain) = Deferred::new();
    for _ in 0..LINKS {
        let inner = chain;
        chain = Deferred::succeed(())
            .add_callback(|()| inner)
            .add_callback(|n| Ok(n + 1));
    }
    resolver.callback(0);
    chain.into_result().ok()?.ok()
}

/// Deferreds that give their result to the next one explicitly.
fn chained() -> Option<u32> {
    let (resolver, mut chain) = Deferred::new();
    for _ in 0..LINKS {
        let (next, waits) = Deferred::new();
        chain.add_callback(|n| Ok(n + 1)).chain_deferred(next);
        chain = waits;
    }
    resolver.callback(0);
    chain.into_result().ok()?.ok()
}

/// A chain whose promise is forgotten: the failure passes all of it.
fn forgotten() -> Option<String> {
    let (resolver, mut chain) = Deferred::<u32>::new();
    for _ in 0..LINKS {
        chain = chain.add_callback(|n| Ok(n + 1));
    }
    drop(resolver);
    Some(chain.into_result().ok()?.err()?.to_string())
}
// ANCHOR_END: links
