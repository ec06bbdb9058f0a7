//! What a process has only one of: its limit of descriptors, and its standard input and output.
//!
//! Each test starts itself again and does its work in that child, so that no other test is
//! disturbed.
#![cfg(unix)]
use nix::{
    fcntl::{FcntlArg, OFlag, fcntl},
    sys::resource::{Resource, getrlimit, setrlimit},
};
use reactor::{Address, Handle, Id, Os, Reactor, Readiness, Ready, Source, StandardStream, World};
use std::{
    cell::RefCell,
    collections::VecDeque,
    env, fs,
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    os::fd::AsRawFd,
    process::{Child, Command, Stdio},
    rc::Rc,
    thread,
    time::Duration,
};

const IS_CHILD: &str = "UNTWISTED_TEST_IS_A_CHILD";

/// The same test in a process of its own; `None` in that process.
fn child(test: &str) -> Option<Child> {
    if env::var_os(IS_CHILD).is_some() {
        return None;
    }
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(IS_CHILD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    Some(command.spawn().unwrap())
}

#[test]
fn without_a_descriptor_one_is_turned_away_and_the_rest_is_announced() {
    const TEST: &str = "without_a_descriptor_one_is_turned_away_and_the_rest_is_announced";
    if let Some(child) = child(TEST) {
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}");
        return;
    }
    let mut os = Os::new().unwrap();
    let listener = os.listen(&Address::loopback(0), 64).unwrap();
    let Address::Inet(at) = os.local_address(listener).unwrap() else {
        panic!()
    };
    let clients: Vec<TcpStream> = (0..8).map(|_| TcpStream::connect(at).unwrap()).collect();
    // Two more descriptors, and no more. The next free number is the first that is used again.
    let next = fs::File::open("/dev/null").unwrap().as_raw_fd() as u64;
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, next + 2, most).unwrap();

    let (mut accepted, mut turned_away, mut calls) = (Vec::new(), 0, 0);
    let mut ready: Vec<Ready> = Vec::new();
    let done = loop {
        os.wait(None, &mut ready).unwrap();
        let told = ready.drain(..).any(|ready| ready.id == listener);
        if !told {
            continue;
        }
        // As a careful caller does: until no connection waits, or an error says that it cannot go on.
        let stopped = loop {
            calls += 1;
            match os.accept(listener) {
                Ok((id, _)) => accepted.push(id),
                Err(error) => break error,
            }
        };
        match stopped.kind() {
            ErrorKind::WouldBlock => break stopped,
            _ => turned_away += 1,
        }
    };
    assert_eq!(done.kind(), ErrorKind::WouldBlock);
    // No call was for nothing: each took one from the queue, and the last one found it empty.
    assert_eq!((accepted.len(), turned_away, calls), (2, 6, 9));
    for mut client in clients.iter().skip(2) {
        assert_eq!(client.read(&mut [0; 9]).unwrap(), 0, "it was told");
    }
    // With a descriptor it goes on.
    os.close(accepted[0], false);
    drop(clients);
    let _client = TcpStream::connect(at).unwrap();
    loop {
        os.wait(None, &mut ready).unwrap();
        if ready.drain(..).any(|ready| ready.id == listener) {
            break;
        }
    }
    assert!(os.accept(listener).is_ok());
}

/// Copies standard input to standard output, turned into capitals, as far as each is ready.
struct Capitals {
    input: Id,
    output: Id,
    rest: RefCell<(VecDeque<u8>, bool)>,
}

impl Capitals {
    fn go_on(&self, reactor: &Handle) {
        let mut buffer = [0; 5_000];
        let (rest, ended) = &mut *self.rest.borrow_mut();
        loop {
            while !rest.is_empty() {
                match reactor.write(self.output, rest.make_contiguous()) {
                    Ok(count) => drop(rest.drain(..count)),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                    Err(error) => return reactor.fail(error),
                }
            }
            if *ended {
                reactor.close(self.output, false);
                let _ = reactor.stop();
                return;
            }
            match reactor.read(self.input, &mut buffer) {
                Ok(0) => *ended = true,
                Ok(count) => rest.extend(buffer[..count].to_ascii_uppercase()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => return reactor.fail(error),
            }
        }
    }
}

impl Source for Capitals {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id, _: Readiness) {
        self.go_on(reactor);
    }
}

fn is_blocking(descriptor: impl std::os::fd::AsFd) -> bool {
    let flags = fcntl(descriptor, FcntlArg::F_GETFL).unwrap();
    !OFlag::from_bits_truncate(flags).contains(OFlag::O_NONBLOCK)
}

#[test]
fn standard_input_and_output_are_streams_and_stay_blocking() {
    const TEST: &str = "standard_input_and_output_are_streams_and_stay_blocking";
    if let Some(mut child) = child(TEST) {
        // More than any pipe or socket keeps, read after it was written.
        let text = "the quick brown fox ".repeat(50_000);
        let mut input = child.stdin.take().unwrap();
        let typed = text.clone();
        let writes = thread::spawn(move || input.write_all(typed.as_bytes()).unwrap());
        let output = child.wait_with_output().unwrap();
        writes.join().unwrap();
        assert!(output.status.success());
        let got = String::from_utf8(output.stdout).unwrap();
        assert!(got.contains(&text.to_uppercase()), "{} bytes", got.len());
        return;
    }
    let mut reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    let input = h.standard(StandardStream::Input).unwrap();
    let output = h.standard(StandardStream::Output).unwrap();
    let twice = h.standard(StandardStream::Input).unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::ResourceBusy);
    assert!(is_blocking(std::io::stdin()) && is_blocking(std::io::stdout()));
    let capitals = Rc::new(Capitals {
        input,
        output,
        rest: RefCell::default(),
    });
    h.register(input, capitals.clone());
    h.register(output, capitals);
    h.call_later(Duration::from_secs(60), |h| {
        h.fail(std::io::Error::from(ErrorKind::TimedOut));
    });
    reactor.run().unwrap();
    assert!(is_blocking(std::io::stdin()) && is_blocking(std::io::stdout()));
    drop(reactor); // and what was written gets out
}
