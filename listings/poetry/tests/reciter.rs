//! The recital alone: every pace, every fault, whole and partial writes; no socket and no clock.
use poetry::{Fault, POEMS, Pace, Poem, Reciter, Step};
use std::time::Duration;

/// Drives a recital with a socket that takes at most `takes` bytes; returns the bytes, the pauses
/// and the end.
fn recite(poem: &Poem, pace: Pace, fault: Fault, takes: usize) -> (Vec<u8>, Vec<Duration>, Step) {
    let mut reciter = Reciter::new(poem, pace, fault);
    let (mut bytes, mut pauses) = (Vec::new(), Vec::new());
    for _ in 0..100_000 {
        match reciter.step() {
            Step::Send(piece) => {
                assert!(!piece.is_empty(), "nothing to send is not a step");
                let count = piece.len().min(takes);
                bytes.extend_from_slice(&piece[..count]);
                reciter.sent(count);
                assert_eq!(reciter.progress(), bytes.len());
            }
            Step::Pause(pause) => {
                assert_eq!(reciter.step(), Step::Pause(pause), "asking changes nothing");
                pauses.push(pause);
                reciter.paused();
            }
            end => return (bytes, pauses, end),
        }
    }
    panic!("the recital of {} does not end", poem.name);
}

const PAUSE: Duration = Duration::from_millis(70);

#[test]
fn a_poem_arrives_whole_at_any_pace_and_with_any_socket() {
    for poem in POEMS {
        for pace in [1, 2, 10, 4096, usize::MAX] {
            for takes in [1, 3, usize::MAX] {
                let (bytes, pauses, end) = recite(poem, Pace::new(pace, PAUSE), Fault::None, takes);
                assert_eq!(bytes, poem.text.as_bytes());
                assert_eq!(end, Step::Close);
                assert_eq!(
                    pauses.len(),
                    poem.text.len().div_ceil(pace) - 1,
                    "one between two pieces"
                );
            }
        }
    }
}

#[test]
fn a_pace_of_nothing_counts_as_one_byte() {
    let (bytes, pauses, _) = recite(&POEMS[0], Pace::new(0, PAUSE), Fault::None, 1);
    assert_eq!(bytes.len(), pauses.len() + 1);
}

#[test]
fn no_pause_is_no_step() {
    let (_, pauses, _) = recite(&POEMS[0], Pace::new(10, Duration::ZERO), Fault::None, 4);
    assert_eq!(pauses, []);
}

#[test]
fn a_late_start_is_one_pause_before_the_first_byte() {
    let late = Duration::from_secs(2);
    let pace = Pace {
        late,
        ..Pace::new(10, PAUSE)
    };
    assert_eq!(
        Reciter::new(&POEMS[0], pace, Fault::None).step(),
        Step::Pause(late)
    );
    let (bytes, pauses, _) = recite(&POEMS[0], pace, Fault::None, 10);
    assert_eq!(bytes, POEMS[0].text.as_bytes());
    assert_eq!(pauses.iter().filter(|pause| **pause == late).count(), 1);
}

#[test]
fn a_fault_comes_after_half_of_the_poem() {
    for (fault, last) in [
        (Fault::Truncate, Step::Close),
        (Fault::Stall, Step::Stall),
        (Fault::Reset, Step::Reset),
    ] {
        for pace in [1, 7, usize::MAX] {
            let (bytes, _, end) = recite(&POEMS[1], Pace::new(pace, PAUSE), fault, 5);
            assert_eq!(end, last);
            assert_eq!(bytes, &POEMS[1].text.as_bytes()[..POEMS[1].text.len() / 2]);
        }
    }
}

#[test]
fn what_is_reported_twice_is_not_sent_twice() {
    let mut reciter = Reciter::new(&POEMS[0], Pace::new(10, PAUSE), Fault::None);
    reciter.sent(usize::MAX);
    assert_eq!(reciter.progress(), 10, "more than a piece is a piece");
    let Step::Pause(_) = reciter.step() else {
        panic!()
    };
}
