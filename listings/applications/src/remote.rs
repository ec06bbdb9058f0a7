//! Objects of another process: call them, pass them on, and hear when they are gone.
//!
//! | what | file |
//! |---|---|
//! | what one side offers, and its factory | `remote/offer.rs` |
//! | an object of the other side, and a call of it | `remote/reference.rs` |
//! | which objects the two sides know of each other | `remote/table.rs` |
//! | what is passed in a call and in its answer | `remote/values.rs` |
//! | errors that keep their types | `remote/errors.rs` |
//!
//! Two files need each other: a reference calls through the table of its connection, and the table
//! makes references of the numbers that it reads.
mod errors;
mod offer;
mod reference;
mod table;
mod values;

pub use errors::{NoMethod, NoObject, NotPassed, ServerLost};
pub use offer::Offer;
pub use reference::Reference;
pub use values::{Missing, Value, Values};

use deferreds::Deferred;

/// An object that another process may call.
///
/// It belongs to the thread of its reactor, as everything does. A panic in a call is caught by the
/// connection: it costs that connection, and the caller hears [`ServerLost`].
///
/// ```
/// use applications::remote::{Callable, NoMethod, Values};
/// use deferreds::Deferred;
///
/// /// Says what it is told, louder.
/// struct Shouts;
///
/// impl Callable for Shouts {
///     fn call(&self, method: &str, values: Values) -> Deferred<Values> {
///         match method {
///             "shout" => deferreds::execute(|| {
///                 let line = values.text("line")?.to_uppercase();
///                 Ok(Values::new().with("line", line))
///             }),
///             _ => Deferred::fail(NoMethod(method.to_owned())),
///         }
///     }
/// }
/// ```
///
/// Source:
/// [`Referenceable`](https://docs.twisted.org/en/stable/api/twisted.spread.pb.Referenceable.html).
pub trait Callable {
    /// Answers a call. The Deferred may fire later; the connection's other calls go on meanwhile.
    fn call(&self, method: &str, values: Values) -> Deferred<Values>;
}
