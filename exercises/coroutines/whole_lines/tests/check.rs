//! Reads a text in pieces of every size, and drops `next_line` wherever it waits.
use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use untwisted::{
    coroutines::{Either, block_on, select, sleep},
    reactor::{Reactor, Sim},
};
use whole_lines::{Lines, Wire};

const TEXT: &[u8] =
    b"Some say the world will end in fire,\nSome say in ice.\n\nFrom what I've tasted\n";
const LINES: [&str; 4] = [
    "Some say the world will end in fire,",
    "Some say in ice.",
    "",
    "From what I've tasted",
];

/// One call of `next_line`, polled so many times at most. Pending, it is dropped.
fn call(lines: &mut Lines, polls: usize) -> Poll<Option<String>> {
    let mut future = pin!(lines.next_line());
    for _ in 0..polls {
        let said = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        if said.is_ready() {
            return said;
        }
    }
    Poll::Pending
}

/// Calls it until it has nothing to say.
fn all_there_are(lines: &mut Lines) -> Vec<String> {
    let mut seen = Vec::new();
    while let Poll::Ready(Some(line)) = call(lines, 1) {
        seen.push(line);
        assert!(
            seen.len() < 100,
            "there are four lines, and it never stops giving some: {:?}",
            &seen[..6]
        );
    }
    seen
}

/// The same without any drop: all pieces are there, and each call is polled until it has an answer.
fn undisturbed<'a>(pieces: impl Iterator<Item = &'a [u8]>, which: &str) {
    let wire = Wire::default();
    pieces.for_each(|piece| wire.feed(piece));
    wire.close();
    let mut lines = Lines::new(wire);
    let mut seen = Vec::new();
    while let Poll::Ready(Some(line)) = call(&mut lines, 1_000) {
        seen.push(line);
        assert!(
            seen.len() < 100,
            "it never stops giving lines: {:?}",
            &seen[..6]
        );
    }
    assert_eq!(
        seen, LINES,
        "{which}, and nothing was dropped: where a piece ends must make no difference; what follows a line in the same piece must be kept"
    );
}

#[test]
fn several_lines_in_one_piece() {
    let wire = Wire::default();
    let mut lines = Lines::new(wire.clone());
    wire.feed(b"fire\nice\nha");
    assert_eq!(
        call(&mut lines, 1),
        Poll::Ready(Some("fire".to_owned())),
        "the piece was \"fire\\nice\\nha\": a whole line has arrived, so the first poll must give it"
    );
    let second = call(&mut lines, 1);
    assert!(
        second.is_ready(),
        "the piece was \"fire\\nice\\nha\", and \"fire\" was given: a whole line has arrived, so the first poll must give it and wait for nothing; what follows a line in the same piece must be kept"
    );
    assert_eq!(
        second,
        Poll::Ready(Some("ice".to_owned())),
        "what follows a line in the same piece must be kept"
    );
    assert_eq!(
        call(&mut lines, 1),
        Poll::Pending,
        "\"ha\" is no whole line yet"
    );
    wire.feed(b"te\n");
    assert_eq!(
        call(&mut lines, 1),
        Poll::Ready(Some("hate".to_owned())),
        "\"ha\" came in one piece and \"te\\n\" in another; between them a call of `next_line` was dropped, and what was in its local variables went with it"
    );
}

#[test]
fn a_last_line_without_an_end() {
    let wire = Wire::default();
    let mut lines = Lines::new(wire.clone());
    wire.feed(b"one\ntwo");
    wire.close();
    assert_eq!(
        call(&mut lines, 1),
        Poll::Ready(Some("one".to_owned())),
        "the text was \"one\\ntwo\""
    );
    assert_eq!(
        call(&mut lines, 1),
        Poll::Ready(Some("two".to_owned())),
        "the text was \"one\\ntwo\", and the wire is closed: the last line has no \\n, and is a line all the same"
    );
    for _ in 0..2 {
        assert_eq!(
            call(&mut lines, 1),
            Poll::Ready(None),
            "after the last line there is nothing"
        );
    }
    let wire = Wire::default();
    wire.feed(b"one\n");
    wire.close();
    let mut lines = Lines::new(wire);
    assert_eq!(
        call(&mut lines, 1),
        Poll::Ready(Some("one".to_owned())),
        "the text was \"one\\n\", and a whole line has arrived"
    );
    assert_eq!(
        call(&mut lines, 1),
        Poll::Ready(None),
        "the text was \"one\\n\": its last line has an end, and no further one follows"
    );
}

#[test]
fn dropped_wherever_it_waits() {
    for size in 1..=TEXT.len() {
        undisturbed(TEXT.chunks(size), &format!("pieces of {size} bytes"));
        let wire = Wire::default();
        let mut lines = Lines::new(wire.clone());
        let mut seen = Vec::new();
        for piece in TEXT.chunks(size) {
            wire.feed(piece);
            drop(lines.next_line()); // before its first poll
            seen.extend(all_there_are(&mut lines));
        }
        wire.close();
        seen.extend(all_there_are(&mut lines));
        assert_eq!(
            seen, LINES,
            "pieces of {size} bytes, and `next_line` was dropped each time it was pending: no line may be carried over an await, and no part of one; a line that has arrived must come in the first poll of a call"
        );
    }
}

#[test]
fn dropped_in_the_middle_of_a_call() {
    // The cut falls after each byte; the call that is dropped has seen the first part and waits for the second.
    for cut in 0..=TEXT.len() {
        undisturbed(
            [&TEXT[..cut], &TEXT[cut..]].into_iter(),
            &format!("cut after {cut} bytes"),
        );
        let wire = Wire::default();
        let mut lines = Lines::new(wire.clone());
        let mut seen = Vec::new();
        let (first, second) = TEXT.split_at(cut);
        {
            let mut waiting = pin!(lines.next_line());
            let mut context = Context::from_waker(Waker::noop());
            assert!(
                waiting.as_mut().poll(&mut context).is_pending(),
                "nothing has arrived"
            );
            wire.feed(first);
            if let Poll::Ready(line) = waiting.as_mut().poll(&mut context) {
                seen.extend(line);
            }
        }
        seen.extend(all_there_are(&mut lines));
        wire.feed(second);
        seen.extend(all_there_are(&mut lines));
        assert_eq!(
            seen, LINES,
            "cut after {cut} bytes, and the call that had read the first part was dropped: what was in its local variables went with it, or a whole line was there and a first poll did not give it"
        );
    }
}

#[test]
fn beside_a_timer() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let wire = Wire::default();
    for (n, &byte) in TEXT.iter().enumerate() {
        let wire = wire.clone();
        handle.call_later(Duration::from_millis(100 * (n as u64 + 1)), move |_| {
            wire.feed(&[byte])
        });
    }
    let result = block_on(&mut reactor, async {
        let mut lines = Lines::new(wire);
        let (mut seen, mut ticks) = (Vec::new(), 0);
        while seen.len() < LINES.len() && ticks < 1_000 {
            match select(lines.next_line(), sleep(&handle, Duration::from_millis(70))).await {
                Either::Left(line) => seen.extend(line),
                Either::Right(()) => ticks += 1,
            }
        }
        Ok((seen, ticks))
    });
    let (seen, ticks) = result.expect("the loop ends");
    assert_eq!(
        seen, LINES,
        "one byte every 0.1 s, beside a timer of 0.07 s that was first {ticks} times: each time `next_line` was dropped, and what was in its local variables went with it"
    );
}
