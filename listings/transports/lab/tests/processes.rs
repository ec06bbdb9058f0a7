//! What takes a second process: standard input and output as transports, and a server that is
//! killed and started again.
//!
//! Each test starts itself again as that process, which does what the variable `ROLE` says.
#![cfg(unix)]
use deferreds::Failure;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use reactor::{Address, Handle, Os, Reactor, StandardStream};
use std::{
    env,
    io::{self, BufRead, BufReader, ErrorKind, Read, Write},
    net::TcpStream,
    os::fd::AsFd,
    process::{Child, Command, Stdio},
    rc::Rc,
    thread,
    time::Duration,
};
use transports::{Loss, Port, Protocol, Transport, attach, listen};

const ROLE: &str = "UNTWISTED_TEST_ROLE";
/// How long anything here may take before it counts as hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// The other process. It is killed and reaped with the test.
struct Other(Child);

impl Other {
    /// This program once more, running only `test`, in that role.
    fn start(test: &str, role: &str, input: Stdio, output: Stdio) -> Other {
        let mut command = Command::new(env::current_exe().expect("this program"));
        command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
        command.env(ROLE, role).stdin(input).stdout(output);
        Other(command.spawn().expect("it starts"))
    }

    /// SIGKILL: no destructor runs, nothing is closed but by the system.
    fn kill(&mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it is reaped");
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn is_role(role: &str) -> bool {
    env::var(ROLE).is_ok_and(|value| value == role)
}

/// A reactor of the real world that stops when nothing has ended it in time.
fn reactor() -> Reactor {
    let reactor = Reactor::new(Os::new().expect("a poll"));
    reactor.handle().call_later(PATIENCE, |handle| {
        handle.fail(io::Error::from(ErrorKind::TimedOut));
    });
    reactor
}

fn is_blocking(descriptor: impl AsFd) -> bool {
    let flags = fcntl(descriptor, FcntlArg::F_GETFL).expect("an open descriptor");
    !OFlag::from_bits_truncate(flags).contains(OFlag::O_NONBLOCK)
}

/// Writes whatever comes to another transport, and closes that one at the end.
struct Copy(Transport);

impl Protocol for Copy {
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.0.write(data);
        Ok(())
    }
    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        assert!(matches!(why, Loss::Done), "the input ended: {why}");
        self.0.write("the end");
        self.0.lose_connection();
    }
}

/// Ends the loop when all is written.
struct Writes;

impl Protocol for Writes {
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        panic!("nothing is read from an output: {} bytes", data.len());
    }
    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        assert!(matches!(why, Loss::Done), "the output is closed: {why}");
        transport.handle().stop().expect("it runs");
    }
}

fn copies_its_input() {
    let mut reactor = reactor();
    let handle = reactor.handle();
    let output = handle.standard(StandardStream::Output).expect("an output");
    let output = attach(&handle, output, Box::new(Writes));
    let input = handle.standard(StandardStream::Input).expect("an input");
    attach(&handle, input, Box::new(Copy(output)));
    reactor.run().expect("it ends with its input");
    drop(reactor); // and what was written gets out
}

/// The next bytes, up to those that are awaited.
fn read_until(output: &mut impl Read, awaited: &[u8]) -> Vec<u8> {
    let (mut seen, mut byte) = (Vec::new(), [0]);
    while !seen.ends_with(awaited) {
        let count = output.read(&mut byte).expect("readable");
        assert_eq!(count, 1, "ended after {:?}", String::from_utf8_lossy(&seen));
        seen.push(byte[0]);
    }
    seen
}

