//! What the operating system's world makes of its kinds: datagrams, descriptors, options, paths.
#![cfg(unix)]
use reactor::{
    Address, Datagrams, Descriptors, Id, Kind, Os, Reactor, Readiness, Ready, SocketOption, World,
};
use std::{
    cell::RefCell,
    io::{self, ErrorKind, IoSlice, Write},
    os::fd::OwnedFd,
    rc::Rc,
    time::Duration,
};

/// Waits until that socket was told all of `what`, for ten seconds of a loaded machine; what else
/// it was told.
fn told(os: &mut Os, id: Id, what: Readiness) -> Readiness {
    let until = os.now() + Duration::from_secs(10);
    let mut all = Readiness::default();
    while all.and(what) != all {
        assert!(os.now() < until, "{id:?} was told {all}, not {what}");
        let mut ready: Vec<Ready> = Vec::new();
        os.wait(Some(until), &mut ready).unwrap();
        for ready in ready.iter().filter(|ready| ready.id == id) {
            all = all.and(ready.what);
        }
    }
    all
}

fn loopback(os: &mut Os) -> (Id, Address) {
    let id = os.bind(&Address::loopback(0), false).unwrap();
    let at = os.local_address(id).unwrap();
    (id, at)
}

#[test]
fn datagrams_arrive_whole_with_their_sender() {
    let mut os = Os::new().unwrap();
    let (a, at_a) = loopback(&mut os);
    let (b, at_b) = loopback(&mut os);
    os.send(a, b"first", Some(&at_b)).unwrap();
    os.send(a, b"", Some(&at_b)).unwrap();
    told(&mut os, b, Readiness::READ);
    let mut buffer = [0; 3];
    assert_eq!(os.receive(b, &mut buffer).unwrap(), (3, at_a.clone()));
    assert_eq!(os.receive(b, &mut buffer).unwrap(), (0, at_a));
    let nothing = os.receive(b, &mut buffer).unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
    let path = Address::Unix("/tmp/nobody".into());
    let unfit = os.send(a, b"x", Some(&path)).unwrap_err();
    assert_eq!(unfit.kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_refused_datagram_is_an_error_and_closes_nothing() {
    let mut os = Os::new().unwrap();
    let (a, at_a) = loopback(&mut os);
    let (b, at_b) = loopback(&mut os);
    os.set_peer(a, &at_b).unwrap();
    os.close(b, false);
    os.send(a, b"anybody?", None).unwrap();
    let error = Readiness {
        error: true,
        ..Readiness::default()
    };
    let what = told(&mut os, a, error);
    assert!(!what.read_closed && !what.write_closed, "{what}");
    let mut buffer = [0; 9];
    let refused = os.receive(a, &mut buffer).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    let Address::Inet(at_b) = at_b else { panic!() };
    let b = std::net::UdpSocket::bind(at_b).unwrap();
    let Address::Inet(at_a) = at_a else { panic!() };
    b.send_to(b"here", at_a).unwrap();
    told(&mut os, a, Readiness::READ);
    assert_eq!(os.receive(a, &mut buffer).unwrap().0, 4);
}

#[test]
fn a_pipe_tells_that_the_other_end_is_gone() {
    let mut os = Os::new().unwrap();
    let (reader, mut writer) = io::pipe().unwrap();
    let id = os.adopt(reader.into(), Kind::PipeReader).unwrap();
    writer.write_all(b"last words").unwrap();
    drop(writer);
    let closed = Readiness {
        read: true,
        read_closed: true,
        ..Readiness::default()
    };
    assert_eq!(told(&mut os, id, closed), closed);
    let mut buffer = [0; 99];
    assert_eq!(os.read(id, &mut buffer).unwrap(), 10);
    assert_eq!(os.read(id, &mut buffer).unwrap(), 0);
    assert!(os.write(id, &[IoSlice::new(b"x")]).is_err());

    let (reader, writer) = io::pipe().unwrap();
    let id = os.adopt(writer.into(), Kind::PipeWriter).unwrap();
    drop(reader);
    let closed = Readiness {
        write: true,
        write_closed: true,
        ..Readiness::default()
    };
    assert_eq!(told(&mut os, id, closed), closed);
    let error = os.write(id, &[IoSlice::new(b"x")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}

#[test]
fn sockets_that_others_opened_are_taken_in() {
    let mut os = Os::new().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let id = os
        .adopt(OwnedFd::from(listener), Kind::TcpListener)
        .unwrap();
    let client = os.connect(&os.local_address(id).unwrap()).unwrap();
    told(&mut os, id, Readiness::READ);
    let (server, from) = os.accept(id).unwrap();
    assert_eq!(os.local_address(client).unwrap(), from);
    assert_eq!(os.peer_address(server).unwrap(), from);
    os.set(
        server,
        SocketOption::KeepAlive(Some(Duration::from_secs(60))),
    )
    .unwrap();
    os.set(server, SocketOption::NoDelay(false)).unwrap();
    let unfit = os.set(server, SocketOption::Broadcast(true)).unwrap_err();
    assert_eq!(unfit.kind(), ErrorKind::InvalidInput);
    // What is no socket, and what no poll can watch, is an error and not a panic.
    let file = std::fs::File::open("Cargo.toml").unwrap();
    assert!(os.adopt(file.into(), Kind::PipeReader).is_err());
}

#[test]
fn a_unix_socket_that_is_closed_removes_its_path_and_no_other_file() {
    let folder = std::env::temp_dir().join(format!("seam-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("socket");
    let at = Address::Unix(path.clone());
    let mut os = Os::new().unwrap();

    let id = os.listen(&at, 5).unwrap();
    assert_eq!(os.local_address(id).unwrap(), at);
    assert_eq!(os.listen(&at, 5).unwrap_err().kind(), ErrorKind::AddrInUse);
    os.close(id, false);
    assert!(!path.exists());

    let id = os.bind(&at, false).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, "another file").unwrap();
    os.close(id, false);
    assert!(path.exists(), "it was not ours any more");
    std::fs::remove_file(&path).unwrap();

    os.listen(&at, 5).unwrap();
    drop(os);
    assert!(!path.exists(), "the end of the world closes, too");
    std::fs::remove_dir(&folder).unwrap();
}

/// Both ends of a connection over that listener.
fn pair(os: &mut Os, at: &Address) -> (Id, Id) {
    let listener = os.listen(at, 5).unwrap();
    let client = os.connect(&os.local_address(listener).unwrap()).unwrap();
    told(os, listener, Readiness::READ);
    let (server, _) = os.accept(listener).unwrap();
    os.finish_connect(client).unwrap(); // a client that was accepted is connected
    os.close(listener, false);
    (client, server)
}

#[test]
fn many_pieces_are_written_until_one_does_not_fit() {
    let mut os = Os::new().unwrap();
    let (client, server) = pair(&mut os, &Address::loopback(0));
    for pieces in [1_023, 1_024, 1_025, 5_000] {
        let bytes = vec![7; pieces];
        let slices: Vec<_> = bytes.chunks(1).map(IoSlice::new).collect();
        assert_eq!(os.write(client, &slices).unwrap(), pieces);
        let (mut got, mut buffer) = (0, vec![0; 10_000]);
        while got < pieces {
            match os.read(server, &mut buffer) {
                Ok(count) => got += count,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    told(&mut os, server, Readiness::READ);
                }
            }
        }
        assert_eq!(got, pieces);
    }
    // And when the socket is full in the middle, the count says where.
    let block = vec![7; 100_000];
    let slices = vec![IoSlice::new(&block); 3_000];
    let count = os.write(client, &slices).unwrap();
    assert!(count > 0 && count < 300_000_000, "{count}");
    let error = os.write(client, &slices).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_short_read_means_drained_where_urgent_data_stood() {
    let mut os = Os::new().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let to = listener.local_addr().unwrap();
    let client = os.connect(&Address::Inet(to)).unwrap();
    let (peer, _) = listener.accept().unwrap();
    let peer = socket2::Socket::from(peer);
    peer.send(b"before").unwrap();
    peer.send_out_of_band(b"!").unwrap();
    peer.send(b"after").unwrap();
    peer.shutdown(std::net::Shutdown::Write).unwrap();
    let end = Readiness {
        read_closed: true,
        ..Readiness::READ
    };
    told(&mut os, client, end);
    let mut buffer = [0; 100];
    let count = os.read(client, &mut buffer).unwrap();
    assert_eq!(&buffer[..count], b"beforeafter");
    assert_eq!(os.read(client, &mut buffer).unwrap(), 0);
}

#[test]
fn what_a_connection_became_is_told_as_often_as_it_is_asked() {
    let mut os = Os::new().unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = Address::Inet(nobody.local_addr().unwrap());
    drop(nobody);
    let refused = Some(ErrorKind::ConnectionRefused);
    for read_first in [false, true] {
        let client = os.connect(&at).unwrap();
        let failed = Readiness {
            read: true,
            write: true,
            read_closed: true,
            write_closed: true,
            error: true,
        };
        assert_eq!(told(&mut os, client, failed), failed);
        let mut buffer = [0; 9];
        if read_first {
            let read = os.read(client, &mut buffer);
            assert_eq!(read.err().map(|e| e.kind()), refused);
        }
        for _ in 0..3 {
            let finish = os.finish_connect(client);
            assert_eq!(finish.err().map(|e| e.kind()), refused);
            let read = os.read(client, &mut buffer);
            assert_eq!(read.err().map(|e| e.kind()), refused);
            let write = os.write(client, &[IoSlice::new(b"x")]);
            assert_eq!(write.err().map(|e| e.kind()), refused);
        }
    }
    let (client, _) = pair(&mut os, &Address::loopback(0));
    let peer = os.peer_address(client).unwrap();
    assert!(os.finish_connect(client).is_ok());
    assert!(os.finish_connect(client).is_ok());
    assert_eq!(os.peer_address(client).unwrap(), peer);
}

#[test]
fn a_full_unix_backlog_refuses_instead_of_blocking() {
    let path = std::env::temp_dir().join(format!("full-{}", std::process::id()));
    let mut os = Os::new().unwrap();
    os.listen(&Address::Unix(path.clone()), 1).unwrap();
    let mut results = Vec::new();
    for _ in 0..5 {
        let connect = os.connect(&Address::Unix(path.clone()));
        results.push(connect.map(drop).map_err(|error| error.kind()));
    }
    let refused = Err(ErrorKind::ConnectionRefused);
    if cfg!(target_os = "linux") {
        assert_eq!(results, [Ok(()), Ok(()), refused, refused, refused]);
    } else {
        assert_eq!(results.last(), Some(&refused));
    }
}

#[test]
fn names_are_looked_up_by_threads_of_their_own() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    // Every thread for jobs is taken, until a name was found.
    let (let_go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Arc::new(std::sync::Mutex::new(wait));
    for _ in 0..30 {
        let wait = std::sync::Arc::clone(&wait);
        h.offload(
            move || wait.lock().unwrap().recv().unwrap_or_default(),
            |_, ()| (),
        );
    }
    let found = Rc::new(RefCell::new(Vec::new()));
    for name in ["localhost", "127.0.0.9", "::1", "no such name"] {
        let (found, let_go) = (Rc::clone(&found), let_go.clone());
        h.look_up(name, move |h, addresses| {
            found.borrow_mut().push((name, addresses.map_err(drop)));
            if found.borrow().len() == 4 {
                drop(let_go);
                h.stop().unwrap();
            }
        });
    }
    drop(let_go);
    reactor.run().unwrap();
    let mut found = found.take();
    found.sort();
    let only = |ip: &str| Ok(vec![ip.parse().unwrap()]);
    assert_eq!(found[0], ("127.0.0.9", only("127.0.0.9")));
    assert_eq!(found[1], ("::1", only("::1")));
    let (name, here) = &found[2];
    let here = here.as_ref().unwrap();
    assert_eq!(*name, "localhost");
    assert!(here.iter().all(|ip| ip.is_loopback()) && !here.is_empty());
    assert_eq!(found[3], ("no such name", Err(())));
}

#[test]
fn unix_datagrams_go_to_paths_and_wait_for_room() {
    let folder = std::env::temp_dir().join(format!("datagrams-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let [at_a, at_b] = ["a", "b"].map(|name| Address::Unix(folder.join(name)));
    let mut os = Os::new().unwrap();
    let [a, b] = [&at_a, &at_b].map(|at| os.bind(at, false).unwrap());
    os.send(a, b"hello", Some(&at_b)).unwrap();
    told(&mut os, b, Readiness::READ);
    let mut buffer = [0; 99];
    assert_eq!(os.receive(b, &mut buffer).unwrap(), (5, at_a));
    // Without room the sender hears of it again, though the system tells only of one peer.
    let full = loop {
        if let Err(error) = os.send(a, &[0; 50], Some(&at_b)) {
            break error;
        }
    };
    assert_eq!(full.kind(), ErrorKind::WouldBlock);
    while os.receive(b, &mut buffer).is_ok() {}
    told(&mut os, a, Readiness::WRITE);
    os.send(a, b"again", Some(&at_b)).unwrap();
    os.close(b, false);
    let nobody = os.send(a, b"?", Some(&at_b)).unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::NotFound);
    drop(os);
    std::fs::remove_dir(&folder).unwrap();
}
