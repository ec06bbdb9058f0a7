//! What is not TCP: Unix sockets, datagrams, pipes, and names.
#![cfg(unix)]
mod help;

use deferreds::{Cancelled, Failure};
use help::{Probe, Side, os, pattern, rest, sim, until, worlds};
use reactor::{Address, Handle, Kind, Reactor};
use std::{
    cell::RefCell,
    fs,
    io::{self, Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    rc::Rc,
    sync::atomic::{AtomicU32, Ordering},
};
use transports::{
    ConnectOptions, DatagramPort, DatagramProtocol, Loss, attach, connect, connect_host, listen,
    listen_datagrams, listen_on,
};

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("untwisted-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn unix_sockets_carry_what_tcp_carries() {
    for (_, mut reactor) in worlds() {
        let folder = Folder::new();
        let at = Address::Unix(folder.path("echo"));
        let handle = reactor.handle();
        let (server, client) = (Probe::echo(), Probe::new());
        let port = listen(&handle, &at, server.factory()).unwrap();
        assert_eq!(*port.address(), at);
        connect(&handle, &at, client.factory());
        until(&mut reactor, "made", || client.made() == 1);
        client.transport().write(pattern(5_000));
        until(&mut reactor, "echoed", || client.received() == 5_000);
        assert_eq!(*client.transport().peer(), at);
        client.transport().lose_connection();
        until(&mut reactor, "lost", || server.lost() == 1);
        assert!(matches!(server.loss(), Loss::Done));
        port.stop_listening();
        assert!(!folder.path("echo").exists(), "the path is removed");
    }
}

#[test]
fn a_path_that_a_killed_process_left_is_taken_over() {
    let folder = Folder::new();
    let path = folder.path("stale");
    drop(UnixListener::bind(&path).unwrap()); // std leaves the path behind, as a kill does
    assert!(path.exists());
    let mut reactor = os();
    let handle = reactor.handle();
    let (server, client) = (Probe::echo(), Probe::new());
    listen(&handle, &Address::Unix(path.clone()), server.factory()).unwrap();
    connect(&handle, &Address::Unix(path), client.factory());
    until(&mut reactor, "served", || server.made() == 1);
}

#[test]
fn a_path_at_which_somebody_answers_is_left_alone() {
    let folder = Folder::new();
    let path = folder.path("alive");
    let other = UnixListener::bind(&path).unwrap();
    let reactor = os();
    let handle = reactor.handle();
    let refused = listen(
        &handle,
        &Address::Unix(path.clone()),
        Probe::new().factory(),
    );
    assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::AddrInUse);
    assert!(path.exists());
    drop(other);

    let file = folder.path("file");
    fs::write(&file, "no socket").unwrap();
    let refused = listen(
        &handle,
        &Address::Unix(file.clone()),
        Probe::new().factory(),
    );
    assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::AddrInUse);
    assert_eq!(fs::read_to_string(&file).unwrap(), "no socket");
}

#[test]
fn a_listener_that_another_process_opened_can_be_adopted() {
    let theirs = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = Address::from(theirs.local_addr().unwrap());
    let mut reactor = os();
    let handle = reactor.handle();
    let id = handle.adopt(theirs.into(), Kind::TcpListener).unwrap();
    let (server, client) = (Probe::echo(), Probe::new());
    let port = listen_on(&handle, id, server.factory()).unwrap();
    assert_eq!(*port.address(), at);
    connect(&handle, &at, client.factory());
    until(&mut reactor, "served", || server.made() == 1);
    port.stop_listening();
    assert!(listen_on(&handle, id, server.factory()).is_err());
}

#[test]
fn one_half_of_a_pair_is_a_connection() {
    let mut reactor = os();
    let handle = reactor.handle();
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    theirs.write_all(b"there before").unwrap();
    let id = handle.adopt(ours.into(), Kind::UnixStream).unwrap();
    let probe = Probe::echo();
    let transport = attach(&handle, id, Box::new(Side(probe.clone())));
    assert_eq!(probe.made(), 0, "not inside the call");
    until(&mut reactor, "data", || probe.received() == 12);
    assert_eq!(probe.log(), ["made", "data"]);
    transport.lose_connection();
    until(&mut reactor, "lost", || probe.lost() == 1);
    let mut back = String::new();
    theirs.read_to_string(&mut back).unwrap();
    assert_eq!(back, "there before");
}

