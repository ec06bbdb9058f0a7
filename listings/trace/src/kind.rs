//! The names that a trace uses: kinds of events and prefixes of objects.

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What happened. The text form (`timer.set`) is what stands in the file.
        ///
        /// ```
        /// assert_eq!(trace::Kind::TimerSet.name(), "timer.set");
        /// assert_eq!(trace::Kind::Db("query").name(), "db.query");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* $name,)*
            /// Something about a database; the word follows `db.`.
            Db(&'static str),
            /// Something about HTTP; the word follows `http.`.
            Http(&'static str),
            /// Something about a user interface; the word follows `ui.`.
            Ui(&'static str),
        }

        impl Kind {
            /// Every kind that has a fixed name, in the order of the table in the README.
            pub const ALL: &'static [Kind] = &[$(Kind::$name,)*];

            /// Returns the kind of that fixed name, if there is one.
            ///
            /// ```
            /// assert_eq!(trace::Kind::named("timer.set"), Some(trace::Kind::TimerSet));
            /// assert_eq!(trace::Kind::named("db.query"), None);
            /// ```
            pub fn named(text: &str) -> Option<Kind> {
                match text {
                    $($text => Some(Kind::$name),)*
                    _ => None,
                }
            }

            /// As it stands in the file: `timer.set`.
            pub fn name(self) -> String {
                match self {
                    $(Kind::$name => $text.to_owned(),)*
                    Kind::Db(word) => format!("db.{word}"),
                    Kind::Http(word) => format!("http.{word}"),
                    Kind::Ui(word) => format!("ui.{word}"),
                }
            }
        }
    };
}

kinds! {
    /// The recording begins. Written by [`crate::start()`].
    RunStart = "run.start",
    /// The recording ends. Written by [`crate::Recording`].
    RunEnd = "run.end",
    /// The program printed a line (attribute `text`).
    Out = "out",
    /// A remark for the reader of the diagram (attribute `text`).
    Note = "note",
    /// A turn of the loop begins.
    TurnStart = "turn.start",
    /// A phase of the turn begins (attribute `phase`: `calls`, `timers`, `wait`, `ready`, `tasks`).
    TurnPhase = "turn.phase",
    /// The wait of a turn is over (attributes `by`: `timer`, `io`, `thread` or `limit`; `on`: the
    /// timer or the socket). A turn that had work did not wait, and has none.
    TurnWoke = "turn.woke",
    /// A turn of the loop ends.
    TurnEnd = "turn.end",
    /// A call is asked for later (attribute `delay`, in nanoseconds).
    TimerSet = "timer.set",
    /// The time has come; what is called runs inside this event.
    TimerFire = "timer.fire",
    /// The call will not happen.
    TimerCancel = "timer.cancel",
    /// A call was put into the reactor's queue: `call_soon`, or from a thread (attribute `from`).
    CallQueue = "call.queue",
    /// A call from the queue runs inside this event.
    CallRun = "call.run",
    /// A source is registered with the poll.
    IoWatch = "io.watch",
    /// A socket has no source any more; it stays open.
    IoForget = "io.forget",
    /// A source became ready (attribute `what`: `read`, `write`, `read+write`, …); its owner runs
    /// inside this event.
    IoReady = "io.ready",
    /// A connection is asked for, or a listener is opened (attribute `to` or `at`).
    ConnOpen = "conn.open",
    /// A connection is there, on either side (attributes `peer`, `other`).
    ConnMade = "conn.made",
    /// A connection is gone (attributes `by`: `us`, `peer` or `network`; `reset`; `why`).
    ConnLost = "conn.lost",
    /// Bytes were read (attributes `bytes` and, where short, `text`).
    DataIn = "data.in",
    /// Bytes were written (attributes `bytes` and, where short, `text`).
    DataOut = "data.out",
    /// A datagram that was sent has not arrived, and the network said so (attributes `error`,
    /// `why`).
    DataLost = "data.lost",
    /// The producer is asked to wait.
    WritePause = "write.pause",
    /// The producer may go on.
    WriteResume = "write.resume",
    /// A Deferred is made.
    DfNew = "df.new",
    /// A stage is added (attributes `stage`: `callback`, `errback`, `callbacks` or `both`; `name`).
    DfAdd = "df.add",
    /// A Deferred gets its result (attribute `rail`: `ok` or `err`).
    DfFire = "df.fire",
    /// A Deferred is cancelled.
    DfCancel = "df.cancel",
    /// A Deferred waits.
    DfPause = "df.pause",
    /// A Deferred goes on.
    DfResume = "df.resume",
    /// A Deferred waits for another one (attribute `on`: that object; `explicit`, when it was
    /// chained by hand).
    DfChain = "df.chain",
    /// A Deferred is gone (attribute `unhandled`: the failure that was not handled).
    DfDrop = "df.drop",
    /// A stage runs (attributes `i`: which, `rail`: where it stands).
    CbStart = "cb.start",
    /// A stage is done (attribute `rail`: where its outcome goes).
    CbEnd = "cb.end",
    /// A task is made.
    TaskSpawn = "task.spawn",
    /// A task is polled; it runs inside this event.
    TaskPoll = "task.poll",
    /// A task was polled and waits; the site is where it stands.
    TaskWait = "task.wait",
    /// A task is woken.
    TaskWake = "task.wake",
    /// A task is gone (attribute `why`: `done`, `cancelled`, `panicked`, or `dropped` with its
    /// reactor).
    TaskDrop = "task.drop",
    /// A Deferred waits in the queue of a lock (attribute `who`: a Deferred).
    LockJoin = "lock.join",
    /// A Deferred holds a lock, or one of its tokens (attributes `who`, `size`: how many may).
    LockEnter = "lock.enter",
    /// A Deferred lets go of a lock, or leaves the queue (attribute `who`).
    LockLeave = "lock.leave",
    /// Work is handed to another thread.
    JobQueue = "job.queue",
    /// The work. Recorded when its result is back, because the other thread records nothing.
    JobStart = "job.start",
    /// The work is done.
    JobEnd = "job.end",
}

