//! The first poem that is whole: you write `first_whole`.
use std::{error::Error, fmt};
use untwisted::deferreds::{Deferred, Failure};

/// The poem ends before its end.
#[derive(Debug)]
pub struct Truncated;

impl fmt::Display for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the poem is cut short")
    }
}

impl Error for Truncated {}

/// Whole poems say so, with "FINIS" at their end.
fn check(poem: String) -> Result<String, Failure> {
    if poem.ends_with("FINIS") {
        Ok(poem)
    } else {
        Err(Truncated.into())
    }
}

/// The first of the poems that comes whole.
pub fn first_whole(poems: Vec<Deferred<String>>) -> Deferred<String> {
    let _ = (poems, check);
    todo!()
}
