//! What waits in a queue: for a token, a lock, a file, or a value.
#[cfg(unix)]
pub(crate) mod file_lock;
pub(crate) mod lock;
pub(crate) mod queue;
pub(crate) mod semaphore;
pub(crate) mod wait_queue;
