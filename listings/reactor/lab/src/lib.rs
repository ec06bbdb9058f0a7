//! The tokio twins of the reactor chapter, its benchmarks and heavy tests.
