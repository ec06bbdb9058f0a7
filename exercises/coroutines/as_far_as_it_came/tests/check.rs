//! Feeds poems that are whole in time, too slow, silent and just on time, in virtual time.
use as_far_as_it_came::{Wire, as_far_as_it_came};
use std::time::Duration;
use untwisted::{
    coroutines::{Either, block_on, select, sleep, timeout},
    reactor::{Handle, Reactor, Sim},
};

const PIECES: [&str; 4] = ["Some say ", "the world ", "will end ", "in fire"];

fn tenths(n: u64) -> Duration {
    Duration::from_millis(100 * n)
}

/// Feeds the pieces, the first after 0.2 s and each of the others 0.2 s later. Closes the wire at the given tenth.
fn recite(handle: &Handle, wire: &Wire, close: Option<u64>) {
    for (n, piece) in (1..).zip(PIECES) {
        let wire = wire.clone();
        handle.call_later(tenths(2 * n), move |_| wire.feed(piece));
    }
    if let Some(close) = close {
        let wire = wire.clone();
        handle.call_later(tenths(close), move |_| wire.close());
    }
}

/// What the answer says, in a type that is equal to itself only.
#[derive(Debug, PartialEq)]
struct Part {
    so_far: String,
}

struct Stage {
    reactor: Reactor,
    handle: Handle,
    wire: Wire,
}

impl Stage {
    fn new() -> Stage {
        let reactor = Reactor::new(Sim::new(1));
        let handle = reactor.handle();
        Stage {
            reactor,
            handle,
            wire: Wire::default(),
        }
    }

    /// Asks for a poem with so much patience: what came, and at which tenth. An hour is the end of it.
    fn ask(&mut self, patience: u64) -> (Result<String, Part>, u128) {
        let (handle, wire) = (&self.handle, &self.wire);
        let result = block_on(&mut self.reactor, async {
            let poem = as_far_as_it_came(handle, tenths(patience), wire);
            let poem = timeout(handle, Duration::from_secs(3_600), poem).await;
            Ok((poem, u128::from(handle.now().as_millis() / 100)))
        });
        match result {
            Ok((Ok(poem), at)) => (
                poem.map_err(|part| Part {
                    so_far: part.so_far,
                }),
                at,
            ),
            _ => panic!(
                "an hour has passed in virtual time, and there is no answer; its time was {patience} tenths of a second"
            ),
        }
    }

    /// Lets time pass.
    fn pass(&mut self, time: u64) {
        let handle = self.handle.clone();
        block_on(&mut self.reactor, async move {
            sleep(&handle, tenths(time)).await;
            Ok(())
        })
        .expect("time passes");
    }

    /// What is on the wire and has not been read.
    fn left(&mut self) -> Vec<String> {
        let wire = self.wire.clone();
        block_on(&mut self.reactor, async move {
            wire.feed("end");
            let mut left = Vec::new();
            while let Some(piece) = wire.piece().await {
                if piece == "end" {
                    break;
                }
                left.push(piece);
            }
            Ok(left)
        })
        .expect("what is on the wire can be read; does another task read from it?")
    }

    fn no_timer_is_left(&mut self) {
        let turn = self.reactor.turn(Some(Duration::ZERO));
        turn.expect("a turn without a wait");
        assert_eq!(
            self.reactor.next_deadline(),
            None,
            "it has answered, and a timer is still set"
        );
    }
}

fn part(pieces: usize) -> Result<String, Part> {
    Err(Part {
        so_far: PIECES[..pieces].concat(),
    })
}

#[test]
fn in_time() {
    let mut stage = Stage::new();
    recite(&stage.handle, &stage.wire, Some(9));
    let (poem, at) = stage.ask(100);
    assert_eq!(
        poem,
        Ok(PIECES.concat()),
        "the wire was closed after 0.9 s, and there were 10 s"
    );
    assert_eq!(
        at, 9,
        "(tenths of a second) the wire was closed after 0.9 s: then the poem is whole"
    );
    stage.no_timer_is_left();
}

#[test]
fn too_slow() {
    let mut stage = Stage::new();
    recite(&stage.handle, &stage.wire, Some(9));
    let (poem, at) = stage.ask(5);
    assert_eq!(
        at, 5,
        "(tenths of a second) there were 0.5 s for the whole poem, not for each piece"
    );
    assert!(
        poem.is_err(),
        "after 0.5 s two of four pieces have come: half a poem must not pass for a whole one"
    );
    assert_eq!(
        poem,
        part(2),
        "after 0.5 s two pieces have come; was what has come in a local variable of the future that was late? It was dropped with the future"
    );
}

#[test]
fn silent() {
    let mut stage = Stage::new();
    let (poem, at) = stage.ask(7);
    assert!(
        poem.is_err(),
        "nothing has come in 0.7 s: half a poem must not pass for a whole one, and neither must none at all"
    );
    assert_eq!(
        (poem, at),
        (part(0), 7),
        "nothing has come in 0.7 s: (what you gave, tenths of a second)"
    );
    stage.no_timer_is_left();
}

#[test]
fn in_the_last_moment() {
    for (close, expected) in [(None, part(3)), (Some(6), Ok(PIECES[..3].concat()))] {
        let mut stage = Stage::new();
        recite(&stage.handle, &stage.wire, close);
        let (poem, _) = stage.ask(6);
        assert_eq!(
            poem,
            expected,
            "the third piece comes after 0.6 s, just as the time is over (closed then: {}): it has come, so it belongs to the part. If only this piece is missing, ask for a piece first and for the time then",
            close.is_some()
        );
    }
}

#[test]
fn what_comes_later() {
    let mut stage = Stage::new();
    recite(&stage.handle, &stage.wire, None);
    let (_, at) = stage.ask(3);
    assert_eq!(
        at, 3,
        "(tenths of a second) there were 0.3 s for the whole poem, not for each piece"
    );
    stage.pass(10);
    assert_eq!(
        stage.left(),
        &PIECES[1..],
        "(left on the wire) it has answered after 0.3 s, with one piece; three came later and must still be there: something still reads from the wire"
    );
}

#[test]
fn given_up() {
    let mut stage = Stage::new();
    recite(&stage.handle, &stage.wire, None);
    let (handle, wire) = (stage.handle.clone(), stage.wire.clone());
    let first = block_on(&mut stage.reactor, async {
        let poem = as_far_as_it_came(&handle, tenths(100), &wire);
        Ok(select(poem, sleep(&handle, tenths(3))).await)
    });
    assert!(
        matches!(first, Ok(Either::Right(()))),
        "it had 10 s, and 0.3 s have passed"
    );
    stage.pass(10);
    assert_eq!(
        stage.left(),
        &PIECES[1..],
        "(left on the wire) it was dropped after 0.3 s; three pieces came later and must still be there: something still reads from the wire"
    );
    stage.no_timer_is_left();
}
