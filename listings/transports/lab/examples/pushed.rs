//! The same writer on tokio: `write_all` does not return before there is room, so the writer waits
//! without knowing.
use std::{error::Error, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex},
    time::{Instant, sleep, sleep_until},
};

const PIECE: usize = 16 * 1024;

// ANCHOR: main
/// In virtual time, and with a network in memory that holds 64 KiB.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let (mut writes, mut reads) = duplex(64 * 1024);
    let start = Instant::now();
    let writer = tokio::spawn(async move {
        for piece in 1..=50_u32 {
            let begun = Instant::now();
            writes.write_all(&[b'~'; PIECE]).await?;
            let waited = begun.elapsed();
            if piece.is_multiple_of(10) {
                println!(
                    "{:.2}: {} KiB written, the last piece waited {} ms",
                    start.elapsed().as_secs_f64(),
                    piece * 16,
                    waited.as_millis()
                );
            }
            // Every 10 ms, if nothing holds it up.
            sleep_until(start + piece * Duration::from_millis(10)).await;
        }
        Ok::<_, std::io::Error>(())
    });
    let mut buffer = vec![0; 64 * 1024];
    while reads.read(&mut buffer).await? > 0 {
        sleep(Duration::from_millis(100)).await;
    }
    writer.await??;
    Ok(())
}
// ANCHOR_END: main
