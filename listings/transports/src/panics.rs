//! Calls of user code: a panic becomes a failure of its own connection.
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
        // The payload's destructor is user code, too, and may panic. All that is lost is a message.
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

/// Calls user code. A panic is returned as a failure.
pub(crate) fn catch_panic<R>(call: impl FnOnce() -> R) -> Result<R, Failure> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| Panicked::new(payload).into())
}

/// Calls user code whose failure costs no connection, such as a destructor, and reports it.
pub(crate) fn catch_and_report(what: &'static str, call: impl FnOnce()) {
    if let Err(failure) = catch_panic(call) {
        report(what, &failure);
    }
}

/// Writes a failure of user code into the log: its connection is told, but may ignore it.
pub(crate) fn report(what: &'static str, failure: &Failure) {
    tracing::error!(place = %failure.location(), "{what}: {failure}");
}
