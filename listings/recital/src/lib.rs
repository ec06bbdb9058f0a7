//! Poems on the reactor: the slow server as a program of ours, and the functions that fetch from
//! it.
//!
//! The reactor knows nothing of poems. Programs that fetch some start their servers here:
//! [`Recital`] is one with all options, [`recite`] one for a program that is about its client. With
//! the feature `deferreds`, `get_poem` returns a poem as a Deferred; [`fetch`] calls one of two
//! functions.
//!
//! ```
//! use reactor::{Reactor, Sim};
//! use recital::{fetch, recite};
//!
//! let mut reactor = Reactor::new(Sim::new(1));
//! let handle = reactor.handle();
//! let addresses = recite(&handle, &["hope"])?;
//! fetch(
//!     &handle,
//!     &addresses[0],
//!     |reactor, poem| {
//!         assert_eq!(poem.len(), 353);
//!         reactor.stop().unwrap();
//!     },
//!     |_, error| panic!("{error}"),
//! );
//! reactor.run()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | what | file |
//! |---|---|
//! | a server: listeners, recitals, pauses | `recital.rs` |
//! | a client: one poem, with two functions or as a Deferred | `poem.rs` |
#![warn(clippy::disallowed_methods)]

mod poem;
mod recital;

#[cfg(feature = "deferreds")]
pub use poem::get_poem;
pub use poem::{LONGEST, TooLong, fetch, recite};
pub use recital::Recital;
