//! The smallest future that is pending: you write `poll`.
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

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        todo!("pending once: {} {context:?}", self.given)
    }
}
