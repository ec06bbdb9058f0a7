//! Sends lines in every cut, from one client and from two.
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use tally::tallies;
use untwisted::{
    deferreds::Failure,
    reactor::{Reactor, Sim},
    transports::{Address, Loss, Protocol, Transport, connect, listen},
};

/// What a client has heard.
#[derive(Default)]
struct Heard {
    text: String,
    lost: Option<String>,
}

/// Sends a piece every second; a second after the last one it ends its direction.
struct Client {
    sends: Vec<Vec<u8>>,
    heard: Rc<RefCell<Heard>>,
}

impl Protocol for Client {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let mut after = Duration::from_secs(1);
        for piece in self.sends.drain(..) {
            let client = transport.clone();
            let handle = transport.handle();
            handle.call_later(after, move |_| client.write(&piece));
            after += Duration::from_secs(1);
        }
        let client = transport.clone();
        let handle = transport.handle();
        handle.call_later(after, move |_| client.lose_write_connection());
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.heard.borrow_mut().text += &String::from_utf8_lossy(data);
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        self.heard.borrow_mut().lost = Some(match why {
            Loss::Done => "in good order".to_owned(),
            other => format!("broken: {other}"),
        });
    }
}

/// What each client heard, how its connection ended, and the total. Each client sends its pieces, one a second.
fn talk(world: &str, clients: &[&[&[u8]]]) -> (Vec<(String, String)>, u64) {
    let mut reactor = Reactor::new(Sim::parse(world).expect("a world"));
    let handle = reactor.handle();
    let total: Rc<Cell<u64>> = Rc::default();
    let port = listen(&handle, &Address::loopback(0), tallies(&total)).expect("a server");
    let mut all: Vec<Rc<RefCell<Heard>>> = Vec::new();
    for pieces in clients {
        let heard: Rc<RefCell<Heard>> = Rc::default();
        all.push(Rc::clone(&heard));
        let sends: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
        let factory = Rc::new(move |_: &Address| Client {
            sends: sends.clone(),
            heard: Rc::clone(&heard),
        });
        connect(&handle, port.address(), factory);
    }
    handle.call_later(Duration::from_secs(100), |h| h.stop().expect("it runs"));
    reactor.run().expect("it runs until it is told to stop");
    let heard = all.iter().map(|heard| {
        let heard = heard.take();
        (heard.text, heard.lost.unwrap_or("still there".to_owned()))
    });
    (heard.collect(), total.get())
}

#[test]
fn a_line_at_a_time() {
    let (heard, total) = talk("1", &[&[b"20\n", b"four\n", b"22\n"]]);
    assert_eq!(
        (heard[0].0.as_str(), total),
        ("total 20\nwhat?\ntotal 42\n", 42),
        "(answers, total) a line at a time, as it was tried by hand"
    );
    assert_eq!(
        heard[0].1, "in good order",
        "the client ended its direction, so the connection closes in good order"
    );
}

#[test]
fn lines_in_pieces() {
    let (heard, total) = talk("1", &[&[b"2", b"0\n2", b"2\n"]]);
    assert_eq!(
        (heard[0].0.as_str(), total),
        ("total 20\ntotal 42\n", 42),
        "(answers, total) a line may come in any number of pieces: `20` and `22`, each cut in the middle"
    );
    let (heard, total) = talk("1,chunk=1", &[&[b"20\n\n22\nbye\n"]]);
    assert_eq!(
        (heard[0].0.as_str(), total),
        ("total 20\nwhat?\ntotal 42\nbye\n", 42),
        "(answers, total) a line may come in any number of pieces: here each byte comes alone"
    );
}

#[test]
fn lines_in_one_piece() {
    let (heard, total) = talk("1", &[&[b"20\n\n22\n"]]);
    assert_eq!(
        (heard[0].0.as_str(), total),
        ("total 20\nwhat?\ntotal 42\n", 42),
        "(answers, total) one piece may hold any number of lines: here three, the second one empty"
    );
}

#[test]
fn every_cut() {
    let stream: &[u8] = b"7\nx\n\n30\nbye\n";
    for cut in 1..stream.len() {
        let (heard, total) = talk("1", &[&[&stream[..cut], &stream[cut..]]]);
        let (text, lost) = &heard[0];
        assert_eq!(
            (text.as_str(), lost.as_str(), total),
            (
                "total 7\nwhat?\nwhat?\ntotal 37\nbye\n",
                "in good order",
                37
            ),
            "(answers, end, total) the answers are the same for every cut; this one is after {cut} bytes"
        );
    }
}

#[test]
fn after_bye() {
    let (heard, total) = talk("1", &[&[b"1\nbye\n2\n", b"3\n"]]);
    assert_eq!(
        (heard[0].0.as_str(), total),
        ("total 1\nbye\n", 1),
        "(answers, total) a line that comes after `bye` is not added, although it came in the same piece"
    );
    assert_eq!(
        heard[0].1, "in good order",
        "after `bye` the connection closes in good order"
    );
}

#[test]
fn the_limit() {
    let zeros = |count: usize| vec![b'0'; count];
    let eighty = [zeros(78), b"42\n".to_vec()].concat();
    let (heard, total) = talk("1", &[&[&eighty, &eighty]]);
    assert_eq!(
        (heard[0].0.as_str(), total),
        ("total 42\ntotal 84\n", 84),
        "(answers, total) a line of exactly 80 bytes passes"
    );
    let ended = [b"5\n".to_vec(), zeros(79), b"42\n".to_vec()].concat();
    let open = [b"5\n".to_vec(), zeros(81)].concat();
    for long in [ended, open] {
        let (heard, total) = talk("1", &[&[&long, b"7\n"]]);
        assert!(
            heard[0].1.starts_with("broken"),
            "81 bytes of one line have come, so the connection is given up at once; it ended {}",
            heard[0].1
        );
        assert_eq!(
            total, 5,
            "the line before the long one was added, and nothing after it: 81 bytes are too many"
        );
    }
}

#[test]
fn many_short_lines() {
    let many = b"1\n".repeat(100);
    let (heard, total) = talk("1", &[&[&many]]);
    assert_eq!(
        (total, heard[0].1.as_str()),
        (100, "in good order"),
        "(total, end) a hundred short lines in one piece are no offence: one piece may hold any number of lines"
    );
}

#[test]
fn a_last_line_without_an_end() {
    let (heard, total) = talk("1", &[&[b"1\n2"]]);
    assert_eq!(
        (heard[0].0.as_str(), total),
        ("total 1\n", 1),
        "(answers, total) a last line without a line feed is not added"
    );
}

#[test]
fn two_clients() {
    let (heard, total) = talk("1", &[&[b"10", b"0\n"], &[b"20", b"0\n"]]);
    let mut answers: Vec<&str> = heard.iter().map(|(text, _)| text.as_str()).collect();
    answers.sort_unstable();
    assert!(
        total == 300
            && matches!(
                answers[..],
                ["total 100\n", "total 300\n"] | ["total 200\n", "total 300\n"]
            ),
        "two clients send half a line each, and then the rest; what one has sent never mixes with what another one sends: {heard:?}, total {total}"
    );
}
