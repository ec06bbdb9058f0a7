//! Finger from nothing to a service, in twelve steps.
#![forbid(unsafe_code)]
pub mod finger;
