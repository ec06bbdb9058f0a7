//! Plays a script as the stream below: items, waits, and an end.
use by_the_dozen::{Chunks, Stream};
use std::{
    cell::Cell,
    collections::VecDeque,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// `Some` is an item, `None` is one poll that has to wait.
#[derive(Debug)]
struct Script {
    steps: VecDeque<Option<u32>>,
    ended: bool,
    /// How often it has said `Pending`, and so has a waker.
    waits: Rc<Cell<u32>>,
}

impl Stream for Script {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        assert!(
            !self.ended,
            "the stream below was polled again after its end"
        );
        match self.steps.pop_front() {
            Some(Some(item)) => Poll::Ready(Some(item)),
            Some(None) => {
                self.waits.set(self.waits.get() + 1);
                Poll::Pending
            }
            None => {
                self.ended = true;
                Poll::Ready(None)
            }
        }
    }
}

/// Polls to the end, and once more. Returns the chunks.
fn chunks(steps: &[Option<u32>], size: usize) -> Vec<Vec<u32>> {
    let waits = Rc::new(Cell::new(0));
    let mut stream = Chunks::new(
        Script {
            steps: steps.iter().copied().collect(),
            ended: false,
            waits: Rc::clone(&waits),
        },
        size,
    );
    let mut context = Context::from_waker(Waker::noop());
    let (mut chunks, mut pending) = (Vec::new(), 0);
    for _ in 0..100 {
        match Pin::new(&mut stream).poll_next(&mut context) {
            Poll::Ready(Some(chunk)) => chunks.push(chunk),
            Poll::Ready(None) => {
                let again = Pin::new(&mut stream).poll_next(&mut context);
                assert_eq!(
                    again,
                    Poll::Ready(None),
                    "after the end it is the end for ever"
                );
                return chunks;
            }
            Poll::Pending => {
                pending += 1;
                assert_eq!(
                    pending,
                    waits.get(),
                    "it said Pending although the stream below did not: nothing holds the waker, so nothing will wake it"
                );
            }
        }
    }
    panic!("a hundred polls, and no end");
}

#[test]
fn full_chunks() {
    assert_eq!(
        chunks(&[Some(1), Some(2), Some(3), Some(4)], 2),
        [[1, 2], [3, 4]],
        "four items, two at a time; and at the end no empty chunk"
    );
}

#[test]
fn the_rest_is_a_shorter_chunk() {
    assert_eq!(
        chunks(&[Some(1), Some(2), Some(3)], 2),
        [vec![1, 2], vec![3]],
        "three items, two at a time: the last is a shorter chunk"
    );
}

#[test]
fn nothing_at_all() {
    assert_eq!(
        chunks(&[], 3),
        Vec::<Vec<u32>>::new(),
        "a stream without items has no empty chunk, only the end"
    );
}

#[test]
fn items_that_are_late() {
    assert_eq!(
        chunks(&[Some(1), None, Some(2), None, None, Some(3), None], 3),
        [[1, 2, 3]],
        "an item was lost when the next one was late"
    );
}

#[test]
fn one_at_a_time() {
    assert_eq!(
        chunks(&[Some(1), None, Some(2)], 1),
        [[1], [2]],
        "chunks of one item"
    );
}
