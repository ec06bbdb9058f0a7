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
    /// The socket `id` became ready. Readiness is told once, at the edge: go on until the world answers
    /// `WouldBlock`, or reads or writes less than you asked for, or ask for another turn with [`Handle::again`].
    /// When `what.read_closed` is set, a short read does not mean "drained": go on to the end or an error.
    fn ready(self: Rc<Self>, reactor: &Handle, id: Id, what: Readiness);
}

/// A socket of the world and its source, at the index of its id.
#[derive(Default)]
pub(crate) struct Watched {
    pub(crate) generation: u32,
    /// Whether the socket of that generation is open. A source for one that is closed would never be told.
    pub(crate) open: bool,
    pub(crate) object: Object,
    pub(crate) source: Option<Rc<dyn Source>>,
    /// What it is to be told again in the next turn. Said twice it is still told once.
    pub(crate) again: Option<Readiness>,
    /// What it is to be told again in this turn.
    pub(crate) now: Readiness,
}

/// The entry of that socket, while it is open.
#[inline]
fn open_at(sources: &mut [Watched], id: Id) -> Option<&mut Watched> {
    sources
        .get_mut(id.index as usize)
        .filter(|watched| watched.open && watched.generation == id.generation)
}

impl Core {
    /// The next turn has come for those who asked to be told again. What they are to be told stands with the sources,
    /// so that it is told together with what the world says; here are only their ids.
    #[inline]
    pub(crate) fn take_again(&self, ready: &mut Vec<Ready>) {
        if !self.again.borrow().is_empty() {
            self.take_some_again(ready);
        }
    }

    fn take_some_again(&self, ready: &mut Vec<Ready>) {
        let what = Readiness::default();
        let mut sources = self.sources.borrow_mut();
        for id in self.again.borrow_mut().drain(..) {
            if let Some(watched) = sources.get_mut(id.index as usize)
                && watched.generation == id.generation
            {
                // After a panic it may still have something to hear from the turn before.
                watched.now = watched.now.and(watched.again.take().unwrap_or_default());
                ready.push(Ready { id, what });
            }
        }
    }

    /// Who is to be told that the socket `id` is ready, and of what. An event of a socket that was closed meanwhile
    /// finds another generation, or nobody.
    pub(crate) fn listener(
        &self,
        id: Id,
        what: Readiness,
    ) -> Option<(Rc<dyn Source>, Object, Readiness)> {
        let mut sources = self.sources.borrow_mut();
        let watched = sources.get_mut(id.index as usize)?;
        if watched.generation != id.generation {
            return None;
        }
        let what = what.and(std::mem::take(&mut watched.now));
        let source = watched.source.clone()?;
        (what != Readiness::default()).then_some((source, watched.object, what))
    }
}

impl Handle {
    /// From now on `source` hears when the socket `id` is ready.
    ///
    /// Register in the callback that made the socket: readiness that nobody listens to is not told again.
    /// A socket has one source; a second one takes the first one's place. A source for a socket that is not open is
    /// dropped.
    #[track_caller]
    pub fn register(&self, id: Id, source: Rc<dyn Source>) {
        let object = self.watch(id, source);
        trace::event(Kind::IoWatch)
            .of(object)
            .because_of(object)
            .here()
            .record();
    }

    /// Registers without a word in the recording: what the reactor needs for itself is nobody's business.
    pub(crate) fn watch(&self, id: Id, source: Rc<dyn Source>) -> Object {
        let mut sources = self.core.sources.borrow_mut();
        let Some(watched) = open_at(&mut sources, id) else {
            drop(sources);
            release(source);
            return Object::NONE;
        };
        if watched.object == Object::NONE {
            watched.object = trace::object(Prefix::Watch);
        }
        let object = watched.object;
        let before = watched.source.replace(source);
        drop(sources);
        release(before);
        self.core.changed();
        object
    }

    /// The world has opened this socket. Only now can it have a source.
    pub(crate) fn opened(&self, id: Id) {
        let mut sources = self.core.sources.borrow_mut();
        let index = id.index as usize;
        while sources.len() <= index {
            sources.push(Watched::default());
        }
        let new = Watched {
            generation: id.generation,
            open: true,
            ..Watched::default()
        };
        let before = std::mem::replace(&mut sources[index], new);
        drop(sources);
        release(before); // it may be somebody's source, and a destructor is their code
    }

    /// The world has closed this socket, which may have had a source.
    pub(crate) fn closed(&self, id: Id) -> Option<Rc<dyn Source>> {
        let mut sources = self.core.sources.borrow_mut();
        let watched = open_at(&mut sources, id)?;
        watched.open = false;
        (watched.again, watched.now) = (None, Readiness::default());
        watched.source.take()
    }

    /// Nobody hears of the socket `id` any more. It stays open: [`Handle::close`] closes it.
    #[track_caller]
    pub fn forget(&self, id: Id) {
        let left = {
            let mut sources = self.core.sources.borrow_mut();
            open_at(&mut sources, id).and_then(|watched| {
                watched.again = None;
                watched.now = Readiness::default();
                Some((watched.object, watched.source.take()?))
            })
        };
        let Some((object, source)) = left else { return };
        trace::event(Kind::IoForget).of(object).here().record();
        release(source);
    }

    /// Tells the source of that socket again in the next turn: it stopped before the socket was drained, so that
    /// the others get their share.
    ///
    /// Asked twice, or told by the world as well, it is told once, of all that was said.
    pub fn again(&self, ready: Ready) {
        let mut sources = self.core.sources.borrow_mut();
        let Some(watched) = open_at(&mut sources, ready.id) else {
            return;
        };
        if watched.source.is_none() {
            return;
        }
        let before = watched.again.unwrap_or_default();
        if watched.again.replace(before.and(ready.what)).is_none() {
            self.core.again.borrow_mut().push(ready.id);
            drop(sources);
            self.core.changed();
        }
    }
}
