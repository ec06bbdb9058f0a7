//! Posts letters in every order, and looks at who had to ring and what was read.
use one_bell::Mailbox;
use std::{
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

fn read_all(mailbox: &Mailbox<u32>) -> Vec<u32> {
    let mut letters = Vec::new();
    mailbox.empty(|letter| letters.push(letter));
    letters
}

#[test]
fn the_first_letter_rings() {
    let mailbox = Mailbox::new();
    assert!(
        mailbox.post(1),
        "the box was empty, so the reader sleeps: ring"
    );
    assert!(
        !mailbox.post(2),
        "a letter lay there already, and its sender has rung: one ring is enough"
    );
    assert!(
        !mailbox.post(3),
        "two letters lay there already: one ring is enough"
    );
}

#[test]
fn they_are_read_in_order() {
    let mailbox = Mailbox::new();
    for letter in 1..=3 {
        let _ = mailbox.post(letter);
    }
    assert_eq!(
        read_all(&mailbox),
        [1, 2, 3],
        "the oldest letter comes first"
    );
    assert_eq!(read_all(&mailbox), [], "the box was emptied just now");
}

#[test]
fn it_rings_again_when_it_was_emptied() {
    let mailbox = Mailbox::new();
    let _ = mailbox.post(1);
    let _ = read_all(&mailbox);
    assert!(
        mailbox.post(2),
        "the box has been emptied since the last ring, so the reader sleeps again: ring"
    );
}

/// The box, what was read, and whether the post of letter 3 asked for a ring.
type Answered = (Arc<Mailbox<u32>>, Vec<u32>, Option<bool>);

/// Empties a box in a thread of its own while its reader answers the first letter with one more.
/// Returns what the reader read, and whether its post asked for a ring; `None` when it never ends.
fn answers() -> Option<Answered> {
    let (done, ended) = mpsc::channel();
    let mailbox = Arc::new(Mailbox::new());
    let _ = (mailbox.post(1), mailbox.post(2));
    let reader = Arc::clone(&mailbox);
    thread::spawn(move || {
        let (mut read, mut rings) = (Vec::new(), None);
        reader.empty(|letter| {
            read.push(letter);
            if letter == 1 {
                rings = Some(reader.post(3));
            }
        });
        let _ = done.send((read, rings));
    });
    let (read, rings) = ended.recv_timeout(Duration::from_secs(8)).ok()?;
    Some((mailbox, read, rings))
}

#[test]
fn a_reader_may_post() {
    let (mailbox, read, rings) = answers()
        .expect("the reader posted a letter and stands still: the box is locked while it reads");
    assert_eq!(
        read,
        [1, 2],
        "letter 3 was posted while 1 was read: it stays for the next time"
    );
    assert_eq!(
        rings,
        Some(true),
        "letter 3 was posted when the box had been emptied: ring, or the reader does not come back for it"
    );
    assert_eq!(
        read_all(&mailbox),
        [3],
        "letter 3 was lost: it was posted while the others were read"
    );
}

#[test]
fn no_letter_is_lost_between_threads() {
    let mailbox = Arc::new(Mailbox::new());
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let mailbox = Arc::clone(&mailbox);
            thread::spawn(move || {
                for letter in 0..500 {
                    let _ = mailbox.post(sender * 1000 + letter);
                }
            })
        })
        .collect();
    let mut letters = Vec::new();
    while senders.iter().any(|sender| !sender.is_finished()) {
        letters.extend(read_all(&mailbox));
    }
    letters.extend(read_all(&mailbox));
    assert_eq!(letters.len(), 2000, "2,000 letters were posted");
    for sender in 0..4 {
        let from: Vec<_> = letters.iter().filter(|l| **l / 1000 == sender).collect();
        assert!(
            from.is_sorted(),
            "the letters of one sender come in the order in which it posted them"
        );
    }
}
