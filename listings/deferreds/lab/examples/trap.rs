//! The twin of `deferreds/trap`: a `match` on the type of an error.
use deferreds_lab::poem::{get_poem, recite};
use std::{error::Error, fmt, io, net::SocketAddr};

// ANCHOR: trap
/// The poem was there, and it is not one for today.
#[derive(Debug)]
struct TooSad;

impl fmt::Display for TooSad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this poem is too sad for today")
    }
}

impl Error for TooSad {}

async fn choose(at: SocketAddr) -> String {
    let poem = async {
        let text = get_poem(at).await?;
        match text.contains("despair") {
            true => Err(Box::<dyn Error>::from(TooSad)),
            false => Ok(text),
        }
    };
    match poem.await {
        Ok(text) => text,
        Err(error) if error.is::<TooSad>() => {
            println!("too sad, so a cheerful one");
            "The year's at the spring".to_owned()
        }
        Err(error) => {
            let kind = error.downcast_ref().map(io::Error::kind);
            println!("any other failure: {kind:?}");
            "no poem".to_owned()
        }
    }
}
// ANCHOR_END: trap

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = recite(&["ozymandias"])?;
    println!("{}", choose(server.addresses()[0]).await);
    Ok(())
}
