//! A peer may attach descriptors to what it writes to a Unix socket, and a read stops there: that
//! is no drained socket.
#![cfg(target_os = "linux")]
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use reactor::{Descriptors, Kind, Os, World};
use std::{
    io::{ErrorKind, IoSlice, Write},
    net::Shutdown,
    os::{fd::AsRawFd, unix::net::UnixStream},
};

#[test]
fn a_short_read_means_drained_where_a_descriptor_was_attached() {
    let mut os = Os::new().unwrap();
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let id = os.adopt(ours.into(), Kind::UnixStream).unwrap();
    let attached = [std::io::stdin().as_raw_fd()];
    theirs.write_all(b"before ").unwrap();
    sendmsg::<()>(
        theirs.as_raw_fd(),
        &[IoSlice::new(b"with ")],
        &[ControlMessage::ScmRights(&attached)],
        MsgFlags::empty(),
        None,
    )
    .unwrap();
    theirs.write_all(b"after").unwrap();
    let mut buffer = [0; 100];
    let count = os.read(id, &mut buffer).unwrap();
    assert_eq!(&buffer[..count], b"before with after");
    let nothing = os.read(id, &mut buffer).unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::WouldBlock);

    // An end behind it is told, and so is an error, each with the next call.
    theirs.write_all(b"last").unwrap();
    theirs.shutdown(Shutdown::Both).unwrap();
    assert_eq!(os.read(id, &mut buffer).unwrap(), 4);
    assert_eq!(os.read(id, &mut buffer).unwrap(), 0);
}
