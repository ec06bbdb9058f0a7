//! The tokio twins of the models chapter, and its measurements.
