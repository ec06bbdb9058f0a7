//! Wrong: believes that every server is polite.

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
    let text = String::from_utf8_lossy(received);
    let length: usize = text.lines().next().unwrap().parse().unwrap();
    let poem = &received[text.find('\n').unwrap() + 1..];

    if poem.len() < length {
        return Err(Problem::Truncated(length - poem.len()));
    }
    if poem.len() > length {
        return Err(Problem::TooMuch(poem.len() - length));
    }

    String::from_utf8(poem.to_vec()).map_err(|_| Problem::NotText)
}
