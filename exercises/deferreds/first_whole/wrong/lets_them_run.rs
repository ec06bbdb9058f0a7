//! Wrong: the others are never cancelled.
use std::{cell::Cell, error::Error, fmt, rc::Rc};
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
    let (resolver, first) = Deferred::new();
    let resolver = Rc::new(Cell::new(Some(resolver)));
    let checked = poems.into_iter().map(|poem| {
        let resolver = resolver.clone();
        poem.add_callback(move |poem| {
            let poem = check(poem)?;
            if let Some(resolver) = resolver.take() {
                resolver.callback(poem);
            }
            Ok(())
        })
    });
    drop(
        deferred_list(checked.collect::<Vec<_>>()).add_callback(move |results| {
            if let Some(resolver) = resolver.take() {
                let failures = results.into_iter().filter_map(Result::err).collect();
                resolver.errback(FailureGroup(failures));
            }
            Ok(())
        }),
    );
    first
}
