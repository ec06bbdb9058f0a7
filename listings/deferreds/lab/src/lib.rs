//! The tokio twins of the chapter on Deferreds, its benchmarks and heavy tests.
pub mod poem;
