//! What a round trip costs a server: ours, raw mio, and tokio, under the same load.
use deferreds::Failure;
use mio::{Events, Interest, Poll, Token, net::TcpListener};
use nix::time::{ClockId, clock_gettime};
use reactor::{Address, Kind, Os, Reactor};
use socket2::SockRef;
use std::{
    cell::Cell,
    env, fs,
    io::{self, BufRead, BufReader, ErrorKind, Read, Write},
    process::{Command, Stdio},
    rc::Rc,
    time::Duration,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use transports::{Loss, Protocol, Transport, connect, listen_on};

/// Round trips of each measurement, all connections together.
const TRIPS: usize = 40_000;
pub(crate) const SERVERS: [&str; 3] = ["mio", "ours", "tokio"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = env::args().skip(1);
    if let (Some(server), Some(clients)) = (args.next(), args.next()) {
        return Ok(serve(&server, clients.parse()?)?);
    }
    println!("{}", machine());
    println!("processor time of the server for 100,000 round trips, in seconds; three runs");
    println!("connections  bytes  mio               ours              tokio");
    for (clients, size) in [
        (1, 64),
        (50, 64),
        (1000, 64),
        (1, 16_384),
        (50, 16_384),
        (1000, 16_384),
    ] {
        let mut line = format!("{clients:11}  {size:5}");
        for server in SERVERS {
            let mut runs = Vec::new();
            for _ in 0..3 {
                runs.push(measure(server, clients, size)?);
            }
            runs.sort_by(f64::total_cmp);
            line += &format!("  {:.2} {:.2} {:.2}  ", runs[0], runs[1], runs[2]);
        }
        println!("{line}");
    }
    Ok(())
}

/// The processor, as the system names it.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find(|line| line.starts_with("model name"));
    let name = name.and_then(|line| line.split(": ").nth(1));
    format!("machine: {}", name.unwrap_or("unknown"))
}

/// Starts a server as a process of its own, and puts it under load.
fn measure(server: &str, clients: usize, size: usize) -> Result<f64, Box<dyn std::error::Error>> {
    let mut child = Command::new(env::current_exe()?)
        .args([server, &clients.to_string()])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut said = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
    let port = said.next().ok_or("no port")??.parse()?;
    load(port, clients, size, TRIPS)?;
    let seconds: f64 = said.next().ok_or("no time")??.parse()?;
    child.wait()?;
    Ok(seconds * 100_000.0 / TRIPS as f64)
}

// The load: every client sends, waits for all of it, and sends again.

struct Client {
    size: usize,
    trips: usize,
    received: usize,
    open: Rc<Cell<usize>>,
}

impl Protocol for Client {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(vec![7; self.size]);
        Ok(())
    }
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.received += data.len();
        if self.received == self.size {
            (self.received, self.trips) = (0, self.trips - 1);
            match self.trips {
                0 => transport.lose_connection(),
                _ => transport.write(&[7; 16_384][..self.size]),
            }
        }
        Ok(())
    }
    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        if self.trips > 0 {
            let left = format!("{} round trips are left, and: {why}", self.trips);
            transport.handle().fail(Failure::new(left)); // a server that gave up would look cheap
        }
        self.open.set(self.open.get() - 1);
        if self.open.get() == 0 {
            let _ = transport.handle().stop();
        }
    }
}

/// Puts a server under load: so many round trips, all clients together.
pub(crate) fn load(
    port: u16,
    clients: usize,
    size: usize,
    trips: usize,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut reactor = Reactor::new(Os::new()?);
    let open = Rc::new(Cell::new(clients));
    for _ in 0..clients {
        let open = open.clone();
        let client = move |_: &Address| Client {
            size,
            trips: trips / clients,
            received: 0,
            open: open.clone(),
        };
        connect(&reactor.handle(), &Address::loopback(port), Rc::new(client));
    }
    Ok(reactor.run()?)
}

// The servers. Each ends when all of its clients have come and gone.

