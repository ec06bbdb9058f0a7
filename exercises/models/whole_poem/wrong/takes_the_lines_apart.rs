//! Wrong: takes the lines apart and puts them together differently.

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

    if poem.len() < length {
        return Err(Problem::Truncated(length - poem.len()));
    }
    if poem.len() > length {
        return Err(Problem::TooMuch(poem.len() - length));
    }

    let poem = str::from_utf8(poem).map_err(|_| Problem::NotText)?;
    Ok(poem.lines().collect::<Vec<_>>().join("\n"))
}
