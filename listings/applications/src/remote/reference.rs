//! An object of the other side, and a call of it.
use super::{
    Callable, ServerLost, Values,
    table::{Import, Table},
};
use deferreds::{Deferred, Failure};
use protocols::{BoxError, KeyValues, NoAnswer, TooMany};
use std::{fmt, rc::Rc};

/// An object that lives in another process. Clones mean the same object; when the last one is
/// dropped, the other side is told, and lets go of it.
///
/// Source:
/// [`RemoteReference`](https://docs.twisted.org/en/stable/api/twisted.spread.pb.RemoteReference.html).
#[derive(Clone)]
pub struct Reference(Rc<Import>);

impl Reference {
    pub(super) fn new(import: Rc<Import>) -> Reference {
        Reference(import)
    }

    pub(super) fn number(&self) -> u64 {
        self.0.number
    }

    pub(super) fn is_of(&self, table: &Rc<Table>) -> bool {
        Rc::ptr_eq(&self.0.table, table)
    }

    /// Returns it as an object of this side, to be passed to a third process.
    pub(super) fn as_object(&self) -> Rc<dyn Callable> {
        let import: Rc<Import> = Rc::clone(&self.0);
        import
    }

    // ANCHOR: call
    /// Calls a method of the object. Fires with what it answers.
    ///
    /// It fails with the other side's error, which keeps its type if both sides [know
    /// it](super::Offer::error), and is a [`RemoteError`](protocols::RemoteError) otherwise; with
    /// [`ServerLost`] when the connection is lost or goes before the answer is there; with
    /// [`NotPassed`](super::NotPassed) when a value cannot be sent.
    ///
    /// Cancelled, it fires [`Cancelled`](deferreds::Cancelled) at once. The other side does not
    /// hear of it and goes on; what it answers is dropped, and the objects in it are let go.
    #[track_caller]
    pub fn call(&self, method: &str, values: Values) -> Deferred<Values> {
        let table = Rc::clone(&self.0.table);
        let Some(asker) = table.asker() else {
            return Deferred::fail(ServerLost);
        };
        let mut asked = match table.written(&values) {
            Ok(asked) => asked,
            Err(error) => return Deferred::fail(error),
        };
        let number = self.0.number.to_string();
        asked.insert(b"object".to_vec(), number.into_bytes());
        asked.insert(b"method".to_vec(), method.as_bytes().to_vec());
        let answer = asker.ask("call", &asked);
        // Not the chain of `ask` itself: what comes after a cancel has objects in it that must be
        // let go.
        let (resolver, called) = Deferred::new();
        let stays = self.clone(); // the object is needed until it has answered
        answer.on_result(move |result| {
            drop(stays);
            resolver.fire(match result {
                Ok(answered) => table.read(answered),
                Err(failure) => Err(call_failure(&table, &asked, failure)),
            });
        });
        called
    }
    // ANCHOR_END: call

    /// Whether the connection to it is lost. Then each call fails.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        is_lost(&self.0.table)
    }

    /// Returns how many objects of this side the other side holds by this connection.
    #[must_use]
    pub fn held(&self) -> usize {
        self.0.table.exported()
    }
}

/// Returns what a call failed with, in the words of this module.
fn call_failure(table: &Rc<Table>, asked: &KeyValues, failure: Failure) -> Failure {
    if failure.check::<TooMany>().is_some() || failure.check::<BoxError>().is_some() {
        table.undo_exports(asked);
        return failure;
    }
    if is_lost(table) || failure.check::<NoAnswer>().is_some() {
        return Failure::new(ServerLost);
    }
    table.errors().read(failure)
}

fn is_lost(table: &Table) -> bool {
    let asker = table.asker();
    asker.is_none_or(|asker| asker.transport().is_none())
}

impl Callable for Import {
    fn call(&self, method: &str, values: Values) -> Deferred<Values> {
        match self.table.import_again(self.number) {
            Some(reference) => reference.call(method, values),
            None => Deferred::fail(ServerLost),
        }
    }
}

impl PartialEq for Reference {
    /// Whether they mean the same object.
    fn eq(&self, other: &Reference) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Reference {}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reference({})", self.0.number)
    }
}
