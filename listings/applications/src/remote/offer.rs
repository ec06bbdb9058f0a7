//! What one side of a connection offers the other: a first object, and the errors that both know.
use super::{Callable, Reference, ServerLost, errors::Errors, table::Table};
use crate::{
    ClientEndpoint,
    observed::{Observer, observed},
};
use deferreds::{Deferred, Failure};
use protocols::{Asker, Responders};
use reactor::Handle;
use std::{cell::RefCell, error::Error, rc::Rc};
use transports::{Address, Factory, Protocol, Transport};

/// The longest box, in bytes.
const LONGEST: usize = 1_000_000;

type OnConnection = Rc<dyn Fn(&Reference)>;

/// What a side of a connection offers. Its factory works on either side, at any endpoint.
///
/// ```
/// use applications::remote::{Callable, NoMethod, Offer, Values};
/// use deferreds::Deferred;
/// use reactor::{Reactor, Sim};
/// use std::rc::Rc;
/// use transports::{Address, connect, listen};
///
/// struct Shouts;
///
/// impl Callable for Shouts {
///     fn call(&self, method: &str, values: Values) -> Deferred<Values> {
///         match (method, values.text("line")) {
///             ("shout", Ok(line)) => {
///                 Deferred::succeed(Values::new().with("line", line.to_uppercase()))
///             }
///             ("shout", Err(missing)) => Deferred::fail(missing),
///             _ => Deferred::fail(NoMethod(method.to_owned())),
///         }
///     }
/// }
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let handle = reactor.handle();
/// let port = listen(&handle, &Address::loopback(0), Offer::of(Rc::new(Shouts)).factory())?;
/// let stops = handle.clone();
/// let client = Offer::nothing().on_connection(move |shouts| {
///     let stops = stops.clone();
///     let answer = shouts.call("shout", Values::new().with("line", "hope"));
///     answer.on_result(move |answer| {
///         assert_eq!(answer.unwrap().text("line").unwrap(), "HOPE");
///         stops.stop().unwrap();
///     });
/// });
/// connect(&handle, port.address(), client.factory());
/// reactor.run()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Offer {
    first: Option<Rc<dyn Callable>>,
    on_connection: Option<OnConnection>,
    errors: Errors,
    at_once: usize,
}

impl Offer {
    /// Offers this object, which others may lead on from.
    #[must_use]
    pub fn of(first: Rc<dyn Callable>) -> Offer {
        Offer {
            first: Some(first),
            ..Offer::nothing()
        }
    }

    /// Offers nothing: a side that only calls. It may pass objects in its calls all the same.
    #[must_use]
    pub fn nothing() -> Offer {
        Offer {
            first: None,
            on_connection: None,
            errors: Errors::default(),
            at_once: 100,
        }
    }

    /// Adds an error that goes over the wire under this code and comes out as itself. Both sides
    /// have to know it.
    ///
    /// `write` makes a text of it, of which 1,000 bytes are sent; `read` makes it of that text
    /// again.
    #[must_use]
    pub fn error<E: Error + Send + Sync + 'static>(
        mut self,
        code: &str,
        write: impl Fn(&E) -> String + 'static,
        read: impl Fn(&str) -> E + 'static,
    ) -> Offer {
        self.errors.add(code, write, read);
        self
    }

    /// Calls `on_connection` with the other side's first object when a connection is made.
    #[must_use]
    pub fn on_connection(mut self, on_connection: impl Fn(&Reference) + 'static) -> Offer {
        self.on_connection = Some(Rc::new(on_connection));
        self
    }

    /// Answers at most so many calls of a connection at once, 100 unless told otherwise. The other
    /// side is not read while there are so many.
    #[must_use]
    pub fn at_most(mut self, at_once: usize) -> Offer {
        self.at_once = at_once;
        self
    }

    /// Connects, and fires with the first object of the other side.
    ///
    /// It fails as [`ClientEndpoint::connect`] does; cancelled, it connects no more. To stay
    /// connected, give the [`factory`](Offer::factory) to a
    /// [`ClientService`](crate::ClientService): a reference is lost with its connection, and
    /// [`on_connection`](Offer::on_connection) brings the first one of the next.
    #[must_use = "the object is known only through this Deferred"]
    pub fn reach(&self, reactor: &Handle, endpoint: &ClientEndpoint) -> Deferred<Reference> {
        let (first, before) = (Rc::new(RefCell::new(None)), self.on_connection.clone());
        let meets = Rc::clone(&first);
        let offer = self.clone().on_connection(move |object| {
            meets.replace(Some(object.clone()));
            if let Some(before) = &before {
                before(object);
            }
        });
        let connected = endpoint.connect(reactor, offer.factory());
        connected.add_callback(move |_| first.take().ok_or_else(|| Failure::new(ServerLost)))
    }

    /// Returns a factory, for a server or for a client.
    #[must_use]
    pub fn factory(&self) -> Rc<dyn Factory> {
        Rc::new(self.clone())
    }
}

impl Factory for Offer {
    fn build_protocol(&self, peer: &Address) -> Option<Box<dyn Protocol>> {
        let table = Table::new(self.first.clone(), self.errors.clone());
        let (calls, releases, meets) = (Rc::clone(&table), Rc::clone(&table), Rc::clone(&table));
        let on_connection = self.on_connection.clone();
        let responders = Responders::new(LONGEST)
            .at_most(self.at_once)
            .on("call", move |_, asked| calls.answer(asked))
            .on("release", move |_, asked| releases.released(&asked))
            .on_connection(move |asker: &Asker| {
                meets.made(asker);
                if let Some(on_connection) = &on_connection {
                    on_connection(&meets.import(super::table::FIRST));
                }
            });
        let cleanup = Rc::new(TableCleanup(RefCell::new(Some(table))));
        observed(responders.factory(), cleanup).build_protocol(peer)
    }
}

/// Empties the table of a connection that is lost.
struct TableCleanup(RefCell<Option<Rc<Table>>>);

impl TableCleanup {
    /// Lets go of everything, once.
    fn clean_up(&self) {
        let table = self.0.take();
        if let Some(table) = table {
            table.lost();
        }
    }
}

impl Observer for TableCleanup {
    fn made(&self, _: &Transport) {}

    fn lost(&self, _: &Transport) {
        self.clean_up();
    }

    fn failed(&self, _: &Address, _: Failure) {
        self.clean_up();
    }
}
