//! The chain diagram of a run, in mermaid.
use super::{Look, Trace, mermaid};

pub(super) fn chain(trace: &Trace, look: &Look) -> String {
    let _ = trace;
    format!(
        "flowchart TD\n    accTitle: {}\n",
        mermaid::label(&look.title)
    )
}
