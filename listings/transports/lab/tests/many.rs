//! Ten thousand connections to one server. The clients are another process: this test, started
//! again.
use deferreds::Failure;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use reactor::{Address, Os, Reactor};
use std::{
    cell::Cell,
    env, fs,
    io::{Read, Write},
    net::TcpStream,
    process::{Child, Command, ExitCode},
    rc::Rc,
    time::Duration,
};
use transports::{Loss, Protocol, Transport, listen};

const MANY: usize = 10_000;
const PORT: &str = "MANY_TEST_PORT";

/// What the server sees of all.
#[derive(Default)]
struct Counts {
    made: Cell<usize>,
    echoed: Cell<usize>,
    lost: Cell<usize>,
}

struct Echo(Rc<Counts>);

impl Protocol for Echo {
    fn connection_made(&mut self, _: &Transport) -> Result<(), Failure> {
        self.0.made.set(self.0.made.get() + 1);
        Ok(())
    }
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.0.echoed.set(self.0.echoed.get() + data.len());
        transport.write(data);
        Ok(())
    }
    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        assert!(matches!(why, Loss::Done), "{why}");
        self.0.lost.set(self.0.lost.get() + 1);
    }
}

fn main() -> ExitCode {
    if let Err(why) = raise_the_limit() {
        eprintln!("{why}");
        return ExitCode::FAILURE;
    }
    if let Ok(port) = env::var(PORT) {
        clients(port.parse().expect("a port"));
        return ExitCode::SUCCESS;
    }
    server();
    println!("{MANY} connections: ok");
    ExitCode::SUCCESS
}

/// Both processes need a descriptor for each connection.
fn raise_the_limit() -> Result<(), String> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(|e| e.to_string())?;
    let wanted = (MANY + 200) as u64;
    let hard = hard.max(wanted);
    setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).map_err(|error| {
        format!("this test needs {wanted} descriptors: {error}; as root, or with `ulimit -Hn`")
    })
}

fn clients(port: u16) {
    let mut streams = Vec::with_capacity(MANY);
    for _ in 0..MANY {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("connected");
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .expect("a limit");
        streams.push(stream);
    }
    for stream in &mut streams {
        stream.write_all(b"hello").expect("written");
    }
    for stream in &mut streams {
        let mut back = [0; 5];
        stream.read_exact(&mut back).expect("echoed");
        assert_eq!(&back, b"hello");
    }
}

fn server() {
    let mut reactor = Reactor::new(Os::new().expect("a poll"));
    let counts = Rc::<Counts>::default();
    let shared = counts.clone();
    let factory = Rc::new(move |_: &Address| Echo(shared.clone()));
    let port = listen(&reactor.handle(), &Address::loopback(0), factory).expect("a port");
    let number = port.address().port().expect("a number");
    let before = resident();
    let mut clients = Clients(
        Command::new(env::current_exe().expect("this file"))
            .env(PORT, number.to_string())
            .spawn()
            .expect("started"),
    );
    let mut most = 0;
    let mut idle = 0;
    while counts.lost.get() < MANY {
        let ran = reactor.turn(Some(Duration::from_secs(1))).expect("a turn");
        idle = if ran == 0 { idle + 1 } else { 0 };
        assert!(idle < 60, "nothing happens: {} made", counts.made.get());
        if counts.made.get() == MANY && most == 0 {
            most = resident() - before;
        }
    }
    assert_eq!(counts.made.get(), MANY);
    assert_eq!(counts.echoed.get(), MANY * 5);
    assert!(clients.0.wait().expect("ended").success());
    println!("{} KiB resident for {MANY} connections", most);
    assert!(most < 40 * 1024, "{most} KiB: more than 4 KiB for each");
}

/// Is stopped with the test.
struct Clients(Child);

impl Drop for Clients {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Resident memory, in KiB ([proc(5)](https://man7.org/linux/man-pages/man5/proc.5.html)); 0 where
/// the system does not say.
fn resident() -> usize {
    let Ok(status) = fs::read_to_string("/proc/self/status") else {
        return 0;
    };
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|n| n.parse().ok()).expect("a number")
}