#[test]
fn standard_input_and_output_are_transports_and_stay_blocking() {
    const TEST: &str = "standard_input_and_output_are_transports_and_stay_blocking";
    if is_role("copy") {
        return copies_its_input();
    }
    // The child's descriptors are these, not copies: what it sets on them is seen here, as it would
    // be by a shell.
    let (childs_input, mut writer) = io::pipe().expect("a pipe");
    let (reader, childs_output) = io::pipe().expect("a pipe");
    let input = childs_input.try_clone().expect("a descriptor").into();
    let output = childs_output.try_clone().expect("a descriptor").into();
    let mut other = Other::start(TEST, "copy", input, output);

    let mut reader = BufReader::new(reader);
    writer.write_all(b"first <1>").expect("written");
    read_until(&mut reader, b"first <1>"); // at once, and not when the input has ended
    let blocking = (is_blocking(&childs_input), is_blocking(&childs_output));
    assert_eq!(
        blocking,
        (true, true),
        "(input, output) while they are used"
    );

    let text = "Gather ye rosebuds while ye may ".repeat(32_768); // more than any pipe or socket holds
    let typed = text.clone();
    let writes = thread::spawn(move || writer.write_all(typed.as_bytes())); // and closes it
    let seen = read_until(&mut reader, b"the end");
    writes.join().expect("no panic").expect("written");
    let seen = String::from_utf8(seen).expect("text");
    assert!(seen == text + "the end", "{} bytes came", seen.len());

    let blocking = (is_blocking(&childs_input), is_blocking(&childs_output));
    assert_eq!(blocking, (true, true), "(input, output) afterwards");
    drop(childs_output);
    assert!(other.0.wait().expect("it ended").success());
}

struct Echo;

impl Protocol for Echo {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        transport.write(data);
        Ok(())
    }
}

fn echo_at(handle: &Handle, port: u16) -> io::Result<Port> {
    listen(
        handle,
        &Address::loopback(port),
        Rc::new(|_: &Address| Echo),
    )
}

fn serves_until_killed() {
    let mut reactor = reactor();
    let port = echo_at(&reactor.handle(), 0).expect("a port");
    println!("\nport {}", port.address().port().expect("a number"));
    let _ = reactor.run();
}

/// A client in a thread: what comes back when it says something.
fn ask(port: u16) -> thread::JoinHandle<io::Result<Vec<u8>>> {
    thread::spawn(move || {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"anybody there?")?;
        let mut back = vec![0; 14];
        stream.read_exact(&mut back)?;
        Ok(back)
    })
}

#[test]
fn a_server_that_was_killed_with_an_open_connection_can_be_started_again() {
    const TEST: &str = "a_server_that_was_killed_with_an_open_connection_can_be_started_again";
    if is_role("serve") {
        return serves_until_killed();
    }
    let mut other = Other::start(TEST, "serve", Stdio::null(), Stdio::piped());
    let said = BufReader::new(other.0.stdout.take().expect("an output"));
    let number = said.lines().find_map(|line| {
        let line = line.expect("text");
        line.strip_prefix("port ").map(str::to_owned)
    });
    let number: u16 = number.expect("it says its port").parse().expect("a number");

    let mut client = TcpStream::connect(("127.0.0.1", number)).expect("it listens");
    client.set_read_timeout(Some(PATIENCE)).expect("a limit");
    client.write_all(b"hello").expect("written");
    let mut back = [0; 5];
    client.read_exact(&mut back).expect("echoed"); // the connection is there, on both sides

    let mut reactor = reactor();
    let handle = reactor.handle();
    let error = echo_at(&handle, number).expect_err("one that lives has the port");
    assert_eq!(error.kind(), ErrorKind::AddrInUse, "{error}");

    other.kill();
    assert_eq!(client.read(&mut back).expect("a clean end"), 0);
    // The half that was closed first waits for the other one, then in TIME_WAIT: it holds the
    // address in both cases.
    for state in ["the client has not closed", "the client has closed"] {
        let plain = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
        let at = std::net::SocketAddr::from(([127, 0, 0, 1], number));
        let bound = plain.expect("a socket").bind(&at.into());
        let error = bound.expect_err("without SO_REUSEADDR it waits for a minute");
        assert_eq!(error.kind(), ErrorKind::AddrInUse, "{state}: {error}");

        let port = echo_at(&handle, number);
        let port = port.unwrap_or_else(|error| panic!("{state}: {error}"));
        let second = echo_at(&handle, number).expect_err("one listener has the port");
        assert_eq!(second.kind(), ErrorKind::AddrInUse, "{state}: {second}");
        let asks = ask(number);
        while !asks.is_finished() {
            reactor
                .turn(Some(Duration::from_millis(20)))
                .expect("it is served in time");
        }
        let back = asks.join().expect("no panic").expect("served");
        assert_eq!(back, b"anybody there?", "{state}");
        port.stop_listening();
        let _ = client.shutdown(std::net::Shutdown::Both);
    }
}
