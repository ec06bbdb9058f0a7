//! Sources: what is called when a socket is ready, and the table that knows which.
use crate::{Handle, Id, Readiness, Ready, handle::Core, panics::release};
use std::rc::Rc;
use trace::{Kind, Object, Prefix};

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
    /// The socket `id` became ready. Readiness is told once, at the edge: go on until the world
    /// answers `WouldBlock`, or reads or writes less than you asked for, or ask for another turn
    /// with [`Handle::again`]. When `what.read_closed` is set, a short read does not mean
    /// "drained": go on to the end or an error.
    fn ready(self: Rc<Self>, reactor: &Handle, id: Id, what: Readiness);
}

/// A socket of the world and its source, at the index of its id.
#[derive(Default)]
pub(crate) struct Registration {
    pub(crate) generation: u32,
    /// Whether the socket of that generation is open. A source for one that is closed would never
    /// be told.
    pub(crate) open: bool,
    pub(crate) object: Object,
    pub(crate) source: Option<Rc<dyn Source>>,
    /// What it is to be told again in the next turn. Said twice it is still told once.
    pub(crate) next_turn: Option<Readiness>,
    /// What it is to be told again in this turn.
    pub(crate) this_turn: Readiness,
}

/// Returns the entry of that socket, while it is open.
#[inline]
fn registration(sources: &mut [Registration], id: Id) -> Option<&mut Registration> {
    sources
        .get_mut(id.index as usize)
        .filter(|registered| registered.open && registered.generation == id.generation)
}

impl Core {
    /// The next turn has come for those who asked to be told again. What they are to be told stands
    /// with the sources, so that it is told together with what the world says; here are only their
    /// ids.
    #[inline]
    pub(crate) fn take_again(&self, ready: &mut Vec<Ready>) {
        if !self.again.borrow().is_empty() {
            self.take_some_again(ready);
        }
    }

    fn take_some_again(&self, ready: &mut Vec<Ready>) {
        let what = Readiness::default();
        let mut sources = self.registrations.borrow_mut();
        for id in self.again.borrow_mut().drain(..) {
            if let Some(registered) = sources.get_mut(id.index as usize)
                && registered.generation == id.generation
            {
                // After a panic it may still have something to hear from the turn before.
                registered.this_turn = registered
                    .this_turn
                    .and(registered.next_turn.take().unwrap_or_default());
                ready.push(Ready { id, what });
            }
        }
    }

    /// Returns the source that is to be told that the socket `id` is ready, and of what. An event
    /// of a socket that was closed meanwhile finds another generation, or no source.
    pub(crate) fn ready_source(
        &self,
        id: Id,
        what: Readiness,
    ) -> Option<(Rc<dyn Source>, Object, Readiness)> {
        let mut sources = self.registrations.borrow_mut();
        let registered = sources.get_mut(id.index as usize)?;
        if registered.generation != id.generation {
            return None;
        }
        let what = what.and(std::mem::take(&mut registered.this_turn));
        let source = registered.source.clone()?;
        (what != Readiness::default()).then_some((source, registered.object, what))
    }
}

impl Handle {
    /// From now on `source` hears when the socket `id` is ready.
    ///
    /// Register in the callback that made the socket: readiness without a source is not told again.
    /// A socket has one source; a second one takes the first one's place. A source for a socket
    /// that is not open is dropped.
    #[track_caller]
    pub fn register(&self, id: Id, source: Rc<dyn Source>) {
        let object = self.watch(id, source);
        trace::event(Kind::IoWatch)
            .of(object)
            .because_of(object)
            .here()
            .record();
    }

    /// Registers without a word in the recording: it shows what the program asked for, not what the
    /// reactor needs.
    pub(crate) fn watch(&self, id: Id, source: Rc<dyn Source>) -> Object {
        let mut sources = self.core.registrations.borrow_mut();
        let Some(registered) = registration(&mut sources, id) else {
            drop(sources);
            release(source);
            return Object::NONE;
        };
        if registered.object == Object::NONE {
            registered.object = trace::object(Prefix::Watch);
        }
        let object = registered.object;
        let before = registered.source.replace(source);
        drop(sources);
        release(before);
        self.core.changed();
        object
    }

    /// The world has opened this socket. Only now can it have a source.
    pub(crate) fn opened(&self, id: Id) {
        let mut sources = self.core.registrations.borrow_mut();
        let index = id.index as usize;
        while sources.len() <= index {
            sources.push(Registration::default());
        }
        let new = Registration {
            generation: id.generation,
            open: true,
            ..Registration::default()
        };
        let before = std::mem::replace(&mut sources[index], new);
        drop(sources);
        // It may be a source of the program, whose destructor is code that we do not know.
        release(before);
    }

    /// Forgets a socket that the world has closed, and returns its source if it had one.
    pub(crate) fn closed(&self, id: Id) -> Option<Rc<dyn Source>> {
        let mut sources = self.core.registrations.borrow_mut();
        let registered = registration(&mut sources, id)?;
        registered.open = false;
        (registered.next_turn, registered.this_turn) = (None, Readiness::default());
        registered.source.take()
    }

    /// Takes the source of the socket `id` away. The socket stays open: [`Handle::close`] closes
    /// it.
    #[track_caller]
    pub fn forget(&self, id: Id) {
        let left = {
            let mut sources = self.core.registrations.borrow_mut();
            registration(&mut sources, id).and_then(|registered| {
                registered.next_turn = None;
                registered.this_turn = Readiness::default();
                Some((registered.object, registered.source.take()?))
            })
        };
        let Some((object, source)) = left else { return };
        trace::event(Kind::IoForget).of(object).here().record();
        release(source);
    }

    /// Tells the source of that socket again in the next turn: it stopped before the socket was
    /// drained, so that the others get their share.
    ///
    /// Asked twice, or told by the world as well, it is told once, of all that was said.
    pub fn again(&self, ready: Ready) {
        let mut sources = self.core.registrations.borrow_mut();
        let Some(registered) = registration(&mut sources, ready.id) else {
            return;
        };
        if registered.source.is_none() {
            return;
        }
        let before = registered.next_turn.unwrap_or_default();
        if registered
            .next_turn
            .replace(before.and(ready.what))
            .is_none()
        {
            self.core.again.borrow_mut().push(ready.id);
            drop(sources);
            self.core.changed();
        }
    }
}
