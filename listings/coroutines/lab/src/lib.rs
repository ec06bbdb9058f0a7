//! Our reactor and tokio in one program: hosted by it, or beside it in another thread.
#[cfg(unix)]
pub mod hosted_by_tokio;
pub mod measure;
pub mod tokio_beside;
