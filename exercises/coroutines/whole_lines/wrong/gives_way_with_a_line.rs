//! Wrong: it takes a line out, and then waits before it returns it.
use std::{
    cell::RefCell,
    collections::VecDeque,
    future::poll_fn,
    rc::Rc,
    task::{Poll, Waker},
};

#[derive(Default)]
struct Shared {
    pieces: VecDeque<Vec<u8>>,
    closed: bool,
    waiting: Option<Waker>,
}

/// Both ends of a connection: what is fed into it comes out in the same pieces.
#[derive(Clone, Default)]
pub struct Wire(Rc<RefCell<Shared>>);

impl Wire {
    /// A piece arrives.
    pub fn feed(&self, piece: &[u8]) {
        self.0.borrow_mut().pieces.push_back(piece.to_vec());
        self.wake();
    }

    /// No more will come.
    pub fn close(&self) {
        self.0.borrow_mut().closed = true;
        self.wake();
    }

    fn wake(&self) {
        let waiting = self.0.borrow_mut().waiting.take();
        if let Some(waker) = waiting {
            waker.wake();
        }
    }

    /// Waits for the next piece; `None` at the end. Dropped while it waits, it has taken nothing.
    pub async fn piece(&self) -> Option<Vec<u8>> {
        poll_fn(|context| {
            let mut shared = self.0.borrow_mut();
            if let Some(piece) = shared.pieces.pop_front() {
                return Poll::Ready(Some(piece));
            }
            if shared.closed {
                return Poll::Ready(None);
            }
            shared.waiting = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

/// Reads lines from a wire.
pub struct Lines {
    wire: Wire,
    /// What has arrived and was not given away.
    kept: Vec<u8>,
}

impl Lines {
    /// Reads from this wire.
    pub fn new(wire: Wire) -> Lines {
        Lines {
            wire,
            kept: Vec::new(),
        }
    }

    /// The next line, without its `\n`; `None` at the end.
    pub async fn next_line(&mut self) -> Option<String> {
        loop {
            if let Some(line) = take_line(&mut self.kept) {
                untwisted::coroutines::yield_now().await; // be fair to other tasks
                return Some(line);
            }
            match self.wire.piece().await {
                Some(piece) => self.kept.extend(piece),
                None if self.kept.is_empty() => return None,
                None => return Some(text(std::mem::take(&mut self.kept))),
            }
        }
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Takes the first line out of these bytes, if it is whole.
fn take_line(bytes: &mut Vec<u8>) -> Option<String> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    let mut line: Vec<u8> = bytes.drain(..=end).collect();
    line.pop();
    Some(text(line))
}
