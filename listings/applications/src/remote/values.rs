//! What is passed in a call and in its answer: bytes, and objects of either side.
use super::{Callable, NotPassed, Reference};
use std::{collections::BTreeMap, error::Error, fmt, rc::Rc};

/// One value of a call or an answer.
#[derive(Clone)]
pub enum Value {
    /// Bytes, which are copied; 65,535 at most.
    Bytes(Vec<u8>),
    /// An object of this side. The other side gets a [`Reference`] to it.
    Own(Rc<dyn Callable>),
    /// An object of the other side. Sent back to where it lives, it is the object itself again.
    Other(Reference),
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Bytes(text.as_bytes().to_vec())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Bytes(text.into_bytes())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Value {
        Value::Bytes(bytes)
    }
}

impl From<Rc<dyn Callable>> for Value {
    fn from(object: Rc<dyn Callable>) -> Value {
        Value::Own(object)
    }
}

impl From<Reference> for Value {
    fn from(reference: Reference) -> Value {
        Value::Other(reference)
    }
}

/// The values of a call or an answer, by name.
///
/// ```
/// use applications::remote::Values;
/// let values = Values::new().with("poem", "wind").with("line", 2.to_string());
/// assert_eq!(values.text("poem")?, "wind");
/// assert_eq!(values.number("line")?, 2);
/// let error = values.text("author").unwrap_err();
/// assert_eq!(error.to_string(), "no text is passed as \"author\"");
/// # Ok::<(), applications::remote::Missing>(())
/// ```
#[derive(Clone, Default)]
pub struct Values(BTreeMap<String, Value>);

impl Values {
    /// Returns none yet.
    #[must_use]
    pub fn new() -> Values {
        Values::default()
    }

    /// Returns the same, and one more. A second value of a name takes the first one's place.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Values {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Returns a text.
    ///
    /// # Errors
    /// [`Missing`] when there is none of that name, or it is no UTF-8.
    pub fn text(&self, name: &str) -> Result<&str, Missing> {
        let text = match self.0.get(name) {
            Some(Value::Bytes(bytes)) => std::str::from_utf8(bytes).ok(),
            _ => None,
        };
        text.ok_or_else(|| Missing::new("text", name))
    }

    /// Returns a number, which is passed as decimal digits.
    ///
    /// # Errors
    /// [`Missing`] when there is none of that name.
    pub fn number(&self, name: &str) -> Result<u64, Missing> {
        let number = self.text(name).ok().and_then(|text| text.parse().ok());
        number.ok_or_else(|| Missing::new("number", name))
    }

    /// Returns bytes.
    ///
    /// # Errors
    /// [`Missing`] when there are none of that name.
    pub fn bytes(&self, name: &str) -> Result<&[u8], Missing> {
        match self.0.get(name) {
            Some(Value::Bytes(bytes)) => Ok(bytes),
            _ => Err(Missing::new("bytes", name)),
        }
    }

    /// Returns an object of the other side.
    ///
    /// # Errors
    /// [`Missing`] when there is none of that name.
    pub fn reference(&self, name: &str) -> Result<Reference, Missing> {
        match self.0.get(name) {
            Some(Value::Other(reference)) => Ok(reference.clone()),
            _ => Err(Missing::new("object of the other side", name)),
        }
    }

    /// Returns an object of this side, which has come back.
    ///
    /// # Errors
    /// [`Missing`] when there is none of that name.
    pub fn own(&self, name: &str) -> Result<Rc<dyn Callable>, Missing> {
        match self.0.get(name) {
            Some(Value::Own(object)) => Ok(Rc::clone(object)),
            _ => Err(Missing::new("object of this side", name)),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(super) fn insert(&mut self, name: String, value: Value) {
        self.0.insert(name, value);
    }

    /// Whether all names and bytes can be sent: said before anything is.
    pub(super) fn check(&self) -> Result<(), NotPassed> {
        for (name, value) in self.iter() {
            // A name has one byte more on the wire, and AMP's keys have 255.
            if name.is_empty() || name.len() > 254 {
                return Err(NotPassed(format!(
                    "the name {name:?} has {} bytes; a name has 1 to 254",
                    name.len()
                )));
            }
            if let Value::Bytes(bytes) = value
                && bytes.len() > usize::from(u16::MAX)
            {
                return Err(NotPassed(format!(
                    "{name:?} has {} bytes; a value has at most 65,535",
                    bytes.len()
                )));
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What was to be passed is not there, or is something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    what: String,
    name: String,
}

impl Missing {
    fn new(what: &str, name: &str) -> Missing {
        let (what, name) = (what.to_owned(), name.to_owned());
        Missing { what, name }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {} is passed as {:?}", self.what, self.name)
    }
}

impl Error for Missing {}