#[test]
fn a_pipe_is_read_to_its_end_and_written_until_its_reader_is_gone() {
    let mut reactor = os();
    let handle = reactor.handle();
    let (read, mut write) = io::pipe().unwrap();
    let id = handle.adopt(read.into(), Kind::PipeReader).unwrap();
    let reader = Probe::new();
    attach(&handle, id, Box::new(Side(reader.clone())));
    write.write_all(b"through the pipe").unwrap();
    drop(write);
    until(&mut reactor, "the end", || reader.lost() == 1);
    assert_eq!(reader.data(), b"through the pipe");
    assert!(matches!(reader.loss(), Loss::Done));

    let (mut read, write) = io::pipe().unwrap();
    let id = handle.adopt(write.into(), Kind::PipeWriter).unwrap();
    let writer = Probe::new().on_made(|t| {
        t.write("first");
        Ok(())
    });
    let transport = attach(&handle, id, Box::new(Side(writer.clone())));
    rest(&mut reactor);
    let mut first = [0; 5];
    read.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"first");
    assert_eq!(writer.lost(), 0);
    drop(read);
    until(&mut reactor, "the reader is gone", || writer.lost() == 1);
    assert!(matches!(writer.loss(), Loss::Failed(_)));
    assert!(transport.is_lost());
}

#[test]
fn a_closed_pipe_gets_all_that_was_written() {
    let mut reactor = os();
    let handle = reactor.handle();
    let (mut read, write) = io::pipe().unwrap();
    let id = handle.adopt(write.into(), Kind::PipeWriter).unwrap();
    let writer = Probe::new().on_made(|t| {
        t.write(pattern(300_000));
        t.lose_connection();
        Ok(())
    });
    attach(&handle, id, Box::new(Side(writer.clone())));
    let thread = std::thread::spawn(move || {
        let mut all = Vec::new();
        read.read_to_end(&mut all).unwrap();
        all
    });
    until(&mut reactor, "flushed", || writer.lost() == 1);
    assert!(thread.join().unwrap() == pattern(300_000));
    assert!(matches!(writer.loss(), Loss::Done));
}

type Datagram = (Vec<u8>, Address);

/// Writes down what it receives, and sends it back.
#[derive(Clone, Default)]
struct Heard {
    datagrams: Rc<RefCell<Vec<Datagram>>>,
    failed: Rc<RefCell<Vec<io::ErrorKind>>>,
    stopped: Rc<RefCell<Vec<String>>>,
    echoes: bool,
}

impl DatagramProtocol for Heard {
    fn datagram_received(
        &mut self,
        port: &DatagramPort,
        datagram: &[u8],
        from: &Address,
    ) -> Result<(), Failure> {
        port.handle().assert_nothing_borrowed();
        self.datagrams
            .borrow_mut()
            .push((datagram.to_vec(), from.clone()));
        assert!(datagram != b"panic", "this panic is part of the test");
        if datagram == b"fail" {
            return Err(Failure::new("this failure is part of the test"));
        }
        if self.echoes {
            port.send_to(datagram, from)?;
        }
        Ok(())
    }

    fn send_failed(&mut self, _: &DatagramPort, why: io::Error) {
        self.failed.borrow_mut().push(why.kind());
    }

    fn stopped(&mut self, port: &DatagramPort, why: Loss) {
        assert!(port.address().is_err());
        self.stopped.borrow_mut().push(format!("{why}"));
    }
}

fn bound(handle: &Handle, at: &Address, echoes: bool) -> (Heard, DatagramPort) {
    let heard = Heard {
        echoes,
        ..Heard::default()
    };
    let port = listen_datagrams(handle, at, Box::new(heard.clone())).unwrap();
    (heard, port)
}

