//! Code of a resource may panic; that costs one request, and not the server.
use deferreds::Failure;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls code of a resource. Its panic is the failure of this one request.
pub(crate) fn catch_panic<R>(call: impl FnOnce() -> R) -> Result<R, Failure> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| {
        // What was thrown may panic again when it is dropped.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(again);
        }
        Failure::new("it panicked; the message is on standard error")
    })
}
