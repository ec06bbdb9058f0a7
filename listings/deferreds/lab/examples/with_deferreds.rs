//! The twin of `deferreds/with_deferreds`: two poems, one after the other; one `match` hears of every failure.
use deferreds_lab::poem::{NOBODY, get_poem, recite};
use std::io;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = recite(&["hope"])?;
    // ANCHOR: chain
    let two = async {
        let hope = get_poem(server.addresses()[0]).await?;
        let wind = get_poem(NOBODY).await?;
        println!("{} and {} bytes", hope.len(), wind.len());
        io::Result::Ok(())
    };
    if let Err(error) = two.await {
        println!("no two poems: {error}");
    }
    // ANCHOR_END: chain
    Ok(())
}
