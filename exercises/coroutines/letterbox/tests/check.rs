//! Sends, drops and polls in every order, by hand, and once across threads.
use letterbox::{Receiver, letterbox};
use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread,
};
use untwisted::{
    coroutines::block_on,
    reactor::{Os, Reactor},
};

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Count {
    fn calls(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Polls once, with a waker that counts.
fn poll<T>(receiver: Pin<&mut Receiver<T>>, count: &Arc<Count>) -> Poll<Option<T>> {
    let waker = Waker::from(Arc::clone(count));
    receiver.poll(&mut Context::from_waker(&waker))
}

#[test]
fn a_letter_that_waits() {
    let (sender, receiver) = letterbox();
    assert_eq!(sender.send("Dear Ada"), Ok(()), "the receiver is there");
    let mut receiver = pin!(receiver);
    assert_eq!(
        poll(receiver.as_mut(), &Arc::default()),
        Poll::Ready(Some("Dear Ada")),
        "a letter that was sent must arrive, although the sender is gone by now"
    );
}

#[test]
fn a_letter_that_is_waited_for() {
    let (sender, receiver) = letterbox();
    let mut receiver = pin!(receiver);
    let count = Arc::default();
    assert!(
        poll(receiver.as_mut(), &count).is_pending(),
        "nothing was sent yet"
    );
    assert_eq!(sender.send("Dear Ada"), Ok(()), "the receiver is there");
    assert_eq!(
        count.calls(),
        1,
        "a receiver waits and a letter was sent, but the waker was never called, or more than once"
    );
    assert_eq!(
        poll(receiver.as_mut(), &count),
        Poll::Ready(Some("Dear Ada")),
        "a letter that was sent must arrive"
    );
}

#[test]
fn a_sender_that_goes_away() {
    let (sender, receiver) = letterbox::<&str>();
    let mut receiver = pin!(receiver);
    let count = Arc::default();
    assert!(
        poll(receiver.as_mut(), &count).is_pending(),
        "nothing was sent yet"
    );
    drop(sender);
    assert_eq!(
        count.calls(),
        1,
        "the sender went away without sending, and did not wake the receiver: it would wait for ever"
    );
    assert_eq!(
        poll(receiver.as_mut(), &count),
        Poll::Ready(None),
        "no letter can come any more"
    );
}

#[test]
fn a_receiver_that_goes_away() {
    let (sender, receiver) = letterbox();
    drop(receiver);
    assert_eq!(
        sender.send("Dear Ada"),
        Err("Dear Ada"),
        "the receiver is gone: the letter must come back"
    );
}

#[test]
fn the_last_one_is_called() {
    let (sender, receiver) = letterbox();
    let mut receiver = pin!(receiver);
    let [first, last] = [(); 2].map(|()| Arc::<Count>::default());
    for count in [&first, &last] {
        assert!(
            poll(receiver.as_mut(), count).is_pending(),
            "nothing was sent yet"
        );
    }
    assert_eq!(sender.send("Dear Ada"), Ok(()), "the receiver is there");
    assert_eq!(
        (first.calls(), last.calls()),
        (0, 1),
        "polled by a first waker and then by another: (calls of the first, calls of the last) is wrong, only the last one waits"
    );
}

#[test]
fn across_threads() {
    let (sender, receiver) = letterbox();
    let mut reactor = Reactor::new(Os::new().expect("a reactor"));
    let writer = thread::spawn(move || {
        let _ = sender.send(6 * 7);
    });
    writer.join().expect("it only sends");
    let answer = block_on(&mut reactor, async { Ok(receiver.await) });
    assert!(
        matches!(answer, Ok(Some(42))),
        "a letter that was sent must arrive, from another thread, too: {answer:?}"
    );
}
