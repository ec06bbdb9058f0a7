//! Our reactor and tokio in one program: hosted by it, beside it in another thread, or a library
//! for both.
#[cfg(unix)]
pub mod hosted_by_tokio;
pub mod measure;
pub mod neutral;
pub mod stream;
pub mod tokio_beside;
