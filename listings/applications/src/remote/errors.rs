//! Errors of calls: those of this module, and yours, which keep their types.
use deferreds::Failure;
use protocols::RemoteError;
use std::{error::Error, fmt, rc::Rc};

type Write = Rc<dyn Fn(&Failure) -> Option<String>>;
type Read = Rc<dyn Fn(&str) -> Failure>;

/// The errors that go over the wire as themselves: a code for each, and a text in between.
#[derive(Clone)]
pub(super) struct Errors(Vec<(String, Write, Read)>);

impl Default for Errors {
    fn default() -> Errors {
        let mut errors = Errors(Vec::new());
        errors.add(
            "NO_METHOD",
            |e: &NoMethod| e.0.clone(),
            |text| NoMethod(text.into()),
        );
        errors.add("NO_OBJECT", |_: &NoObject| String::new(), |_| NoObject);
        errors.add(
            "NOT_PASSED",
            |e: &NotPassed| e.0.clone(),
            |text| NotPassed(text.into()),
        );
        errors
    }
}

impl Errors {
    pub(super) fn add<E: Error + Send + Sync + 'static>(
        &mut self,
        code: &str,
        write: impl Fn(&E) -> String + 'static,
        read: impl Fn(&str) -> E + 'static,
    ) {
        let write = move |failure: &Failure| failure.check::<E>().map(&write);
        let read = move |text: &str| Failure::new(read(text));
        self.0
            .push((code.to_owned(), Rc::new(write), Rc::new(read)));
    }

    /// Returns, of an error that both sides know, its code and its text; any other failure stays,
    /// and is reported by the connection.
    pub(super) fn written(&self, failure: Failure) -> Failure {
        let mut known = self.0.iter();
        let found = known.find_map(|(code, write, _)| Some((code, write(&failure)?)));
        match found {
            Some((code, text)) => Failure::new(RemoteError::new(code, &text)),
            None => failure,
        }
    }

    /// Returns the error that the other side failed with.
    pub(super) fn read(&self, failure: Failure) -> Failure {
        let Some(error) = failure.check::<RemoteError>() else {
            return failure;
        };
        let mut known = self.0.iter();
        match known.find(|(code, ..)| *code == error.code) {
            Some((_, _, read)) => read(&error.description),
            None => failure,
        }
    }
}

/// The object has no such method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoMethod(pub String);

impl fmt::Display for NoMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the object has no method {:?}", self.0)
    }
}

impl Error for NoMethod {}

/// What was called is no object, or none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoObject;

impl fmt::Display for NoObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no such object")
    }
}

impl Error for NoObject {}

/// Something that a call or an answer was to pass cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotPassed(pub String);

impl fmt::Display for NotPassed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot be passed: {}", self.0)
    }
}

impl Error for NotPassed {}

/// The connection to the object is gone. Whether the call was carried out is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerLost;

impl fmt::Display for ServerLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection to the object is lost")
    }
}

impl Error for ServerLost {}
