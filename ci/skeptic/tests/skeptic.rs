//! A test for each block of the text; skeptic writes them.
include!(concat!(env!("OUT_DIR"), "/skeptic-tests.rs"));
