//! What the operating system's world makes of its kinds: datagrams, descriptors, options, paths.
#![cfg(unix)]
use reactor::{
    Address, Datagrams, Descriptors, Id, Kind, Os, Readiness, Ready, SocketOption, World,
};
use std::{
    io::{self, ErrorKind, IoSlice, Write},
    os::fd::OwnedFd,
    time::Duration,
};

/// Waits until that socket was told all of `what`, for ten seconds of a loaded machine; what else it was told.
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
