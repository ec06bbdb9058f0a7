//! Wrong: counts characters.

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
    let mut parts = received.splitn(2, |&byte| byte == b'\n');
    let first_line = parts.next().unwrap_or_default();
    let poem = parts.next().ok_or(Problem::NoLength)?;
    let length: usize = str::from_utf8(first_line)
        .ok()
        .and_then(|line| line.parse().ok())
        .ok_or(Problem::NoLength)?;

    let poem = String::from_utf8(poem.to_vec()).map_err(|_| Problem::NotText)?;
    let came = poem.chars().count();
    if came < length {
        return Err(Problem::Truncated(length - came));
    }
    if came > length {
        return Err(Problem::TooMuch(came - length));
    }
    Ok(poem)
}
