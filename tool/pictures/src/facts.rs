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

/// How a task went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gone {
    Done,
    Cancelled,
    Panicked,
    /// With its reactor.
    Dropped,
}

impl Gone {
    /// Of a `task.drop`; nothing where it does not say.
    pub(super) fn of(event: &Event) -> Option<Gone> {
        if !event.is(Kind::TaskDrop) {
            return None;
        }
        match event.text("why")? {
            "cancelled" => Some(Gone::Cancelled),
            "panicked" => Some(Gone::Panicked),
            "dropped" => Some(Gone::Dropped),
            _ => Some(Gone::Done),
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Gone::Done => "done",
            Gone::Cancelled => "cancelled",
            Gone::Panicked => "panicked",
            Gone::Dropped => "dropped",
        }
    }
}

/// Which results a stage looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Adds {
    Callback,
    Errback,
    /// Two functions, of which one is called.
    Pair,
    Both,
}

impl Adds {
    /// Of a `df.add`.
    pub(super) fn of(event: &Event) -> Adds {
        match event.text("stage") {
            Some("callback") => Adds::Callback,
            Some("errback") => Adds::Errback,
            Some("callbacks") => Adds::Pair,
            _ => Adds::Both,
        }
    }

    /// In a sentence.
    pub(super) fn named(self) -> &'static str {
        match self {
            Adds::Callback => "the callback",
            Adds::Errback => "the errback",
            Adds::Pair => "the pair",
            Adds::Both => "the stage for both rails",
        }
    }

    /// As the classes of the figure call it.
    pub(super) fn class(self) -> &'static str {
        match self {
            Adds::Callback => "callback",
            Adds::Errback => "errback",
            Adds::Pair => "callbacks",
            Adds::Both => "both",
        }
    }
}
