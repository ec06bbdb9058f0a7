//! A read that loses bytes when `select` drops it, and two ways to mend it.
use coroutines::{Either, run, select, sleep};
use deferreds::{Failure, Queue};
use poetry::{Options, Pace, Poem};
use reactor::{Address, Handle, Id, Readiness, Source};
use recital::Recital;
use std::{io::ErrorKind, mem, pin::pin, process::ExitCode, rc::Rc, time::Duration};
use trace::say;

// ANCHOR: read
/// The bytes of a connection, as they come, and `None` at their end.
type Wire = Queue<Option<u8>>;

async fn read_line(wire: &Wire) -> Result<Option<String>, Failure> {
    let mut line = Vec::new();
    while let Some(byte) = wire.get().await? {
        line.push(byte);
        if byte == b'\n' {
            return Ok(Some(String::from_utf8(line)?));
        }
    }
    Ok(None)
}
// ANCHOR_END: read

// ANCHOR: loses
const TICK: Duration = Duration::from_millis(40);

async fn loses(reactor: &Handle, wire: &Wire) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    loop {
        match select(read_line(wire), sleep(reactor, TICK)).await {
            Either::Left(line) => match line? {
                Some(line) => lines.push(line),
                None => return Ok(lines),
            },
            Either::Right(()) => {} // here the wheel on the screen turns
        }
    }
}
// ANCHOR_END: loses

// ANCHOR: kept
async fn kept(reactor: &Handle, wire: &Wire) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    loop {
        let mut reading = pin!(read_line(wire)); // one for each line, not for each round
        let line = loop {
            match select(reading.as_mut(), sleep(reactor, TICK)).await {
                Either::Left(line) => break line?,
                Either::Right(()) => {}
            }
        };
        match line {
            Some(line) => lines.push(line),
            None => return Ok(lines),
        }
    }
}
// ANCHOR_END: kept

// ANCHOR: outside
struct Lines<'a> {
    wire: &'a Wire,
    line: Vec<u8>, // what has come of the next line
}

impl Lines<'_> {
    async fn next(&mut self) -> Result<Option<String>, Failure> {
        while let Some(byte) = self.wire.get().await? {
            self.line.push(byte);
            if byte == b'\n' {
                return Ok(Some(String::from_utf8(mem::take(&mut self.line))?));
            }
        }
        Ok(None)
    }
}

async fn outside(reactor: &Handle, wire: &Wire) -> Result<Vec<String>, Failure> {
    let (mut source, mut lines) = (Lines { wire, line: vec![] }, Vec::new());
    loop {
        match select(source.next(), sleep(reactor, TICK)).await {
            Either::Left(line) => match line? {
                Some(line) => lines.push(line),
                None => return Ok(lines),
            },
            Either::Right(()) => {}
        }
    }
}
// ANCHOR_END: outside

// ANCHOR: main
async fn read(reactor: Handle) -> Result<(), Failure> {
    let at = recite(&reactor)?;
    let lines = loses(&reactor, &connect(&reactor, &at)?).await?;
    lines.iter().for_each(|line| say!("{}", line.trim_end()));
    tell("a new read each round", &lines);
    tell("kept", &kept(&reactor, &connect(&reactor, &at)?).await?);
    let lines = outside(&reactor, &connect(&reactor, &at)?).await?;
    tell("the line outside", &lines);
    Ok(())
}

fn main() -> ExitCode {
    run(read)
}
// ANCHOR_END: main

fn tell(how: &str, lines: &[String]) {
    let bytes: usize = lines.iter().map(String::len).sum();
    say!("{how}: {} lines, {bytes} bytes", lines.len());
}

/// A server for Hope, which sends 20 bytes every 50 ms.
fn recite(reactor: &Handle) -> Result<Address, Failure> {
    let options = Options {
        poems: Poem::named("hope").into_iter().collect(),
        pace: Pace::new(20, Duration::from_millis(50)),
        ..Options::default()
    };
    Ok(Recital::start(reactor, options)?.addresses()[0].clone())
}

fn connect(reactor: &Handle, at: &Address) -> Result<Wire, Failure> {
    let (stream, wire) = (reactor.connect(at)?, Wire::new());
    let end = wire.clone();
    reactor.register(stream, Rc::new(Pump { wire }));
    Ok(end)
}

/// Puts what the socket brings on the wire.
struct Pump {
    wire: Wire,
}

impl Source for Pump {
    fn ready(self: Rc<Self>, reactor: &Handle, stream: Id, _: Readiness) {
        let mut piece = [0; 1024];
        loop {
            match reactor.read(stream, &mut piece) {
                Ok(0) => break,
                Ok(n) => piece[..n].iter().for_each(|byte| {
                    let _ = self.wire.put(Some(*byte)); // it has no limit
                }),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => break,
            }
        }
        let _ = self.wire.put(None);
        reactor.close(stream, false);
    }
}
