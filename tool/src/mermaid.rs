//! The drawing program of the diagrams, taken from the locked mdbook-mermaid crate.

/// The program.
pub(crate) const SCRIPT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/mermaid.min.js"));

/// What its file is called in the site.
pub(crate) const NAME: &str = "mermaid.min.js";
