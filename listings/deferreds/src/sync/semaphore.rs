//! A semaphore: so many at a time, the others wait in line.
use crate::{Deferred, Outcome, maybe_deferred, sync::wait_queue::WaitQueue};
use std::{cell::Cell, fmt, panic::Location, rc::Rc};
use trace::{Kind, Object, Prefix};

/// Lets at most so many hold one of its tokens at a time. Clones are about the same semaphore.
///
/// [`acquire`](Semaphore::acquire) returns a [`Guard`]; its drop passes the token to the one who
/// has waited longest. So a token cannot be given back twice, nor forgotten by an early return, a
/// failure or a panic.
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
/// Source:
/// [`DeferredSemaphore`](https://docs.twisted.org/en/stable/api/twisted.internet.defer.DeferredSemaphore.html).
#[derive(Clone)]
pub struct Semaphore(Rc<Tokens>);

struct Tokens {
    limit: usize,
    free: Cell<usize>,
    line: Rc<WaitQueue<Guard>>,
    /// What a recording calls it.
    object: Object,
    made: &'static Location<'static>,
}

impl Semaphore {
    /// Returns one with so many tokens.
    ///
    /// # Panics
    /// When `tokens` is 0: then all would wait for ever.
    #[must_use]
    #[track_caller]
    pub fn new(tokens: usize) -> Semaphore {
        assert!(tokens > 0, "a semaphore needs a token");
        Semaphore(Rc::new(Tokens {
            limit: tokens,
            free: Cell::new(tokens),
            line: WaitQueue::new(),
            object: trace::object(Prefix::Lock),
            made: Location::caller(),
        }))
    }

    /// Waits for a token, behind those who wait already. Cancelled, it leaves the line.
    #[track_caller]
    pub fn acquire(&self) -> Deferred<Guard> {
        let tokens = &self.0;
        // A token that is free while others wait is theirs, although they have not taken it yet.
        if tokens.line.len() == 0
            && let Some(guard) = take(tokens)
        {
            let holder = guard.holder.clone();
            let deferred = Deferred::succeed(guard);
            let who = deferred.head().chain().object();
            tokens.entered(holder, who, Location::caller());
            return deferred;
        }
        // Weak: the line belongs to the tokens, and they would keep each other alive.
        let weak = Rc::downgrade(tokens);
        let deferred = tokens.line.join(move |who| {
            if let Some(tokens) = weak.upgrade() {
                tokens.record(Kind::LockLeave, who, None);
            }
        });
        let who = deferred.head().chain().object();
        tokens.record(Kind::LockJoin, who, Some(Location::caller()));
        deferred
    }

    /// Returns a token, if one is free and none waits for it.
    #[must_use]
    #[track_caller]
    pub fn try_acquire(&self) -> Option<Guard> {
        if self.0.line.len() > 0 {
            return None;
        }
        let guard = take(&self.0)?;
        self.0.entered(None, Object::NONE, Location::caller());
        Some(guard)
    }

    /// Calls `f` while it holds a token, and returns the token when the outcome is there: a
    /// value, a failure, or a cancel, which ends the waiting in line or what `f` waits for.
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

    /// Returns how many tokens it has.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.0.limit
    }

    /// Returns how many of them are free.
    #[must_use]
    pub fn free(&self) -> usize {
        self.0.free.get()
    }

    /// Returns how many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.line.len()
    }
}

fn take(tokens: &Rc<Tokens>) -> Option<Guard> {
    let free = tokens.free.get().checked_sub(1)?;
    tokens.free.set(free);
    let tokens = tokens.clone();
    let holder = trace::on().then(Rc::default);
    Some(Guard { tokens, holder })
}

impl Tokens {
    /// A holder has a token now, and is called `who` in the recording.
    fn entered(
        &self,
        holder: Option<Rc<Cell<Object>>>,
        who: Object,
        at: &'static Location<'static>,
    ) {
        self.record(Kind::LockEnter, who, Some(at));
        if let Some(holder) = holder {
            holder.set(who);
        }
    }

    /// Who joins, enters or leaves, in a recording.
    fn record(&self, kind: Kind, who: Object, at: Option<&'static Location<'static>>) {
        // One that is older than the recording has no name there.
        if trace::on() && self.object.is_some() {
            let event = trace::event(kind).of(self.object);
            let event = event.at_some(at).attr("size", || self.limit);
            match who.is_some() {
                true => event.attr("who", || who),
                false => event,
            }
            .record();
        }
    }
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

/// A token of a [`Semaphore`], or a [`Lock`](crate::Lock) that is held. Its drop returns it, and
/// the one who has waited longest goes on before that drop returns; inside a stage of one who is
/// just being served, when the stages of that one have run.
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
/// Only its holder can return it, and it cannot be copied:
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
pub struct Guard {
    tokens: Rc<Tokens>,
    /// Whose Deferred brought it; there while a recording is made.
    holder: Option<Rc<Cell<Object>>>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let tokens = &self.tokens;
        let who = self.holder.take().map_or(Object::NONE, |who| who.get());
        tokens.record(Kind::LockLeave, who, None);
        tokens.free.set(tokens.free.get() + 1);
        tokens.line.serve(|who| {
            let guard = take(tokens)?;
            tokens.entered(guard.holder.clone(), who, tokens.made);
            Some(guard)
        });
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}
