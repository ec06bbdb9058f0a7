//! What a receiver hears, and when it hears no more; what a poem answers.
use deferreds::{Deferred, Failure};
use protocols::{
    CutOff, FrameError, Framing, Lines, Netstrings, Prefix, Prefixed, Receiver, Receiving, get_poem,
};
use reactor::{Address, Handle, Os, Reactor, Sim};
use recital::recite;
use std::{cell::RefCell, io, rc::Rc};
use transports::{Factory, Loss, Protocol, Transport, connect, listen};

type Log = Rc<RefCell<Vec<String>>>;

/// Writes down what it hears; closes at the line `quit`, fails at `fail`.
struct Writes(Log);

impl Receiver<Vec<u8>> for Writes {
    fn message_received(&mut self, transport: &Transport, line: Vec<u8>) -> Result<(), Failure> {
        let line = String::from_utf8_lossy(&line).into_owned();
        self.0.borrow_mut().push(line.clone());
        match line.as_str() {
            "quit" => transport.lose_connection(),
            "fail" => return Err(Failure::new(io::Error::other("as asked"))),
            _ => {}
        }
        Ok(())
    }

    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        let why = match &why {
            Loss::Failed(failure) if failure.check::<CutOff>().is_some() => "cut off".to_owned(),
            Loss::Failed(failure) => match failure.check::<FrameError>() {
                Some(error) => format!("frame: {error}"),
                None => format!("failed: {failure}"),
            },
            why => why.to_string(),
        };
        self.0.borrow_mut().push(why);
        let _ = transport.handle().stop();
    }
}

/// Sends bytes and closes.
struct Sends(&'static [u8]);

impl Protocol for Sends {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(self.0);
        transport.lose_connection();
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

/// What a receiver of lines of at most eight bytes hears of a stream.
fn heard(world: Sim, stream: &'static [u8]) -> Vec<String> {
    let mut reactor = Reactor::new(world);
    let handle = reactor.handle();
    let log = Log::default();
    let writes = Rc::clone(&log);
    let factory: Rc<dyn Factory> =
        Rc::new(move |_: &Address| Receiving::new(Lines::new(8), Writes(Rc::clone(&writes))));
    let port = listen(&handle, &Address::loopback(0), factory).unwrap();
    connect(
        &handle,
        port.address(),
        Rc::new(move |_: &Address| Sends(stream)),
    );
    reactor.run().unwrap();
    log.take()
}

/// The same in a quiet network and in one that carries one byte at a time.
fn heard_for_all_cuts(stream: &'static [u8]) -> Vec<String> {
    let whole = heard(Sim::new(1), stream);

    assert_eq!(heard(Sim::parse("1,chunk=1").unwrap(), stream), whole);
    whole
}

#[test]
fn lines_and_a_good_end() {
    assert_eq!(
        heard_for_all_cuts(b"one\r\ntwo\r\n"),
        ["one", "two", "closed in good order"]
    );
}

#[test]
fn no_line_after_lose_connection() {
    // twisted 1941: what has come already is not delivered.
    assert_eq!(
        heard_for_all_cuts(b"quit\r\nlate\r\nlater\r\n"),
        ["quit", "closed in good order"]
    );
}

#[test]
fn no_line_after_a_failure() {
    assert_eq!(
        heard_for_all_cuts(b"fail\r\nlate\r\n"),
        ["fail", "failed: as asked"]
    );
}

#[test]
fn the_reason_says_that_a_line_was_too_long() {
    // twisted 4880: not "cleanly".
    let frame = "frame: the peer's message is longer than 8 bytes";
    assert_eq!(
        heard_for_all_cuts(b"one\r\nmuch too long\r\ntwo\r\n"),
        ["one", frame]
    );
}

/// twisted 7500: a peer that never sends a delimiter cannot fill memory.
#[test]
fn no_delimiter_ever_comes() {
    const MUCH: usize = 4 << 20;
    static ENDLESS: [u8; MUCH] = [b'x'; MUCH];
    let frame = "frame: the peer's message is longer than 8 bytes";
    assert_eq!(heard(Sim::new(1), &ENDLESS), [frame]);
    let mut lines = Lines::new(8);
    let kept = |piece: &[u8]| {
        lines.feed(piece);
        let _ = lines.next_message();
        lines.left_over()
    };
    let kept = ENDLESS.chunks(3).map(kept).max();
    assert_eq!(kept, Some(6), "two pieces, and after the third nothing");
}

/// Twisted's `LineReceiver` keeps lines back while it is paused. Here a pause is the transport's:
/// no more is read, and the messages of the piece at hand still come.
#[test]
fn a_pause_stops_reading_and_not_what_has_come() {
    struct Pauses(Log);
    impl Receiver<Vec<u8>> for Pauses {
        fn message_received(
            &mut self,
            transport: &Transport,
            line: Vec<u8>,
        ) -> Result<(), Failure> {
            self.0
                .borrow_mut()
                .push(String::from_utf8_lossy(&line).into_owned());
            transport.pause_reading();
            Ok(())
        }
    }
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let log = Log::default();
    let writes = Rc::clone(&log);
    let factory: Rc<dyn Factory> =
        Rc::new(move |_: &Address| Receiving::new(Lines::new(8), Pauses(Rc::clone(&writes))));
    let port = listen(&handle, &Address::loopback(0), factory).unwrap();
    struct Twice;
    impl Protocol for Twice {
        fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
            transport.write("one\r\ntwo\r\nth");
            let later = transport.clone();
            let second = std::time::Duration::from_secs(1);
            transport
                .handle()
                .call_later(second, move |_| later.write("ree\r\n"));
            Ok(())
        }
        fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
            Ok(())
        }
    }
    connect(&handle, port.address(), Rc::new(|_: &Address| Twice));
    handle.call_later(std::time::Duration::from_secs(5), |h| h.stop().unwrap());
    reactor.run().unwrap();
    assert_eq!(log.take(), ["one", "two"]);
}

