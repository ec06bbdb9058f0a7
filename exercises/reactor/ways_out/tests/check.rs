//! Plays a socket that has bytes, errors and an end.
use std::{
    collections::VecDeque,
    io::{self, ErrorKind, Read},
};
use ways_out::{After, read_all};

/// What the next call of `read` returns.
enum Next {
    Bytes(Vec<u8>),
    Fails(ErrorKind),
    End,
}
use Next::{Bytes, End, Fails};

struct Socket(VecDeque<Next>);

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let next = self
            .0
            .pop_front()
            .expect("it was over, and you have read once more");
        match next {
            Bytes(mut bytes) => {
                let n = bytes.len().min(buffer.len());
                let rest = bytes.split_off(n);
                buffer[..n].copy_from_slice(&bytes);
                if !rest.is_empty() {
                    self.0.push_front(Bytes(rest));
                }
                Ok(n)
            }
            Fails(kind) => Err(kind.into()),
            End => Ok(0),
        }
    }
}

fn bytes(text: &str) -> Next {
    Bytes(text.as_bytes().to_vec())
}

/// What is kept, the end in words, and how many reads are left in the script.
fn run<const N: usize>(script: [Next; N]) -> (String, String, usize) {
    let mut socket = Socket(VecDeque::from(script));
    let mut kept = Vec::new();
    let after = match read_all(&mut socket, &mut kept) {
        After::Later => "later".to_owned(),
        After::Closed => "closed".to_owned(),
        After::Broken(error) => format!("broken: {:?}", error.kind()),
    };
    let kept = String::from_utf8_lossy(&kept).into_owned();
    (kept, after, socket.0.len())
}

#[test]
fn nothing_more_for_now() {
    let (kept, after, left) = run([bytes("Hope is"), Fails(ErrorKind::WouldBlock)]);
    assert_eq!(
        kept, "Hope is",
        "a read of 7 bytes: only the first n bytes of the buffer are new"
    );
    assert_eq!(after, "later", "a read that would block says: later");
    assert_eq!(
        left, 0,
        "read until a read would block, or you are not called again"
    );
}

#[test]
fn more_than_one_read() {
    let (kept, _, _) = run([
        bytes("Hope is "),
        bytes("the thin"),
        Fails(ErrorKind::WouldBlock),
    ]);
    assert_eq!(
        kept, "Hope is the thin",
        "8 more bytes lie there after the first read: go on until a read would block"
    );
}

#[test]
fn the_end() {
    let (kept, after, _) = run([bytes("the end"), End]);
    assert_eq!(kept, "the end", "what came before the end is kept");
    assert_eq!(
        after, "closed",
        "0 bytes are the end of the stream: nothing more will come"
    );
}

#[test]
fn a_broken_connection() {
    let (kept, after, _) = run([bytes("half a po"), Fails(ErrorKind::ConnectionReset)]);
    assert_eq!(kept, "half a po", "what came before the reset is kept");
    assert_eq!(
        after, "broken: ConnectionReset",
        "the peer has reset the connection: a program that takes that for \"later\" waits for ever for a connection that is gone"
    );
}

#[test]
fn a_signal() {
    let (kept, after, _) = run([
        bytes("one, "),
        Fails(ErrorKind::Interrupted),
        bytes("two"),
        Fails(ErrorKind::WouldBlock),
    ]);
    assert_eq!(
        (kept.as_str(), after.as_str()),
        ("one, two", "later"),
        "a read was interrupted, and a signal is no reason to stop: read again"
    );
}