fn datagram_worlds() -> Vec<(&'static str, Reactor)> {
    let mut worlds = vec![("os", os())];
    let reactor = sim("1");
    if reactor.handle().bind(&Address::loopback(0), false).is_ok() {
        worlds.push(("sim", sim("1")));
    }
    worlds
}

#[test]
fn datagrams_go_and_come_back_each_whole() {
    for (world, mut reactor) in datagram_worlds() {
        let handle = reactor.handle();
        let (server, at) = bound(&handle, &Address::loopback(0), true);
        let (client, port) = bound(&handle, &Address::loopback(0), false);
        let to = at.address().unwrap();
        let sizes = [0, 1, 1_400, 20_000];
        for size in sizes {
            port.send_to(pattern(size), &to).unwrap();
            until(&mut reactor, "it came back", || {
                client.datagrams.borrow().last().map(|d| d.0.len()) == Some(size)
            });
        }
        let back: Vec<usize> = client
            .datagrams
            .borrow()
            .iter()
            .map(|d| d.0.len())
            .collect();
        assert_eq!(back, sizes, "{world}");
        assert_eq!(client.datagrams.borrow()[0].1, to);
        assert_eq!(server.datagrams.borrow()[0].1, port.address().unwrap());
        let long = port.send_to(vec![0; 70_000], &to);
        assert!(long.is_err(), "{world}: too long");
        port.send_to("still there", &to).unwrap();
        until(&mut reactor, "echoed", || {
            client.datagrams.borrow().len() == 5
        });
    }
}

#[test]
fn more_datagrams_than_one_batch_are_all_taken() {
    for (_, mut reactor) in datagram_worlds() {
        let handle = reactor.handle();
        let (server, at) = bound(&handle, &Address::loopback(0), false);
        let (_, port) = bound(&handle, &Address::loopback(0), false);
        let to = at.address().unwrap();
        for number in 0..150_u8 {
            port.send_to([number], &to).unwrap();
        }
        until(&mut reactor, "all are there", || {
            server.datagrams.borrow().len() == 150
        });
    }
}

#[test]
fn a_refused_datagram_does_not_close_the_port() {
    for (world, mut reactor) in datagram_worlds() {
        let handle = reactor.handle();
        let (gone, closed) = bound(&handle, &Address::loopback(0), false);
        let nobody = closed.address().unwrap();
        closed.stop_listening();
        closed.stop_listening();
        until(&mut reactor, "closed", || !gone.stopped.borrow().is_empty());
        assert_eq!(*gone.stopped.borrow(), ["closed in good order"]);
        assert!(closed.send_to("too late", &nobody).is_err());

        let (server, at) = bound(&handle, &Address::loopback(0), false);
        let (client, port) = bound(&handle, &Address::loopback(0), false);
        port.set_peer(&nobody).unwrap();
        port.send("is anybody there?").unwrap();
        until(&mut reactor, "refused", || {
            !client.failed.borrow().is_empty()
        });
        assert_eq!(*client.failed.borrow(), [io::ErrorKind::ConnectionRefused]);
        port.set_peer(&at.address().unwrap()).unwrap();
        port.send("and here?").unwrap();
        until(&mut reactor, "heard", || {
            server.datagrams.borrow().len() == 1
        });
        assert!(client.stopped.borrow().is_empty(), "{world}");
    }
}

#[test]
fn a_refusal_that_the_next_send_would_hear_does_not_cost_that_datagram() {
    let mut reactor = os();
    let handle = reactor.handle();
    let (_, closed) = bound(&handle, &Address::loopback(0), false);
    let nobody = closed.address().unwrap();
    closed.stop_listening();
    rest(&mut reactor);
    let (client, port) = bound(&handle, &Address::loopback(0), false);
    port.set_peer(&nobody).unwrap();
    port.send("one").unwrap();
    std::thread::sleep(std::time::Duration::from_millis(20)); // the answer waits in the socket
    let (server, at) = bound(&handle, &Address::loopback(0), false);
    port.send_to("two", &at.address().unwrap()).unwrap();
    until(&mut reactor, "both are told", || {
        client.failed.borrow().len() == 1 && server.datagrams.borrow().len() == 1
    });
}

