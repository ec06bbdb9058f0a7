//! The tokio twins of the chapter “Applications”, its benchmarks and heavy tests.
pub mod remote;
