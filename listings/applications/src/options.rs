//! What stands behind the kind of an endpoint: options by their position, and options with keys.
use crate::words::{EndpointError, Word, words};
use std::{ops::Range, path::Path, time::Duration};

/// The words of one endpoint, for the code that knows what they mean. A kind takes those that it
/// knows; what it leaves is an error of the string.
///
/// ```
/// use applications::{EndpointError, Options};
///
/// let mut options = Options::parse("tcp:4080:interface=127.0.0.1")?;
/// assert_eq!(options.kind(), "tcp");
/// assert_eq!(options.number("port")?, Some(4080));
/// assert_eq!(options.text("interface")?.as_deref(), Some("127.0.0.1"));
/// options.finish()?;
/// # Ok::<(), EndpointError>(())
/// ```
pub struct Options {
    text: String,
    kind: Word,
    /// In their order; each is taken once.
    positional: Vec<Word>,
    keyed: Vec<Word>,
    /// Behind the last word, for what is missing.
    end: usize,
    /// Where the value that was taken last stands: an error about it points there.
    last: Range<usize>,
}

impl Options {
    /// Parts a string into its words.
    ///
    /// # Errors
    /// A backslash at the end; a key that is there twice; a value without a key behind one that has
    /// one.
    pub fn parse(text: &str) -> Result<Options, EndpointError> {
        let mut found = words(text)?.into_iter();
        let kind = found.next().unwrap_or_else(|| Word::new(0));
        let mut options = Options {
            text: text.to_owned(),
            end: kind.at.end,
            last: kind.at.clone(),
            kind,
            positional: Vec::new(),
            keyed: Vec::new(),
        };
        for word in found {
            options.end = word.at.end;
            // Nothing behind the last colon, as in `stdio:`, is no word.
            if word.at.is_empty() && word.at.end == text.len() {
                continue;
            }
            if word.key.is_none() {
                if !options.keyed.is_empty() {
                    return Err(options.unnamed(&word));
                }
                options.positional.push(word);
            } else if options.keyed.iter().any(|other| other.key == word.key) {
                return Err(options.error(word.at, "this is there twice"));
            } else {
                options.keyed.push(word);
            }
        }
        Ok(options)
    }

    /// Returns what stands before the first colon; empty when it is no kind, but an option.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self.kind.key {
            None => &self.kind.value,
            Some(_) => "",
        }
    }

    pub(crate) fn kind_error(&self, kinds: &str) -> EndpointError {
        let what = match (&self.kind.key, self.kind.value.as_str()) {
            (Some(_), _) => format!("an endpoint begins with its kind: {kinds}"),
            (None, "") => format!("the kind is missing; the kinds are {kinds}"),
            _ => format!("this kind is not known; the kinds are {kinds}"),
        };
        self.error(self.kind.at.clone(), what)
    }

    /// Takes the value with that key, or the next one without a key.
    ///
    /// # Errors
    /// It is there in both ways.
    pub fn positional(&mut self, key: &str) -> Result<Option<String>, EndpointError> {
        let named = self.named(key);
        let positional = (!self.positional.is_empty()).then(|| self.positional.remove(0));
        match (positional, named) {
            (Some(_), Some(named)) => {
                let what = format!("the {key} is there twice: once without its name");
                Err(self.error(named.at, what))
            }
            (positional, named) => Ok(positional.or(named).map(|word| self.take_value(word))),
        }
    }

    /// Takes the value with that key.
    ///
    /// # Errors
    /// The value is empty.
    pub fn text(&mut self, key: &str) -> Result<Option<String>, EndpointError> {
        match self.named(key).map(|word| self.take_value(word)) {
            Some(value) if value.is_empty() => Err(self.wrong("this is empty")),
            value => Ok(value),
        }
    }

    /// Takes a port: by its position, or with that key.
    ///
    /// # Errors
    /// It is no number from 0 to 65535.
    pub fn number(&mut self, key: &str) -> Result<Option<u16>, EndpointError> {
        let Some(value) = self.positional(key)? else {
            return Ok(None);
        };
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        match value.parse().ok().filter(|_| digits) {
            Some(number) => Ok(Some(number)),
            None => Err(self.wrong(format!("this is no {key}: a number from 0 to 65535"))),
        }
    }

    /// Takes a time in seconds, such as `2` or `0.5`.
    ///
    /// # Errors
    /// It is no number, or not above 0, or more than a year.
    pub fn seconds(&mut self, key: &str) -> Result<Option<Duration>, EndpointError> {
        const YEAR: f64 = 365.0 * 86_400.0;
        let Some(value) = self.text(key)? else {
            return Ok(None);
        };
        match value.parse::<f64>() {
            Ok(seconds) if seconds > 0.0 && seconds <= YEAR => {
                Ok(Some(Duration::from_secs_f64(seconds)))
            }
            _ => Err(self.wrong("this is no time in seconds, such as 2 or 0.5")),
        }
    }

    /// Takes the name of a file and reads it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn file(&mut self, key: &str) -> Result<Option<Vec<u8>>, EndpointError> {
        let Some(path) = self.text(key)? else {
            return Ok(None);
        };
        match std::fs::read(Path::new(&path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) => Err(self.wrong(format!("this file cannot be read: {error}"))),
        }
    }

    /// Returns an error that points at the value that was taken last.
    #[must_use]
    pub fn wrong(&self, what: impl Into<String>) -> EndpointError {
        self.error(self.last.clone(), what)
    }

    /// Returns an error that points behind the last word: something is not there.
    #[must_use]
    pub fn missing(&self, what: impl Into<String>) -> EndpointError {
        self.error(self.end..self.end, what)
    }

    /// Says that nothing may be left.
    ///
    /// # Errors
    /// Something is: it points at the first of it.
    pub fn finish(&self) -> Result<(), EndpointError> {
        if let Some(word) = self.positional.first() {
            return Err(self.unnamed(word));
        }
        match self.keyed.first() {
            None => Ok(()),
            Some(word) => {
                let what = "this kind of endpoint does not know this";
                Err(self.error(word.at.clone(), what))
            }
        }
    }

    fn named(&mut self, key: &str) -> Option<Word> {
        let mut keyed = self.keyed.iter();
        let at = keyed.position(|word| word.key.as_deref() == Some(key))?;
        Some(self.keyed.remove(at))
    }

    fn take_value(&mut self, word: Word) -> String {
        self.last = word.value_at;
        word.value
    }

    fn unnamed(&self, word: &Word) -> EndpointError {
        let what = "this has no name: write key=value (and \\: for a colon in a value)";
        self.error(word.at.clone(), what)
    }

    fn error(&self, at: Range<usize>, what: impl Into<String>) -> EndpointError {
        EndpointError::new(&self.text, at, what)
    }
}
