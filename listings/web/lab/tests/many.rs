//! Ten thousand connections that are kept open, asked twice, and ended. The clients are another
//! process: this test, started again.
use coroutines::{block_on, sleep, timeout};
use deferreds::Failure;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use reactor::{Address, Handle, Os, Reactor};
use std::{
    cell::Cell,
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, ExitCode, Stdio},
    rc::Rc,
    time::Duration,
};
use web::{Page, Served, Site, plain};

const MANY: usize = 10_000;
const PORT: &str = "MANY_PAGES_PORT";
const GUARD: Duration = Duration::from_secs(240);

fn main() -> ExitCode {
    if let Err(why) = raise_the_limit() {
        eprintln!("{why}");
        return ExitCode::FAILURE;
    }
    if let Ok(port) = env::var(PORT) {
        clients(port.parse().expect("a port"));
        return ExitCode::SUCCESS;
    }
    let mut reactor = Reactor::new(Os::new().expect("a poll"));
    let handle = reactor.handle();
    let served = block_on(&mut reactor, async move {
        timeout(&handle.clone(), GUARD, server(&handle)).await?
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Both processes need a descriptor for each connection.
fn raise_the_limit() -> Result<(), String> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(|e| e.to_string())?;
    let wanted = (MANY + 200) as u64;
    setrlimit(Resource::RLIMIT_NOFILE, wanted, hard.max(wanted)).map_err(|error| {
        format!("this test needs {wanted} descriptors: {error}; as root, or with `ulimit -Hn`")
    })
}

/// Connects all, then asks on all, twice. Says when it has its answers, and sees each connection
/// end in good order.
fn clients(port: u16) {
    let mut streams = Vec::with_capacity(MANY);
    for _ in 0..MANY {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("connected");
        stream.set_read_timeout(Some(GUARD)).expect("a limit");
        streams.push(stream);
    }
    for _ in 0..2 {
        for stream in &mut streams {
            stream
                .write_all(b"GET / HTTP/1.1\r\nhost: many\r\n\r\n")
                .expect("written");
        }
        for stream in &mut streams {
            let mut reply = Vec::new();
            let mut piece = [0; 512];
            while !reply.ends_with(b"here") {
                let count = stream.read(&mut piece).expect("read");
                assert_ne!(count, 0, "it ended before its reply: {reply:?}");
                reply.extend_from_slice(&piece[..count]);
            }
            assert!(reply.starts_with(b"HTTP/1.1 200 OK"), "{reply:?}");
        }
    }
    println!("answered");
    for stream in &mut streams {
        assert_eq!(stream.read(&mut [0]).expect("an end in good order"), 0);
    }
}

async fn server(handle: &Handle) -> Result<(), Failure> {
    let asked = Rc::new(Cell::new(0));
    let count = Rc::clone(&asked);
    let site = Site::new(Page::new(move |_| {
        count.set(count.get() + 1);
        plain("here")
    }));
    // How long a silent connection may stay is tested in virtual time; here no client is to be in a
    // hurry.
    let limits = web::Limits {
        head_time: GUARD,
        ..web::Limits::default()
    };
    let served: Served = site
        .with_limits(limits)
        .listen(handle, &Address::loopback(0))?;
    let before = resident();
    let mut clients = Clients(
        Command::new(env::current_exe()?)
            .env(PORT, served.address().port().expect("a port").to_string())
            .stdout(Stdio::piped())
            .spawn()?,
    );
    let said = clients.0.stdout.take().expect("a pipe");
    let answered = deferreds::defer_to_thread(handle, move || {
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line)?;
        Ok(line)
    });
    assert_eq!(answered.await?, "answered\n", "the clients have given up");
    assert_eq!((served.connections(), asked.get()), (MANY, 2 * MANY));
    let each = (resident() - before) as f64 / MANY as f64;
    println!("{MANY} connections, {each:.1} KiB resident for each");
    assert!(each < 40.0, "{each:.1} KiB for each");
    assert_eq!(
        served.stop(GUARD).await?,
        0,
        "all are silent: none is cut off"
    );
    assert_eq!(served.connections(), 0);
    while clients.0.try_wait()?.is_none() {
        sleep(handle, Duration::from_millis(20)).await;
    }
    assert!(clients.0.wait()?.success());
    println!("{MANY} connections: ok");
    Ok(())
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
