//! The tokio twins of the chapter “Web”, its benchmarks and heavy tests; and the shelf of its
//! largest program.
mod database_shelf;

pub use database_shelf::DatabaseShelf;
