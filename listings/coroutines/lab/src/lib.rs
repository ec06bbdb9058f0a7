//! The tokio twins of the chapter on coroutines, its benchmarks and heavy tests.
