//! A semaphore: so many at a time, the others wait in line.
use crate::{Deferred, Outcome, line::Line, maybe_deferred};
use std::{cell::Cell, fmt, rc::Rc};

/// Lets at most so many hold one of its tokens at a time. Clones are about the same semaphore.
///
/// [`acquire`](Semaphore::acquire) gives a [`Guard`]; its drop gives the token to the one who has waited longest. So a
/// token cannot be given back twice, nor forgotten by an early return, a failure or a panic.
///
/// ```
/// use deferreds::Semaphore;
///
/// let two = Semaphore::new(2);
/// let first = two.acquire().into_result().unwrap().unwrap();
/// let second = two.acquire().into_result().unwrap().unwrap();
/// let third = two.acquire().into_result().unwrap_err(); // it must wait
/// drop(first);
/// assert!(third.into_result().unwrap().is_ok());
/// # drop(second);
/// ```
///
/// Source: [`DeferredSemaphore`](https://docs.twisted.org/en/stable/api/twisted.internet.defer.DeferredSemaphore.html).
#[derive(Clone)]
pub struct Semaphore(Rc<Tokens>);

struct Tokens {
    limit: usize,
    free: Cell<usize>,
    line: Rc<Line<Guard>>,
}

impl Semaphore {
    /// One with so many tokens.
    ///
    /// # Panics
    /// When `tokens` is 0: then everybody would wait for ever.
    #[must_use]
    pub fn new(tokens: usize) -> Semaphore {
        assert!(tokens > 0, "a semaphore needs a token");
        Semaphore(Rc::new(Tokens {
            limit: tokens,
            free: Cell::new(tokens),
            line: Line::new(),
        }))
    }

    /// Waits for a token, behind those who wait already. Cancelled, it leaves the line.
    #[track_caller]
    pub fn acquire(&self) -> Deferred<Guard> {
        if self.0.line.len() == 0
            && let Some(guard) = take(&self.0)
        {
            return Deferred::succeed(guard);
        }
        self.0.line.join()
    }

    /// A token, if one is free and nobody waits.
    #[must_use]
    pub fn try_acquire(&self) -> Option<Guard> {
        if self.0.line.len() > 0 {
            return None;
        }
        take(&self.0)
    }

    /// Calls `f` while it holds a token, and gives the token back when the outcome is there: a value, a failure, or a
    /// cancel, which ends the waiting in line or what `f` waits for.
    ///
    /// ```
    /// use deferreds::{Deferred, Semaphore};
    /// let one = Semaphore::new(1);
    /// let (resolver, poem) = Deferred::<&str>::new();
    /// let first = one.run(|| poem);
    /// let second = one.run(|| Ok("it waited"));
    /// let second = second.into_result().unwrap_err();
    /// resolver.callback("Gather ye rosebuds");
    /// assert!(first.into_result().unwrap().is_ok());
    /// assert_eq!(second.into_result().unwrap().unwrap(), "it waited");
    /// ```
    #[track_caller]
    pub fn run<R: Outcome>(&self, f: impl FnOnce() -> R + 'static) -> Deferred<R::Value> {
        self.acquire().add_callback(|guard| {
            maybe_deferred(f).add_both(move |result| {
                drop(guard);
                result
            })
        })
    }

    /// How many tokens it has.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.0.limit
    }

    /// How many of them nobody holds.
    #[must_use]
    pub fn free(&self) -> usize {
        self.0.free.get()
    }

    /// How many wait in line.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.line.len()
    }
}

fn take(tokens: &Rc<Tokens>) -> Option<Guard> {
    let free = tokens.free.get().checked_sub(1)?;
    tokens.free.set(free);
    Some(Guard(tokens.clone()))
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("limit", &self.limit())
            .field("free", &self.free())
            .field("waiting", &self.waiting())
            .finish()
    }
}

/// A token of a [`Semaphore`], or a [`Lock`](crate::Lock) that is held. Its drop gives it back, and the one who has
/// waited longest goes on before that drop returns; inside a stage of one who is just being served, when the stages
/// of that one have run.
///
/// It cannot be given back twice:
///
/// ```compile_fail,E0382
/// let lock = deferreds::Lock::new();
/// let held = lock.acquire().into_result().unwrap().unwrap();
/// drop(held);
/// drop(held);
/// ```
///
/// Nobody but its holder can give it back, and it cannot be copied:
///
/// ```compile_fail,E0599
/// let lock = deferreds::Lock::new();
/// lock.release();
/// ```
///
/// ```compile_fail,E0599
/// let lock = deferreds::Lock::new();
/// let held = lock.acquire().into_result().unwrap().unwrap();
/// let copy = held.clone();
/// ```
#[must_use = "dropping it gives the token back"]
pub struct Guard(Rc<Tokens>);

impl Drop for Guard {
    fn drop(&mut self) {
        let tokens = &self.0;
        tokens.free.set(tokens.free.get() + 1);
        tokens.line.serve(|| take(tokens));
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}
