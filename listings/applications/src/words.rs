//! The words of an endpoint's string, with its escapes, and where each stands.
use std::{error::Error, fmt, ops::Range};

/// One part between two colons: `key=value`, or a value without a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Before the first `=` that is not escaped.
    pub(crate) key: Option<String>,
    pub(crate) value: String,
    /// Where it stands in the string, in bytes.
    pub(crate) at: Range<usize>,
    /// Where its value stands.
    pub(crate) value_at: Range<usize>,
}

/// Splits a string at its colons. A backslash takes away the meaning of the character behind it.
pub(crate) fn words(text: &str) -> Result<Vec<Word>, EndpointError> {
    let mut words = Vec::new();
    let mut word = Word::new(0);
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some((_, escaped)) => word.value.push(escaped),
                None => {
                    let what = "a backslash at the end escapes nothing; write two for one";
                    return Err(EndpointError::new(text, at..at + 1, what));
                }
            },
            ':' => {
                words.push(word.ending(at));
                word = Word::new(at + 1);
            }
            // Only the first one: a value may hold others without an escape.
            '=' if word.key.is_none() => {
                word.key = Some(std::mem::take(&mut word.value));
                word.value_at.start = at + 1;
            }
            other => word.value.push(other),
        }
    }
    words.push(word.ending(text.len()));
    Ok(words)
}

impl Word {
    pub(crate) fn new(at: usize) -> Word {
        Word {
            key: None,
            value: String::new(),
            at: at..at,
            value_at: at..at,
        }
    }

    fn ending(mut self, at: usize) -> Word {
        self.at.end = at;
        self.value_at.end = at;
        self
    }
}

/// Puts a backslash before each character that has a meaning in an endpoint's string.
///
/// ```
/// let path = "/srv/a:b";
/// assert_eq!(applications::escaped(path), r"/srv/a\:b");
/// ```
#[must_use]
pub fn escaped(value: &str) -> String {
    let mut text = String::new();
    for character in value.chars() {
        if matches!(character, ':' | '\\' | '=') {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

/// What is wrong with an endpoint's string, and where: `Display` points at the place. Typically
/// caused by a typing mistake in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointError {
    text: String,
    at: Range<usize>,
    what: String,
}

impl EndpointError {
    pub(crate) fn new(text: &str, at: Range<usize>, what: impl Into<String>) -> EndpointError {
        EndpointError {
            text: text.to_owned(),
            at,
            what: what.into(),
        }
    }

    /// Returns where the string is wrong, in bytes from its beginning. It is empty where something
    /// is missing.
    #[must_use]
    pub fn at(&self) -> Range<usize> {
        self.at.clone()
    }

    /// Returns what is wrong there, without the string.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A line feed or a tab would move the mark away from its place.
        let shown = |text: &str| text.replace(|c: char| c.is_control(), "\u{fffd}");
        let before = self.text[..self.at.start].chars().count();
        let marked = self.text[self.at.clone()].chars().count().max(1);
        let (space, mark) = (" ".repeat(before), "^".repeat(marked));
        write!(f, "{}\n{space}{mark} {}", shown(&self.text), self.what)
    }
}

impl Error for EndpointError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keys_and_escapes() {
        let found = words(r"unix:/a\:b:mode=6\=6=0").unwrap();
        let parts: Vec<_> = found
            .iter()
            .map(|word| (word.key.as_deref(), word.value.as_str()))
            .collect();
        assert_eq!(
            parts,
            [(None, "unix"), (None, "/a:b"), (Some("mode"), "6=6=0")]
        );
        assert_eq!(found[2].at, 11..22);
        assert_eq!(found[2].value_at, 16..22);
        assert_eq!(words("").unwrap().len(), 1);
    }

    #[test]
    fn what_is_escaped_comes_back() {
        for value in ["", "plain", r"a:b\c=d", r"\\", "größe:詩"] {
            let found = words(&escaped(value)).unwrap();
            assert_eq!((found.len(), found[0].value.as_str()), (1, value));
            assert_eq!(found[0].key, None);
        }
    }

    #[test]
    fn the_mark_stands_below_what_is_wrong() {
        let error = words("unix:größe\\").unwrap_err();
        assert_eq!(
            error.to_string(),
            "unix:größe\\\n          ^ a backslash at the end escapes nothing; write two for one"
        );
        let error = EndpointError::new("tcp:\n80", 4..7, "no");
        assert_eq!(error.to_string(), "tcp:\u{fffd}80\n    ^^^ no");
    }
}