/// A header in lines, then so many raw bytes, then lines again, wherever the stream is cut.
#[test]
fn raw_bytes_among_lines_for_every_cut() {
    let stream = b"4\r\na\r\nb2\r\nxy0\r\n3\r\n\r\n\rdone\r\n";
    let read = |pieces: &[&[u8]]| {
        let (mut lines, mut raw, mut wanted) = (Lines::new(8), Vec::new(), None::<usize>);
        let mut got = Vec::new();
        for piece in pieces {
            lines.feed(piece);
            loop {
                if let Some(count) = wanted {
                    raw.extend(lines.take_raw(count - raw.len()));
                    if raw.len() < count {
                        break;
                    }
                    got.push(std::mem::take(&mut raw));
                    wanted = None;
                }
                match lines.next_message().unwrap() {
                    None => break,
                    Some(line) => match String::from_utf8_lossy(&line).parse() {
                        Ok(count) => wanted = Some(count),
                        Err(_) => got.push(line),
                    },
                }
            }
        }
        got
    };
    let whole = read(&[stream]);
    assert_eq!(whole, [&b"a\r\nb"[..], b"xy", b"", b"\r\n\r", b"done"]);
    for at in 0..=stream.len() {
        assert_eq!(read(&[&stream[..at], &stream[at..]]), whole, "cut at {at}");
    }
    assert_eq!(read(&stream.chunks(1).collect::<Vec<_>>()), whole);
}

#[test]
fn an_end_in_the_middle_of_a_line_is_no_good_end() {
    assert_eq!(heard_for_all_cuts(b"one\r\ntw"), ["one", "cut off"]);
    assert_eq!(
        heard_for_all_cuts(b"quit\r\ntw"),
        ["quit", "closed in good order"],
        "this side closed first"
    );
}

/// What a poem answers, in words.
fn answer(make: impl FnOnce(&Handle) -> Deferred<String>) -> String {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let said = Log::default();
    let says = Rc::clone(&said);
    let _shown = make(&handle).add_both(move |result| {
        says.borrow_mut().push(match result {
            Ok(poem) => format!("{} bytes", poem.len()),
            Err(failure) => failure.to_string(),
        });
        // In a turn: the answer may be there before the first.
        handle.call_soon(|h| h.stop().unwrap());
        Ok(())
    });
    reactor.run().unwrap();
    said.take().join(", ")
}

#[test]
fn a_poem_comes() {
    assert_eq!(
        answer(|h| get_poem(h, &recite(h, &["hope"]).unwrap()[0])),
        "353 bytes"
    );
}

#[test]
fn nobody_listens() {
    let said = answer(|h| get_poem(h, &Address::loopback(9)));
    assert!(said.contains("refused"), "{said}");
}

#[test]
fn cancelled_before_and_after_the_connection_is_made() {
    let said = answer(|h| {
        let poem = get_poem(h, &recite(h, &["hope"]).unwrap()[0]);
        poem.canceller().cancel();
        poem.canceller().cancel();
        poem
    });
    assert_eq!(said, "cancelled");
    let said = answer(|h| {
        let poem = get_poem(h, &recite(h, &["hope"]).unwrap()[0]);
        let canceller = poem.canceller();
        h.call_later(std::time::Duration::from_millis(150), move |_| {
            canceller.cancel()
        });
        poem
    });
    assert_eq!(said, "cancelled");
}

#[test]
fn what_is_no_text_and_what_is_too_long() {
    fn served(h: &Handle, bytes: &'static [u8]) -> Deferred<String> {
        let port = listen(
            h,
            &Address::loopback(0),
            Rc::new(move |_: &Address| Sends(bytes)),
        )
        .unwrap();
        get_poem(h, port.address())
    }
    let said = answer(|h| served(h, b"\xff\xfe"));
    assert!(said.contains("utf-8"), "{said}");
    static LONG: [u8; (1 << 20) + 1] = [b'x'; (1 << 20) + 1];
    assert_eq!(
        answer(|h| served(h, &LONG)),
        "the poem is longer than 1048576 bytes"
    );
    assert_eq!(
        answer(|h| served(h, &LONG[1..])),
        "1048576 bytes",
        "exactly the limit"
    );
}

