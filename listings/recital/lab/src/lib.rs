//! The tokio twins of the programs about poems.
