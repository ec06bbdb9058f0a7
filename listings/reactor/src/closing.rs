//! Whether a reactor of this thread is being dropped right now.
use std::cell::Cell;

thread_local! {
    /// How many are.
    static CLOSING: Cell<u32> = const { Cell::new(0) };
}

/// Returns whether a reactor of this thread is being dropped right now, with all that it owns.
///
/// What is dropped then is not lost, it has ended: a promise that a timer can no longer keep is
/// nothing to report.
///
/// ```
/// use reactor::{Reactor, Sim, is_closing};
/// use std::{cell::Cell, rc::Rc, time::Duration};
///
/// struct Asks(Rc<Cell<bool>>);
/// impl Drop for Asks {
///     fn drop(&mut self) {
///         self.0.set(is_closing());
///     }
/// }
///
/// let reactor = Reactor::new(Sim::new(1));
/// let asked = Rc::new(Cell::new(false));
/// let asks = Asks(asked.clone());
/// reactor.handle().call_later(Duration::from_secs(1), move |_| drop(asks));
/// drop(reactor);
/// assert!(asked.get() && !is_closing());
/// ```
#[must_use]
pub fn is_closing() -> bool {
    CLOSING.try_with(Cell::get).is_ok_and(|closing| closing > 0)
}

/// Begins the drop of a reactor, which lasts until the guard is dropped.
pub(crate) fn closing() -> impl Drop {
    let _ = CLOSING.try_with(|closing| closing.set(closing.get() + 1));
    scopeguard::guard((), |()| {
        let _ = CLOSING.try_with(|closing| closing.set(closing.get() - 1));
    })
}