impl Kind {
    /// Returns the kind that closes this one, if it is one that must be closed.
    pub fn end(self) -> Option<Kind> {
        match self {
            Kind::RunStart => Some(Kind::RunEnd),
            Kind::TurnStart => Some(Kind::TurnEnd),
            Kind::CbStart => Some(Kind::CbEnd),
            Kind::JobStart => Some(Kind::JobEnd),
            _ => None,
        }
    }

    /// Returns whether it belongs to the loop itself and so to no host.
    pub fn of_the_loop(self) -> bool {
        use Kind::{RunEnd, RunStart, TurnEnd, TurnPhase, TurnStart, TurnWoke};
        matches!(
            self,
            RunStart | RunEnd | TurnStart | TurnPhase | TurnWoke | TurnEnd
        )
    }
}

/// What sort of thing an [`crate::Object`] is: the letter before its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prefix {
    /// `d`: a Deferred.
    Deferred,
    /// `c`: one side of a connection.
    Connection,
    /// `l`: a listener.
    Listener,
    /// `p`: a port for datagrams.
    Port,
    /// `t`: a timer (a delayed call).
    Timer,
    /// `s`: a call from the queue (`call_soon`, or from a thread).
    Call,
    /// `j`: work in another thread.
    Job,
    /// `k`: a task.
    Task,
    /// `m`: a lock or a semaphore (mutual exclusion).
    Lock,
    /// `q`: a query.
    Query,
    /// `r`: a request.
    Request,
    /// `w`: another source that the poll watches, such as a signal.
    Watch,
    /// `u`: a part of a user interface.
    Widget,
}

impl Prefix {
    /// Every prefix.
    pub const ALL: &'static [Prefix] = &[
        Prefix::Deferred,
        Prefix::Connection,
        Prefix::Listener,
        Prefix::Port,
        Prefix::Timer,
        Prefix::Call,
        Prefix::Job,
        Prefix::Task,
        Prefix::Lock,
        Prefix::Query,
        Prefix::Request,
        Prefix::Watch,
        Prefix::Widget,
    ];

    /// Returns the letter.
    pub fn letter(self) -> char {
        match self {
            Prefix::Deferred => 'd',
            Prefix::Connection => 'c',
            Prefix::Listener => 'l',
            Prefix::Port => 'p',
            Prefix::Timer => 't',
            Prefix::Call => 's',
            Prefix::Job => 'j',
            Prefix::Task => 'k',
            Prefix::Lock => 'm',
            Prefix::Query => 'q',
            Prefix::Request => 'r',
            Prefix::Watch => 'w',
            Prefix::Widget => 'u',
        }
    }
}
