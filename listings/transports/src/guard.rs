//! User code is called here: a panic becomes a failure of its own connection.
use deferreds::Failure;
use std::{
    any::Any,
    error::Error,
    fmt, mem,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// A protocol, producer or factory panicked. Its connection was aborted; the others do not notice.
#[derive(Debug)]
pub struct Panicked {
    message: String,
}

impl Panicked {
    fn new(payload: Box<dyn Any + Send>) -> Panicked {
        let message = payload
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        // Its destructor is user code, too, and may panic. Nothing is lost with it but a message.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            mem::forget(again);
        }
        Panicked { message }
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panicked: {}", self.message)
    }
}

impl Error for Panicked {}

/// Calls user code. Its panic is its failure.
pub(crate) fn guard<R>(call: impl FnOnce() -> R) -> Result<R, Failure> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| Panicked::new(payload).into())
}

/// Calls user code whose failure costs nobody anything, such as a destructor, and says so.
pub(crate) fn guard_last(what: &'static str, call: impl FnOnce()) {
    if let Err(failure) = guard(call) {
        report(what, &failure);
    }
}

/// User code failed on its own account. Its connection hears of it, but need not listen.
pub(crate) fn report(what: &'static str, failure: &Failure) {
    tracing::error!(place = %failure.location(), "{what}: {failure}");
}