pub(crate) fn serve(server: &str, clients: usize) -> io::Result<()> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    SockRef::from(&listener).listen(1024)?; // all clients come at once, and std lets 128 wait
    println!("{}", listener.local_addr()?.port());
    echo(server, listener, clients)?;
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?;
    println!("{}", Duration::from(time).as_secs_f64());
    Ok(())
}

/// Returns when so many clients have come and gone.
pub(crate) fn echo(
    server: &str,
    listener: std::net::TcpListener,
    clients: usize,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    match server {
        "mio" => serve_mio(TcpListener::from_std(listener), clients),
        "ours" => serve_ours(listener, clients),
        _ => serve_tokio(listener, clients),
    }
}

struct Echo(Rc<Cell<usize>>);

impl Protocol for Echo {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        transport.write(data);
        Ok(())
    }
    fn connection_lost(&mut self, transport: &Transport, _: Loss) {
        self.0.set(self.0.get() - 1);
        if self.0.get() == 0 {
            let _ = transport.handle().stop();
        }
    }
}

fn serve_ours(listener: std::net::TcpListener, clients: usize) -> io::Result<()> {
    let mut reactor = Reactor::new(Os::new()?);
    let handle = reactor.handle();
    let left = Rc::new(Cell::new(clients));
    let factory = Rc::new(move |_: &Address| Echo(left.clone()));
    let id = handle.adopt(listener.into(), Kind::TcpListener)?;
    let _port = listen_on(&handle, id, factory)?;
    reactor.run().map_err(io::Error::other)
}

/// As little as it takes: a short read and a short write mean drained and full; what does not fit
/// is kept; data and end may come in one event.
fn serve_mio(mut listener: TcpListener, clients: usize) -> io::Result<()> {
    struct Peer {
        stream: mio::net::TcpStream,
        waiting: Vec<u8>,
        ended: bool,
    }
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(1024);
    let both = Interest::READABLE | Interest::WRITABLE;
    poll.registry()
        .register(&mut listener, Token(usize::MAX - 1), Interest::READABLE)?;
    let mut peers: Vec<Option<Peer>> = Vec::new();
    let (mut gone, mut buffer) = (0, vec![0; 65_536]);
    while gone < clients {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() == Token(usize::MAX - 1) {
                while let Ok((mut stream, _)) = listener.accept() {
                    stream.set_nodelay(true)?;
                    poll.registry()
                        .register(&mut stream, Token(peers.len()), both)?;
                    peers.push(Some(Peer {
                        stream,
                        waiting: Vec::new(),
                        ended: false,
                    }));
                }
                continue;
            }
            let place = &mut peers[event.token().0];
            let Some(peer) = place else { continue };
            if event.is_writable() && !peer.waiting.is_empty() {
                let count = peer.stream.write(&peer.waiting).unwrap_or(0);
                peer.waiting.drain(..count);
            }
            while event.is_readable() && !peer.ended {
                let count = match peer.stream.read(&mut buffer) {
                    Ok(count) => count,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(_) => 0,
                };
                peer.ended = count == 0;
                let sent = match peer.waiting.is_empty() && count > 0 {
                    true => peer.stream.write(&buffer[..count]).unwrap_or(0),
                    false => 0,
                };
                peer.waiting.extend_from_slice(&buffer[sent..count]);
                if count < buffer.len() && !event.is_read_closed() {
                    break;
                }
            }
            if peer.ended && peer.waiting.is_empty() {
                *place = None;
                gone += 1;
            }
        }
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn serve_tokio(listener: std::net::TcpListener, clients: usize) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let mut tasks = Vec::new();
    for _ in 0..clients {
        let (mut stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tasks.push(tokio::spawn(async move {
            let mut buffer = vec![0; 16_384];
            loop {
                match stream.read(&mut buffer).await {
                    Ok(0) | Err(_) => return,
                    Ok(count) => {
                        if stream.write_all(&buffer[..count]).await.is_err() {
                            return;
                        }
                    }
                }
            }
        }));
    }
    for task in tasks {
        let _ = task.await;
    }
    Ok(())
}
