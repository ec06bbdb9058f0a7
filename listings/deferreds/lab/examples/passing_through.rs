//! The twin of `deferreds/passing_through`: a function that takes any future and hands its result on.
use deferreds_lab::poem::{NOBODY, get_poem, recite};
use std::{future::Future, io};
use tokio::{join, time::Instant};

// ANCHOR: timed
/// Says how long it took, whatever it is.
async fn timed<T, E>(what: &str, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let start = Instant::now();
    let result = work.await;
    let took = start.elapsed().as_secs_f64();
    let how = if result.is_ok() { "came" } else { "failed" };
    println!("{what} {how} after {took:.1} s");
    result
}
// ANCHOR_END: timed

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = recite(&["wind"])?;
    // ANCHOR: main
    let length = async |what, at| {
        let length = match timed(what, get_poem(at)).await {
            Ok(text) => text.len(),
            Err(_) => 0,
        };
        println!("{length} bytes");
    };
    join!(
        length("the poem", server.addresses()[0]),
        length("nothing", NOBODY),
    );
    // ANCHOR_END: main
    Ok(())
}
