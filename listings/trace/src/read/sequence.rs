//! The sequence diagram of a run, in mermaid.
use super::{Look, Trace, mermaid};

pub(super) fn sequence(trace: &Trace, look: &Look) -> String {
    let _ = trace;
    format!(
        "sequenceDiagram\n    accTitle: {}\n",
        mermaid::label(&look.title)
    )
}
