//! Checks `read_what_is_there` against a socket that follows a script.
use std::{
    collections::VecDeque,
    io::{self, ErrorKind, Read},
};

/// What the answer says, in a type that is equal to itself only.
#[derive(Debug, PartialEq)]
enum Progress {
    Waiting,
    Finished,
}

fn read_what_is_there(socket: &mut Scripted, poem: &mut Vec<u8>) -> io::Result<Progress> {
    drain::read_what_is_there(socket, poem).map(|progress| match progress {
        drain::Progress::Waiting => Progress::Waiting,
        drain::Progress::Finished => Progress::Finished,
    })
}

/// Answers with one entry after the other; a piece that is longer than the buffer is cut.
struct Scripted(VecDeque<Result<&'static [u8], ErrorKind>>);

fn socket<const N: usize>(answers: [Result<&'static [u8], ErrorKind>; N]) -> Scripted {
    Scripted(VecDeque::from(answers))
}

impl Read for Scripted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        assert!(
            !buffer.is_empty(),
            "a buffer without room: `read` can only say 0, and that is the end"
        );
        match self.0.pop_front() {
            Some(Ok(piece)) => {
                let n = piece.len().min(buffer.len());
                buffer[..n].copy_from_slice(&piece[..n]);
                if n < piece.len() {
                    self.0.push_front(Ok(&piece[n..]));
                }
                Ok(n)
            }
            Some(Err(kind)) => Err(kind.into()),
            None => panic!(
                "asked again after WouldBlock, the end or an error: nothing has said that more is there"
            ),
        }
    }
}

const PAUSE: Result<&[u8], ErrorKind> = Err(ErrorKind::WouldBlock);
const END: Result<&[u8], ErrorKind> = Ok(b"");

#[test]
fn a_pause_is_waiting() {
    let mut poem = Vec::new();
    let progress = read_what_is_there(&mut socket([Ok(b"O rose"), PAUSE]), &mut poem);
    let progress =
        progress.expect("WouldBlock is not a failure: it means that nothing is there now");
    assert_eq!(
        progress,
        Progress::Waiting,
        "a pause is not the end: more may come"
    );
    assert_eq!(poem, b"O rose", "what was read before the pause is kept");
}

#[test]
fn the_end_is_finished() {
    let mut poem = b"O rose".to_vec();
    let progress = read_what_is_there(&mut socket([Ok(b", thou art sick"), END]), &mut poem);
    assert_eq!(
        progress.expect("nothing failed"),
        Progress::Finished,
        "Ok(0) is the end"
    );
    assert_eq!(
        poem, b"O rose, thou art sick",
        "what was in `poem` before stays there"
    );
}

#[test]
fn all_that_is_there_is_read() {
    let long: &[u8] = b"The invisible worm, that flies in the night, in the howling storm";
    let mut script = socket([Ok(b"O rose, thou art sick. "), Ok(long), PAUSE]);
    let mut poem = Vec::new();
    let _ = read_what_is_there(&mut script, &mut poem);
    let left: usize = script.0.iter().flatten().map(|piece| piece.len()).sum();
    assert_eq!(
        left, 0,
        "{left} bytes are still in the socket, and you will not be told again"
    );
    assert_eq!(
        poem.len(),
        23 + long.len(),
        "(bytes) all that was read is appended, once"
    );
}

#[test]
fn interrupted_is_no_failure() {
    let mut poem = Vec::new();
    let answers = [
        Ok(&b"O "[..]),
        Err(ErrorKind::Interrupted),
        Ok(b"rose"),
        END,
    ];
    let progress = read_what_is_there(&mut socket(answers), &mut poem);
    assert_eq!(
        progress.expect("Interrupted is no failure: a signal came, ask again"),
        Progress::Finished,
        "after the interruption the rest came, and the end"
    );
    assert_eq!(
        poem, b"O rose",
        "what came before the interruption and what came after it"
    );
}

#[test]
fn a_real_failure_is_returned() {
    let mut poem = Vec::new();
    let answers = [Ok(&b"O rose"[..]), Err(ErrorKind::ConnectionReset)];
    let failure = read_what_is_there(&mut socket(answers), &mut poem);
    assert_eq!(
        failure.map_err(|e| e.kind()),
        Err(ErrorKind::ConnectionReset),
        "an error that is neither WouldBlock nor Interrupted is a failure"
    );
    assert_eq!(poem, b"O rose", "what came before the failure stays");
}
