//! Servers that are asked one after the other.
use std::{error::Error, fmt};
use untwisted::deferreds::Deferred;

/// There was no server to ask.
#[derive(Debug)]
pub struct NothingToTry;

impl fmt::Display for NothingToTry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing to try")
    }
}

impl Error for NothingToTry {}

/// Asks one server when it is called.
pub type Ask = Box<dyn FnOnce() -> Deferred<String>>;

/// The first poem that comes; each server is asked when the one before it has failed.
pub fn one_by_one(servers: Vec<Ask>) -> Deferred<String> {
    let mut servers = servers.into_iter();
    let first = servers.next().expect("there is a server");
    servers.fold(first(), |poem, next| poem.add_errback(move |_| next()))
}
