//! Wrong: a task gathers the pieces, and it goes on when the time is over.
use std::{
    cell::RefCell,
    collections::VecDeque,
    future::poll_fn,
    rc::Rc,
    task::{Poll, Waker},
    time::Duration,
};
use untwisted::{
    coroutines::{Either, select, sleep, spawn},
    reactor::Handle,
};

#[derive(Default)]
struct Shared {
    pieces: VecDeque<String>,
    closed: bool,
    waiting: Option<Waker>,
}

/// Both ends of a connection: what is fed into it comes out in the same pieces.
#[derive(Clone, Default)]
pub struct Wire(Rc<RefCell<Shared>>);

impl Wire {
    /// A piece arrives.
    pub fn feed(&self, piece: &str) {
        self.0.borrow_mut().pieces.push_back(piece.to_owned());
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
    pub async fn piece(&self) -> Option<String> {
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

/// The time was over before the poem was.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// What had come by then.
    pub so_far: String,
}

/// The whole poem, or after `time` the part of it that has come.
pub async fn as_far_as_it_came(
    reactor: &Handle,
    time: Duration,
    wire: &Wire,
) -> Result<String, Part> {
    let so_far = Rc::new(RefCell::new(String::new()));
    let (gathered, from) = (Rc::clone(&so_far), wire.clone());
    let (over, whole) = untwisted::deferreds::Deferred::<()>::new();
    let gathering = spawn(reactor, async move {
        while let Some(piece) = from.piece().await {
            gathered.borrow_mut().push_str(&piece);
        }
        over.callback(());
        Ok(())
    });
    drop(gathering); // a receipt: the task goes on
    let first = select(whole, sleep(reactor, time)).await;
    let so_far = so_far.borrow().clone();
    match first {
        Either::Left(_) => Ok(so_far),
        Either::Right(()) => Err(Part { so_far }),
    }
}
