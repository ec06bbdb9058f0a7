//! The tokio twins of the chapter “Databases”, its benchmarks and heavy tests.
