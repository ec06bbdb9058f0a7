//! The companion crate of the book, as one name: a feature for each chapter.
#[cfg(feature = "coroutines")]
pub use coroutines;
#[cfg(feature = "deferreds")]
pub use deferreds;
#[cfg(feature = "models")]
pub use models;
#[cfg(feature = "pocket")]
pub use pocket;
#[cfg(feature = "poetry")]
pub use poetry;
#[cfg(feature = "reactor")]
pub use reactor;
#[cfg(feature = "trace")]
pub use trace;
#[cfg(feature = "transports")]
pub use transports;
