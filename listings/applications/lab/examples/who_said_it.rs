//! The same log on tokio: a span goes with a future, by `instrument`.
use applications::Captured;
use std::{error::Error, io};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tracing::{Instrument, info, info_span, warn};

// ANCHOR: protocol
/// It logs what it is asked. It does not say by whom: it need not know.
async fn finger(stream: TcpStream) -> io::Result<()> {
    let (reads, mut writes) = stream.into_split();
    let mut line = String::new();
    // So many bytes and no more, or a peer without a line end fills the memory.
    BufReader::new(reads.take(22)).read_line(&mut line).await?;
    if !line.ends_with('\n') {
        return Err(io::Error::other("a line is too long, or not whole"));
    }
    info!(name = line.trim_end(), "asked");
    writes.write_all(b"No such user\r\n").await
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    for number in 1.. {
        let (stream, _) = listener.accept().await?;
        let connection = async {
            if let Err(why) = finger(stream).await {
                warn!(%why, "broke");
            }
        };
        tokio::spawn(connection.instrument(info_span!("connection", number)));
    }
    Ok(())
}
// ANCHOR_END: protocol

fn main() -> Result<(), Box<dyn Error>> {
    let log = Captured::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    log.during(|| {
        runtime.block_on(async {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            let at = listener.local_addr()?;
            let server = tokio::spawn(serve(listener));
            for name in ["emily", "a name that is no name but goes on and on"] {
                let mut stream = TcpStream::connect(at).await?;
                stream.write_all(format!("{name}\r\n").as_bytes()).await?;
                let _ = stream.read_to_end(&mut Vec::new()).await; // until it is closed, or reset
            }
            server.abort();
            Ok::<(), io::Error>(())
        })
    })?;
    for entry in log.take() {
        let fields = entry.fields.iter().map(|(k, v)| format!("{k}={v}"));
        let fields: Vec<String> = fields.collect();
        let spans = entry.spans.join(" ");
        println!(
            "{} {spans}: {} {}",
            entry.level,
            entry.message,
            fields.join(" ")
        );
    }
    Ok(())
}
