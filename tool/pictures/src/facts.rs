//! What an event says beyond its kind, read from its attributes once.
use trace::{Kind, read::Event};

/// How a connection ended, on the side that the event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// In good order, by whomever.
    Closed,
    /// Its own code threw it away.
    Reset,
    /// The peer or the network did.
    Failed,
    /// Whoever recorded it did not say who ended it.
    Over,
}

impl Loss {
    /// Of a `conn.lost`.
    pub(super) fn of(event: &Event) -> Option<Loss> {
        if !event.is(Kind::ConnLost) {
            return None;
        }
        Some(match event.text("by") {
            _ if event.flag("error") => Loss::Failed,
            _ if event.flag("reset") => Loss::Reset,
            Some(_) => Loss::Closed,
            None => Loss::Over,
        })
    }
}
