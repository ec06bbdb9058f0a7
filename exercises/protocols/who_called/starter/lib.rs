//! Who called `connection_lost`: you find out.

/// Whose work it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A socket became ready.
    Readiness,
    /// A turn ended.
    EndOfTurn,
    /// The reactor was dropped.
    Drop,
}

/// Finds the caller in a stack, the innermost call first.
pub fn who_called(stack: &str) -> Option<Caller> {
    // Whatever has a turn in it is taken for the end of one.
    stack.contains("turn").then_some(Caller::EndOfTurn)
}
