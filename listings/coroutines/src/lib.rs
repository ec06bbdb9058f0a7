//! async and await on our reactor, and the ways between Deferred and Future.
