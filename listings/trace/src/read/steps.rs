//! A run as sentences.
use super::{Look, Trace};
use crate::Kind;

pub(super) fn steps(trace: &Trace, _look: &Look) -> Vec<String> {
    trace
        .events
        .iter()
        .filter(|event| event.is(Kind::Out))
        .filter_map(|event| event.text("text"))
        .map(|text| format!("Before the first turn, 0 ms: the program prints “{text}”."))
        .collect()
}
