//! Tells a whole poem from half of one.

/// Why what came is not a whole poem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It does not begin with a number and the end of a line.
    NoLength,
    /// So many bytes of the poem are missing.
    Truncated(usize),
    /// So many bytes came after the poem.
    TooMuch(usize),
    /// The poem is not UTF-8.
    NotText,
}

/// The poem in `received`, which is all that came until the server closed.
pub fn whole_poem(received: &[u8]) -> Result<String, Problem> {
    todo!("{received:?}")
}
