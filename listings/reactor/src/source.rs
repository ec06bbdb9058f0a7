//! Sources: what is called when a socket is ready.
use crate::{Handle, Id, Readiness};
use std::rc::Rc;

/// Hears when sockets are ready. [`Handle::register`] says of which; one source may serve many.
///
/// ```
/// use reactor::{Address, Handle, Id, Reactor, Readiness, Sim, Source};
/// use std::rc::Rc;
///
/// /// Closes every connection that arrives.
/// struct Closes;
///
/// impl Source for Closes {
///     fn ready(self: Rc<Self>, reactor: &Handle, listener: Id, _: Readiness) {
///         while let Ok((stream, _)) = reactor.accept(listener) {
///             reactor.close(stream, false);
///         }
///         reactor.stop().unwrap();
///     }
/// }
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let handle = reactor.handle();
/// let listener = handle.listen(&Address::loopback(4080))?;
/// handle.register(listener, Rc::new(Closes));
/// handle.connect(&Address::loopback(4080))?;
/// reactor.run()?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Source {
    /// The socket `id` became ready. Readiness is told once, at the edge: go on until the world answers
    /// `WouldBlock`, or reads or writes less than you asked for, or ask for another turn with [`Handle::again`].
    /// When `what.read_closed` is set, a short read does not mean "drained": go on to the end or an error.
    fn ready(self: Rc<Self>, reactor: &Handle, id: Id, what: Readiness);
}
