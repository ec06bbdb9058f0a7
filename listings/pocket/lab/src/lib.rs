//! Where the pocket ends. The tests are all there is: each limit fails in the pocket and holds in a
//! chapter's crate.
