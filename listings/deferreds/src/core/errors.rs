//! The errors that Deferreds themselves make.
use std::{error::Error, fmt};

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name;

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($text)
            }
        }

        impl Error for $name {}
    )*};
}

errors! {
    /// There was a call of [`Canceller::cancel`](crate::Canceller::cancel), and the operation had
    /// no other answer.
    Cancelled = "cancelled";
    /// The [`Resolver`](crate::Resolver) was dropped before it fired, so no result can ever come.
    Abandoned = "its resolver was dropped before it fired";
    /// A stage returned the Deferred that it is a stage of, and would wait for itself.
    WaitsForItself = "a stage returned its own Deferred, which would wait for itself";
    /// The time that [`add_timeout`](crate::Deferred::add_timeout) gave has passed.
    TimedOut = "timed out";
}