#[test]
fn a_datagram_that_fails_or_panics_costs_itself_alone() {
    for (_, mut reactor) in datagram_worlds() {
        let handle = reactor.handle();
        let (server, at) = bound(&handle, &Address::loopback(0), true);
        let (client, port) = bound(&handle, &Address::loopback(0), false);
        for text in ["panic", "fail", "fine"] {
            port.send_to(text, &at.address().unwrap()).unwrap();
        }
        until(&mut reactor, "answered", || {
            !client.datagrams.borrow().is_empty()
        });
        assert_eq!(client.datagrams.borrow()[0].0, b"fine");
        assert_eq!(server.datagrams.borrow().len(), 3);
    }
}

#[test]
fn dropping_the_reactor_stops_a_datagram_port() {
    for (_, reactor) in datagram_worlds() {
        let (heard, port) = bound(&reactor.handle(), &Address::loopback(0), false);
        drop(reactor);
        assert_eq!(*heard.stopped.borrow(), ["given up by this side"]);
        assert!(port.send("x").is_err());
    }
}

#[test]
fn unix_datagrams_are_whole_and_longer_than_udps() {
    let folder = Folder::new();
    let mut reactor = os();
    let handle = reactor.handle();
    let (server, at) = bound(&handle, &Address::Unix(folder.path("server")), true);
    let (client, port) = bound(&handle, &Address::Unix(folder.path("client")), false);
    port.send_to(pattern(100_000), &at.address().unwrap())
        .unwrap();
    until(&mut reactor, "it came back", || {
        client.datagrams.borrow().len() == 1
    });
    assert!(client.datagrams.borrow()[0].0 == pattern(100_000));
    assert_eq!(
        server.datagrams.borrow()[0].1,
        Address::Unix(folder.path("client"))
    );
    // Nothing reads: what does not fit is an error, and not a wait.
    let mut refused = None;
    for _ in 0..1000 {
        if let Err(error) = port.send_to(pattern(100_000), &at.address().unwrap()) {
            refused = Some(error.kind());
            break;
        }
    }
    assert_eq!(refused, Some(io::ErrorKind::WouldBlock));
}

#[test]
fn names_are_looked_up_and_connected_to() {
    for (_, mut reactor) in worlds() {
        let handle = reactor.handle();
        let (server, client) = (Probe::echo(), Probe::new());
        let port = listen(&handle, &Address::loopback(0), server.factory()).unwrap();
        let number = port.address().port().unwrap();
        // Dropped at once: it goes on all the same.
        drop(connect_host(
            &handle,
            "localhost",
            number,
            client.factory(),
            ConnectOptions::default(),
        ));
        until(&mut reactor, "made", || client.made() == 1);
        assert_eq!(client.transport().peer(), port.address());
    }
}

#[test]
fn a_name_that_is_not_found_is_told_with_the_name() {
    for mut reactor in [sim("1"), os()] {
        let handle = reactor.handle();
        let client = Probe::new();
        let connector = connect_host(
            &handle,
            "no-such-host.invalid",
            80,
            client.factory(),
            ConnectOptions::default(),
        );
        until(&mut reactor, "failed", || client.has_failed());
        let failure = client.failure().to_string();
        assert!(failure.contains("no-such-host.invalid"), "{failure}");
        connector.cancel();
        rest(&mut reactor);
        assert_eq!(client.log().len(), 1);
    }
}

#[test]
fn cancelled_while_the_name_is_looked_up_it_never_connects() {
    for mut reactor in [sim("1"), os()] {
        let handle = reactor.handle();
        let (server, client) = (Probe::echo(), Probe::new());
        let port = listen(&handle, &Address::loopback(0), server.factory()).unwrap();
        let number = port.address().port().unwrap();
        let options = ConnectOptions::default();
        connect_host(&handle, "localhost", number, client.factory(), options).cancel();
        until(&mut reactor, "cancelled", || client.has_failed());
        rest(&mut reactor);
        assert!(client.failure().check::<Cancelled>().is_some());
        assert_eq!(server.made(), 0);
    }
}
