//! Wrong: it says pending, and will never be polled again.
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// Pending once, so that others can go first.
#[derive(Debug, Default)]
pub struct GiveWay {
    given: bool,
}

/// Gives way once.
pub fn give_way() -> GiveWay {
    GiveWay::default()
}

impl Future for GiveWay {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let _ = context;
        if std::mem::replace(&mut self.given, true) {
            return Poll::Ready(());
        }
        Poll::Pending
    }
}
