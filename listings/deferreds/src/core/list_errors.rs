//! What a list of Deferreds fails with.
use crate::Failure;
use std::{error::Error, fmt};

/// The first failure among the members of [`gather_results`](crate::gather_results).
#[derive(Debug)]
pub struct FirstError {
    /// Which member failed, counted from 0.
    pub index: usize,
    /// With what.
    pub failure: Failure,
}

impl fmt::Display for FirstError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "member {} failed: {}", self.index, self.failure)
    }
}

impl Error for FirstError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.failure.error())
    }
}

/// What every member of a [`race`](crate::race) failed with, in the order of the members.
#[derive(Debug)]
pub struct FailureGroup(pub Vec<Failure>);

impl fmt::Display for FailureGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "all {} failed", self.0.len())?;
        for (index, failure) in self.0.iter().enumerate() {
            let mark = if index == 0 { ": " } else { "; " };
            write!(f, "{mark}{failure}")?;
        }
        Ok(())
    }
}

impl Error for FailureGroup {}