/// Answers each message with itself, and writes down why the connection was lost.
struct Repeats(Log);

impl Receiver<Vec<u8>> for Repeats {
    fn message_received(&mut self, transport: &Transport, message: Vec<u8>) -> Result<(), Failure> {
        transport.write_sequence([&b"<"[..], &message, b">"]);
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        self.0.borrow_mut().push(why.to_string());
    }
}

/// Sends a stream and reads until it is lost.
struct Asks(&'static [u8], Log);

impl Protocol for Asks {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(self.0);
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        let text = String::from_utf8_lossy(data).into_owned();
        self.1.borrow_mut().push(text);
        Ok(())
    }

    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        let lost = matches!(why, Loss::Failed(_));
        self.1
            .borrow_mut()
            .push(if lost { "reset" } else { "in order" }.to_owned());
        let _ = transport.handle().stop();
    }
}

fn answered<F: Framing<Message = Vec<u8>> + 'static>(
    mut reactor: Reactor,
    framing: fn() -> F,
    stream: &'static [u8],
) -> (Vec<String>, Vec<String>) {
    let handle = reactor.handle();
    let (served, asked) = (Log::default(), Log::default());
    let (writes, reads) = (Rc::clone(&served), Rc::clone(&asked));
    let factory: Rc<dyn Factory> =
        Rc::new(move |_: &Address| Receiving::new(framing(), Repeats(Rc::clone(&writes))));
    let port = listen(&handle, &Address::loopback(0), factory).unwrap();
    let asks = Rc::new(move |_: &Address| Asks(stream, Rc::clone(&reads)));
    connect(&handle, port.address(), asks);
    reactor.run().unwrap();
    drop(reactor); // those that do not know of their end yet are told now
    (served.take(), asked.take())
}

/// Good messages and a bad one in one piece: the good ones are answered, then comes a reset, and
/// the reason is the bad one.
#[test]
fn answers_before_a_bad_message_arrive() {
    let worlds = || {
        let os = Reactor::new(Os::new().expect("a poll"));
        [Reactor::new(Sim::new(1)), os]
    };
    for reactor in worlds() {
        let (served, asked) =
            answered(reactor, || Lines::new(8), b"one\r\ntwo\r\nfar too long\r\n");
        assert_eq!(asked, ["<one><two>", "reset"]);
        assert_eq!(served, [FrameError::TooLong(8).to_string()]);
    }
    for reactor in worlds() {
        let (served, asked) = answered(reactor, || Netstrings::new(8), b"3:one,3:two,03:bad,");
        assert_eq!(asked, ["<one><two>", "reset"]);
        assert_eq!(served.len(), 1);
    }
    for reactor in worlds() {
        let (served, asked) = answered(
            reactor,
            || Prefixed::new(Prefix::Two, 8),
            b"\0\x03one\0\x03two\0\x09too-long!",
        );
        assert_eq!(asked, ["<one><two>", "reset"]);
        assert_eq!(served, [FrameError::TooLong(8).to_string()]);
    }
}

/// Answers each line after a second, and closes then; it stays although its peer has ended, if
/// `waits`.
struct Late {
    waits: bool,
}

impl Receiver<Vec<u8>> for Late {
    fn message_received(&mut self, transport: &Transport, line: Vec<u8>) -> Result<(), Failure> {
        let answers = transport.clone();
        let second = std::time::Duration::from_secs(1);
        transport.handle().call_later(second, move |_| {
            answers.write(line);
            answers.lose_connection();
        });
        Ok(())
    }

    fn peer_closed(&mut self, transport: &Transport) {
        if !self.waits {
            transport.lose_connection();
        }
    }
}

/// Asks, ends its direction at once (as `nc -N` does), and keeps what it hears.
struct AsksAndEnds(Log);

impl Protocol for AsksAndEnds {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write("hope\r\n");
        transport.lose_write_connection();
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        let text = String::from_utf8_lossy(data).into_owned();
        self.0.borrow_mut().push(text);
        Ok(())
    }
    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        self.0.borrow_mut().push(why.to_string());
    }
}

#[test]
fn an_answer_that_comes_after_the_peers_end_arrives_if_the_receiver_waits() {
    for (waits, expected) in [
        (true, vec!["hope", "closed in good order"]),
        (false, vec!["closed in good order"]),
    ] {
        let mut reactor = Reactor::new(Sim::new(1));
        let handle = reactor.handle();
        let factory = move |_: &Address| Receiving::new(Lines::new(8), Late { waits });
        let port = listen(&handle, &Address::loopback(0), Rc::new(factory)).unwrap();
        let log = Log::default();
        let keeps = Rc::clone(&log);
        let asks = move |_: &Address| AsksAndEnds(Rc::clone(&keeps));
        connect(&handle, port.address(), Rc::new(asks));
        handle.call_later(std::time::Duration::from_secs(9), |h| h.stop().unwrap());
        reactor.run().unwrap();
        assert_eq!(log.take(), expected, "waits: {waits}");
    }
}
