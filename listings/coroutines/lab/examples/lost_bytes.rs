//! The twin of `coroutines/lost_bytes`: `read_line` of tokio in `select!`, and two ways to mend it.
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, pin::pin, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    select,
    time::sleep,
};

const TICK: Duration = Duration::from_millis(40);

async fn connect(at: SocketAddr) -> io::Result<BufReader<TcpStream>> {
    Ok(BufReader::new(TcpStream::connect(at).await?))
}

// ANCHOR: loses
async fn loses(mut wire: BufReader<TcpStream>) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        select! {
            n = wire.read_line(&mut line) => match n? {
                0 => return Ok(lines),
                _ => lines.push(line),
            },
            () = sleep(TICK) => {} // here the wheel on the screen turns
        }
    }
}
// ANCHOR_END: loses

// ANCHOR: kept
async fn kept(mut wire: BufReader<TcpStream>) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        let n = {
            let mut reading = pin!(wire.read_line(&mut line));
            loop {
                select! {
                    n = &mut reading => break n?,
                    () = sleep(TICK) => {}
                }
            }
        };
        match n {
            0 => return Ok(lines),
            _ => lines.push(line),
        }
    }
}
// ANCHOR_END: kept

// ANCHOR: outside
async fn outside(wire: BufReader<TcpStream>) -> io::Result<Vec<String>> {
    let (mut source, mut lines) = (wire.lines(), Vec::new());
    loop {
        select! {
            line = source.next_line() => match line? {
                Some(line) => lines.push(line + "\n"),
                None => return Ok(lines),
            },
            () = sleep(TICK) => {}
        }
    }
}
// ANCHOR_END: outside

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = recite()?;
    let at = server.addresses()[0];
    let lines = loses(connect(at).await?).await?;
    lines
        .iter()
        .for_each(|line| println!("{}", line.trim_end()));
    tell("a new read each round", &lines);
    tell("kept", &kept(connect(at).await?).await?);
    tell("the line outside", &outside(connect(at).await?).await?);
    Ok(())
}
// ANCHOR_END: main

fn tell(how: &str, lines: &[String]) {
    let bytes: usize = lines.iter().map(String::len).sum();
    println!("{how}: {} lines, {bytes} bytes", lines.len());
}

fn recite() -> io::Result<Server> {
    Server::start(Options {
        poems: Poem::named("hope").into_iter().collect(),
        pace: Pace::new(20, Duration::from_millis(50)),
        ..Options::default()
    })
}
