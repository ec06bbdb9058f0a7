//! Handles to a chain that outlive the Deferred they were made from: to cancel it, and to pause it.
use crate::core::{
    chain::{self, Link},
    trampoline,
};
use reactor::Panics;
use std::{
    fmt,
    panic::Location,
    rc::{Rc, Weak},
};

/// Cancels a Deferred, also after it was consumed. Clones are about the same one; a canceller keeps
/// nothing alive.
///
/// Cancelling one that waits for another cancels that other, and so on to the end. The operation
/// there is undone by the function given to [`with_canceller`](crate::Deferred::with_canceller);
/// without one, the Deferred fires [`Cancelled`](crate::Cancelled) and drops what its resolver
/// fires later. Errbacks run as with any other failure, so an inner one that recovers makes the
/// outer one succeed. Once there is a result, and the second time, `cancel` does nothing.
///
/// ```
/// use deferreds::{Cancelled, Deferred};
/// let (resolver, poem) = Deferred::<String>::new();
/// let canceller = poem.canceller();
/// let shown = poem.add_errback(|failure| {
///     failure.trap::<Cancelled>()?;
///     Ok("never mind".to_owned())
/// });
/// canceller.cancel();
/// resolver.callback("too late".to_owned());
/// assert_eq!(shown.into_result().unwrap().unwrap(), "never mind");
/// ```
#[derive(Clone)]
pub struct Canceller(Weak<dyn Link>);

impl Canceller {
    pub(crate) fn new(head: &Rc<dyn Link>) -> Canceller {
        Canceller(Rc::downgrade(head))
    }

    /// Cancels. What follows runs before this returns, also inside a stage: the answer of the
    /// canceller, and the stages. Only a canceller that keeps its resolver answers later; and when
    /// 16 chains run inside each other, as with [`callback`](crate::Resolver::callback), what
    /// follows waits until the outermost is done.
    #[track_caller]
    pub fn cancel(&self) {
        self.cancel_at(Location::caller());
    }

    /// Cancels on behalf of a caller at that place.
    pub(crate) fn cancel_at(&self, at: &'static Location<'static>) {
        if let Some(head) = self.0.upgrade() {
            chain::cancel(head, at);
        }
    }
}

/// Cancels each of them, also when the canceller of one panics.
pub(crate) fn cancel_all(cancellers: &[Canceller]) {
    let mut panics = Panics::default();
    for canceller in cancellers {
        panics.catch(|| canceller.cancel());
    }
    panics.go_on();
}

impl fmt::Debug for Canceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canceller")
    }
}

/// Pauses a Deferred, also after it was consumed. Clones are about the same one; a pauser keeps
/// nothing alive.
#[derive(Clone)]
pub struct Pauser(Weak<dyn Link>);

impl Pauser {
    pub(crate) fn new(head: &Rc<dyn Link>) -> Pauser {
        Pauser(Rc::downgrade(head))
    }

    /// Runs no stage of it until what you get here is dropped. Pauses add up: the last one to end
    /// lets it go on.
    ///
    /// ```
    /// use deferreds::Deferred;
    /// let (resolver, poem) = Deferred::new();
    /// let pause = poem.pauser().pause();
    /// let length = poem.add_callback(|text: &str| Ok(text.len()));
    /// resolver.callback("a poem");
    /// let length = length.into_result().unwrap_err(); // not yet
    /// drop(pause);
    /// assert_eq!(length.into_result().unwrap().unwrap(), 6);
    /// ```
    #[must_use = "dropping it ends the pause"]
    #[track_caller]
    pub fn pause(&self) -> Pause {
        let head = self.0.upgrade();
        if let Some(head) = &head {
            head.chain().pause(Location::caller());
        }
        Pause(head)
    }
}

impl fmt::Debug for Pauser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pauser")
    }
}

/// A Deferred is paused while this lives, and kept alive. One that is forgotten (`mem::forget`), or
/// that a stage of its own chain owns, is never over, and its chain is never freed: keep it
/// outside. It cannot be ended twice:
///
/// ```compile_fail,E0382
/// let (_resolver, poem) = deferreds::Deferred::<u32>::new();
/// let pause = poem.pauser().pause();
/// drop(pause);
/// drop(pause);
/// ```
pub struct Pause(Option<Rc<dyn Link>>);

impl Drop for Pause {
    fn drop(&mut self) {
        if let Some(head) = self.0.take()
            && let Some(next) = head.chain().resume()
        {
            trampoline::run(next);
        }
    }
}

impl fmt::Debug for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pause")
    }
}
