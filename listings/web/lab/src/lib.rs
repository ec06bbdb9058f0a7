//! The tokio twins of the chapter “Web”, its benchmarks and heavy tests.
