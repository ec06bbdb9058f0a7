//! The twin of `deferreds/two_rails`: the left rail is the next line, the right one is the jump of `?`.
use deferreds_lab::poem::{get_poem, recite};
use std::{error::Error, io, net::SocketAddr};

// ANCHOR: chain
async fn shout(at: SocketAddr, number: usize) -> String {
    let line = async {
        let text = get_poem(at).await?;
        let line = line(&text, number)?;
        Ok::<_, Box<dyn Error>>(line.to_uppercase())
    };
    match line.await {
        Ok(line) => line,
        Err(error) => format!("no line today: {error}"),
    }
}

fn line(text: &str, number: usize) -> Result<String, Box<dyn Error>> {
    let missing = || format!("the poem has no line {number}");
    let line = text.lines().nth(number - 1).ok_or_else(missing)?;
    Ok(line.to_owned())
}
// ANCHOR_END: chain

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = recite(&["hope"])?;
    // ANCHOR: main
    println!("{}", shout(server.addresses()[0], 1).await);
    // ANCHOR_END: main
    Ok(())
}
