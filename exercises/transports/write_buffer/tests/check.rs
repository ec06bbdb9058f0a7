//! Says in words what is missing.
use std::{
    collections::VecDeque,
    io::{self, ErrorKind, Write},
};
use write_buffer::WriteBuffer;

/// A socket that answers as it was told to, and keeps what it takes.
#[derive(Default)]
struct Socket {
    answers: VecDeque<Result<usize, ErrorKind>>,
    taken: Vec<u8>,
    offers: Vec<usize>,
}

impl Socket {
    fn new(answers: impl IntoIterator<Item = Result<usize, ErrorKind>>) -> Socket {
        Socket {
            answers: answers.into_iter().collect(),
            ..Socket::default()
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.offers.push(bytes.len());
        assert!(
            self.offers.len() < 100,
            "flush asks the socket again and again; when it takes 0 bytes, return WriteZero"
        );
        let count = self.answers.pop_front().unwrap_or(Ok(usize::MAX))?;
        let count = count.min(bytes.len());
        self.taken.extend_from_slice(&bytes[..count]);
        Ok(count)
    }
    fn flush(&mut self) -> io::Result<()> {
        panic!("flush of a socket does nothing; only `write` is needed");
    }
}

const LINE: &[u8] = b"Gather ye rosebuds while ye may";

fn filled() -> WriteBuffer {
    let mut buffer = WriteBuffer::default();
    buffer.write(LINE);
    buffer
}

/// One flush that must not fail.
fn flush(buffer: &mut WriteBuffer, socket: &mut Socket) -> bool {
    buffer
        .flush(socket)
        .expect("flush returned an error, and nothing was wrong with the socket")
}

fn arrived(socket: &Socket, expected: &[u8]) {
    assert_eq!(
        String::from_utf8_lossy(&socket.taken),
        String::from_utf8_lossy(expected),
        "the bytes arrive in order, each once: look for what never arrived, or was sent twice"
    );
}

fn keeps(buffer: &WriteBuffer, expected: usize) {
    assert_eq!(
        buffer.waiting(),
        expected,
        "what the socket took must go, or it is sent twice; the rest must stay, or it never arrived"
    );
}

#[test]
fn a_socket_with_room_takes_everything() {
    let (mut buffer, mut socket) = (filled(), Socket::default());
    keeps(&buffer, LINE.len());
    assert!(
        flush(&mut buffer, &mut socket),
        "everything was sent: Ok(true)"
    );
    arrived(&socket, LINE);
    keeps(&buffer, 0);
    assert!(flush(&mut buffer, &mut socket), "nothing is kept: Ok(true)");
    assert_eq!(
        socket.offers.len(),
        1,
        "nothing is kept, so there is nothing to call for"
    );
}

#[test]
fn a_short_write_keeps_the_rest_and_asks_no_second_time() {
    let (mut buffer, mut socket) = (filled(), Socket::new([Ok(10)]));
    let all = flush(&mut buffer, &mut socket);
    assert_eq!(
        socket.offers.len(),
        1,
        "a short write means that the socket is full: do not ask it again in this flush"
    );
    assert!(
        !all,
        "only 10 bytes were sent, so some never arrived: that is Ok(false)"
    );
    arrived(&socket, &LINE[..10]);
    keeps(&buffer, LINE.len() - 10);
    buffer.write(b", Old Time");
    assert!(
        flush(&mut buffer, &mut socket),
        "now the socket has taken everything: Ok(true)"
    );
    arrived(&socket, b"Gather ye rosebuds while ye may, Old Time");
}

#[test]
fn would_block_is_a_full_socket() {
    let (mut buffer, mut socket) = (filled(), Socket::new([Err(ErrorKind::WouldBlock)]));
    match buffer.flush(&mut socket) {
        Ok(all) => assert!(!all, "the socket took nothing: Ok(false)"),
        Err(_) => panic!("WouldBlock is no error: the socket is full, return Ok(false)"),
    }
    assert_eq!(socket.offers.len(), 1, "a full socket is not asked again");
    assert!(
        flush(&mut buffer, &mut socket),
        "now the socket has taken everything: Ok(true)"
    );
    arrived(&socket, LINE);
}

#[test]
fn interrupted_is_asked_again() {
    let answers = [Err(ErrorKind::Interrupted), Err(ErrorKind::Interrupted)];
    let (mut buffer, mut socket) = (filled(), Socket::new(answers));
    let all = buffer.flush(&mut socket).expect("Interrupted is no error");
    assert!(all, "after Interrupted, ask again at once: nothing is full");
    assert_eq!(
        socket.offers.len(),
        3,
        "two were interrupted, and the third was taken"
    );
    arrived(&socket, LINE);
}

#[test]
fn other_errors_are_returned_and_nothing_is_sent_twice() {
    let (mut buffer, mut socket) = (filled(), Socket::new([Ok(6), Err(ErrorKind::BrokenPipe)]));
    assert!(
        !flush(&mut buffer, &mut socket),
        "6 bytes were sent, not all: Ok(false)"
    );
    let error = buffer
        .flush(&mut socket)
        .expect_err("BrokenPipe is an error: return it");
    assert_eq!(
        error.kind(),
        ErrorKind::BrokenPipe,
        "return the socket's own error"
    );
    keeps(&buffer, LINE.len() - 6);
}

#[test]
fn a_socket_that_takes_nothing_is_an_error() {
    let (mut buffer, mut socket) = (filled(), Socket::new(vec![Ok(0); 1_000]));
    match buffer.flush(&mut socket) {
        Err(error) => assert_eq!(
            error.kind(),
            ErrorKind::WriteZero,
            "the socket takes 0 bytes, and always will: the kind is WriteZero"
        ),
        Ok(_) => panic!("the socket takes 0 bytes, and always will: return WriteZero"),
    }
}
