//! A server without descriptors: it turns clients away, does not spin, and serves again when there
//! are some.
use deferreds::Failure;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use reactor::{Address, Os, Reactor};
use std::{
    cell::Cell,
    env,
    io::{Read, Write},
    net::TcpStream,
    process::{Child, Command, ExitCode},
    rc::Rc,
    thread,
    time::Duration,
};
use transports::{Loss, Protocol, Transport, listen};

const PORT: &str = "DESCRIPTORS_TEST_PORT";
const LIMIT: u64 = 48;
const CLIENTS: usize = 100;

#[derive(Default)]
struct Counts {
    made: Cell<usize>,
    lost: Cell<usize>,
}

struct Echo(Rc<Counts>);

impl Protocol for Echo {
    fn connection_made(&mut self, _: &Transport) -> Result<(), Failure> {
        self.0.made.set(self.0.made.get() + 1);
        Ok(())
    }
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        transport.write(data);
        if data == b"stop" {
            transport.handle().stop()?;
        }
        Ok(())
    }
    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        self.0.lost.set(self.0.lost.get() + 1);
    }
}

fn main() -> ExitCode {
    if let Ok(port) = env::var(PORT) {
        clients(port.parse().expect("a port"));
        return ExitCode::SUCCESS;
    }
    server();
    println!("out of descriptors: ok");
    ExitCode::SUCCESS
}

/// Whether it is served: what it says comes back.
fn is_served(stream: &mut TcpStream, word: &[u8]) -> bool {
    let limit = Some(Duration::from_secs(60));
    stream.set_read_timeout(limit).expect("a limit");
    let mut back = vec![0; word.len()];
    stream.write_all(word).is_ok() && stream.read_exact(&mut back).is_ok() && back == word
}

fn clients(port: u16) {
    let connect = || TcpStream::connect(("127.0.0.1", port)).expect("connected");
    let mut streams: Vec<TcpStream> = (0..CLIENTS).map(|_| connect()).collect();
    let served = streams.iter_mut().map(|s| is_served(s, b"hello"));
    let served: Vec<bool> = served.collect();
    let count = served.iter().filter(|is| **is).count();
    assert!((10..LIMIT as usize).contains(&count), "{count} are served");
    // No client comes or goes. A server that spins, spins now.
    thread::sleep(Duration::from_millis(500));
    drop(streams);
    // The server may not have heard yet that they are gone.
    let again = |_| {
        thread::sleep(Duration::from_millis(20));
        is_served(&mut connect(), b"again")
    };
    assert!((0..1_000).any(again), "never served again");
    for _ in 0..20 {
        assert!(is_served(&mut connect(), b"again"), "served again");
    }
    assert!(is_served(&mut connect(), b"stop"));
}

fn server() {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
    let mut clients = Command::new(env::current_exe().expect("this file"));
    let mut reactor = Reactor::new(Os::new().expect("a poll"));
    let counts = Rc::<Counts>::default();
    let shared = counts.clone();
    let factory = Rc::new(move |_: &Address| Echo(shared.clone()));
    let port = listen(&reactor.handle(), &Address::loopback(0), factory).expect("a port");
    let number = port.address().port().expect("a number");
    let mut clients = Clients(
        clients
            .env(PORT, number.to_string())
            .spawn()
            .expect("started"),
    );
    setrlimit(Resource::RLIMIT_NOFILE, LIMIT, hard).expect("a lower limit");
    let (mut turns, mut idle) = (0, 0);
    while !reactor.has_stopped() {
        let ran = reactor.turn(Some(Duration::from_secs(1))).expect("a turn");
        turns += 1;
        idle = if ran == 0 { idle + 1 } else { 0 };
        assert!(idle < 60, "nothing happens: {} made", counts.made.get());
        assert!(turns < 20_000, "it spins: {} made", counts.made.get());
    }
    assert!(clients.0.wait().expect("ended").success());
    println!("{turns} turns, {} made", counts.made.get());
}

/// Is stopped with the test.
struct Clients(Child);

impl Drop for Clients {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
