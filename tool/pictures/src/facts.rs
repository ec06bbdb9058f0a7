//! What an event says by itself beyond its kind, read from its attributes once. What needs other
//! events is in `story.rs`.
use trace::{Kind, Prefix, read::Event};

/// What an event is about, by the first word of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Turns, timers, calls from the queue, and all that has no other family.
    Loop,
    /// What is printed, and remarks.
    Said,
    /// Sockets, and what passes through them.
    Connection,
    /// Deferreds and their stages.
    Deferred,
    Task,
    /// Work in another thread.
    Job,
}

impl Family {
    pub(super) fn of(event: &Event) -> Family {
        match event.kind.split('.').next() {
            Some("out" | "note") => Family::Said,
            Some("io" | "conn" | "data" | "write") => Family::Connection,
            Some("df" | "cb") => Family::Deferred,
            Some("task") => Family::Task,
            Some("job") => Family::Job,
            _ => Family::Loop,
        }
    }
}

/// Returns the sort of an object, by the letter before its number.
pub(super) fn sort(object: &str) -> Option<Prefix> {
    let letter = object.chars().next()?;
    let all = Prefix::ALL.iter();
    all.copied().find(|prefix| prefix.letter() == letter)
}

/// Returns the sort of the object that an event is about.
pub(super) fn sort_of(event: &Event) -> Option<Prefix> {
    sort(event.object.as_deref()?)
}

/// Who put a call into the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Queued {
    /// The wish to stop.
    Stop,
    /// Another thread.
    Thread,
    /// The program itself.
    Here,
}

impl Queued {
    /// Of a `call.queue`.
    pub(super) fn of(event: &Event) -> Queued {
        match (event.text("name"), event.text("from")) {
            (Some("stop"), _) => Queued::Stop,
            (_, Some("thread")) => Queued::Thread,
            _ => Queued::Here,
        }
    }
}

/// What a source is ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ready<'a> {
    Read,
    Write,
    ReadWrite,
    /// Reading, to the end.
    End,
    /// Writing, and reading to the end.
    WriteAndEnd,
    Closed,
    Failed,
    Signal(&'a str),
    /// In the words of the trace.
    Other(&'a str),
    Unknown,
}

impl Ready<'_> {
    /// Of an `io.ready`.
    pub(super) fn of(event: &Event) -> Ready<'_> {
        if let Some(signal) = event.text("signal") {
            return Ready::Signal(signal);
        }
        match event.text("what") {
            Some("read") => Ready::Read,
            Some("write") => Ready::Write,
            Some("read+write") => Ready::ReadWrite,
            Some("read+closed") => Ready::End,
            Some("read+write+closed") => Ready::WriteAndEnd,
            Some("read+write+closed+write_closed") => Ready::Closed,
            Some("read+write+closed+write_closed+error") => Ready::Failed,
            Some(what) => Ready::Other(what),
            None => Ready::Unknown,
        }
    }
}

/// What happens to a Deferred besides its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Cancelled,
    Paused,
    Resumed,
}

impl Mark {
    pub(super) fn of(event: &Event) -> Option<Mark> {
        match event.known? {
            Kind::DfCancel => Some(Mark::Cancelled),
            Kind::DfPause => Some(Mark::Paused),
            Kind::DfResume => Some(Mark::Resumed),
            _ => None,
        }
    }
}

/// How a connection ended, on the side that the event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// In good order, by either side.
    Closed,
    /// Its own code threw it away.
    Reset,
    /// The peer or the network did.
    Failed,
    /// The recording does not say who ended it.
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
pub(super) enum TaskEnd {
    Done,
    Cancelled,
    Panicked,
    /// With its reactor.
    Dropped,
}

impl TaskEnd {
    /// Of a `task.drop`; nothing where it does not say.
    pub(super) fn of(event: &Event) -> Option<TaskEnd> {
        if !event.is(Kind::TaskDrop) {
            return None;
        }
        match event.text("why")? {
            "cancelled" => Some(TaskEnd::Cancelled),
            "panicked" => Some(TaskEnd::Panicked),
            "dropped" => Some(TaskEnd::Dropped),
            _ => Some(TaskEnd::Done),
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            TaskEnd::Done => "done",
            TaskEnd::Cancelled => "cancelled",
            TaskEnd::Panicked => "panicked",
            TaskEnd::Dropped => "dropped",
        }
    }
}

/// Which results a stage looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StageKind {
    Callback,
    Errback,
    /// Two functions, of which one is called.
    Pair,
    Both,
}

impl StageKind {
    /// Of a `df.add`.
    pub(super) fn of(event: &Event) -> StageKind {
        match event.text("stage") {
            Some("callback") => StageKind::Callback,
            Some("errback") => StageKind::Errback,
            Some("callbacks") => StageKind::Pair,
            _ => StageKind::Both,
        }
    }

    /// In a sentence.
    pub(super) fn named(self) -> &'static str {
        match self {
            StageKind::Callback => "the callback",
            StageKind::Errback => "the errback",
            StageKind::Pair => "the pair",
            StageKind::Both => "the stage for both rails",
        }
    }

    /// As the classes of the figure call it.
    pub(super) fn class(self) -> &'static str {
        match self {
            StageKind::Callback => "callback",
            StageKind::Errback => "errback",
            StageKind::Pair => "callbacks",
            StageKind::Both => "both",
        }
    }
}
