//! Wrong: waits until all have come.
use std::{error::Error, fmt};
use untwisted::deferreds::{Deferred, Failure, FailureGroup, deferred_list};

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
    let checked = poems.into_iter().map(|poem| poem.add_callback(check));
    deferred_list(checked).add_callback(|results| {
        let mut failures = Vec::new();
        for result in results {
            match result {
                Ok(poem) => return Ok(poem),
                Err(failure) => failures.push(failure),
            }
        }
        Err(FailureGroup(failures).into())
    })
}
