//! Responders: which questions a side answers, and how many at once.
use crate::{Asker, KeyValues, RemoteError, asking::AskerProtocol};
use deferreds::{Deferred, maybe_deferred};
use std::{collections::HashMap, rc::Rc};
use transports::{Address, Factory};

type Responder = Rc<dyn Fn(&Asker, KeyValues) -> Deferred<KeyValues>>;
/// What a server calls for each client that has connected.
type OnConnection = Rc<dyn Fn(&Asker)>;

/// What one side of an [`Asker`] answers: a function for each command. Clones are cheap and answer
/// the same.
///
/// A responder is passed the asker, so that it may ask back, and the arguments. It returns a
/// Deferred, so it need not have the answer yet. If that fails with a [`RemoteError`], its code and
/// description are sent; of any other failure the other side hears `UNKNOWN`, and it is reported
/// here. When the connection ends, the Deferreds that are open are cancelled.
#[derive(Clone)]
pub struct Responders {
    by_command: HashMap<Vec<u8>, Responder>,
    on_connection: Option<OnConnection>,
    longest: usize,
    at_once: usize,
}

impl Responders {
    /// Returns one with no command yet; boxes of at most `longest` bytes, and 100 questions at
    /// once.
    #[must_use]
    pub fn new(longest: usize) -> Responders {
        Responders {
            by_command: HashMap::new(),
            on_connection: None,
            longest,
            at_once: 100,
        }
    }

    /// Answers `command` with what `responder` returns. A second one for the same command takes the
    /// first one's place.
    #[must_use]
    pub fn on(
        mut self,
        command: &str,
        responder: impl Fn(&Asker, KeyValues) -> Deferred<KeyValues> + 'static,
    ) -> Responders {
        let command = command.as_bytes().to_vec();
        self.by_command.insert(command, Rc::new(responder));
        self
    }

    /// Calls `on_connection` for each client of a server when it has connected: to ask it
    /// something, or to keep it.
    #[must_use]
    pub fn on_connection(mut self, on_connection: impl Fn(&Asker) + 'static) -> Responders {
        self.on_connection = Some(Rc::new(on_connection));
        self
    }

    /// Answers at most so many questions of a connection at once, and at least one. The peer is not
    /// read while there are so many.
    #[must_use]
    pub fn at_most(mut self, at_once: usize) -> Responders {
        self.at_once = at_once.max(1);
        self
    }

    /// Returns a factory for a server.
    #[must_use]
    pub fn factory(&self) -> Rc<dyn Factory> {
        let responders = self.clone();
        Rc::new(move |_: &Address| AskerProtocol::new(responders.clone(), None))
    }

    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    pub(crate) fn at_once(&self) -> usize {
        self.at_once
    }

    pub(crate) fn connected(&self, asker: &Asker) {
        if let Some(on_connection) = &self.on_connection {
            on_connection(asker);
        }
    }

    pub(crate) fn respond(
        &self,
        asker: &Asker,
        command: &[u8],
        arguments: KeyValues,
    ) -> Deferred<KeyValues> {
        match self.by_command.get(command) {
            Some(responder) => maybe_deferred(|| responder(asker, arguments)),
            None => {
                let name: String = String::from_utf8_lossy(command).chars().take(100).collect();
                let said = format!("Unhandled Command: '{name}'");
                Deferred::fail(RemoteError::new("UNHANDLED", &said))
            }
        }
    }
}
