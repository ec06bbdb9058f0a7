//! Events and spans: how a program says what happens.
use crate::{Clock, Kind, Object, Prefix, Value, body::Body, on, recorder};
use std::{fmt, marker::PhantomData, panic::Location};

// Here and not beside `Object`: it asks the recorder, which knows objects.
impl fmt::Display for Object {
    /// `t4`, or `-` when it is not of this thread's recording.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match recorder::with(|r| r.name(*self)) {
            Some((letter, number)) => write!(f, "{letter}{number}"),
            None => f.write_str("-"),
        }
    }
}

/// Names a new thing. It belongs to the current host, and its callbacks run there.
///
/// ```
/// let recording = trace::start(trace::Setup::default());
/// let first = trace::object(trace::Prefix::Timer);
/// let second = trace::object(trace::Prefix::Timer);
/// assert_eq!((first.to_string(), second.to_string()), ("t1".into(), "t2".into()));
/// drop(recording);
/// assert_eq!(trace::object(trace::Prefix::Timer), trace::Object::NONE);
/// ```
#[inline]
#[must_use]
pub fn object(prefix: Prefix) -> Object {
    if on() {
        new_object(prefix)
    } else {
        Object::NONE
    }
}

#[cold]
#[inline(never)]
fn new_object(prefix: Prefix) -> Object {
    recorder::with(|r| r.object(prefix))
}

/// An event that is being described. Nothing of it is evaluated while nothing is recorded.
#[must_use = "an event counts once it is recorded or entered"]
pub struct Event(Option<Box<Body>>);

/// Begins to describe an event; [`Event::record`] or [`Event::enter`] writes it.
///
/// ```
/// use trace::{Kind, Prefix};
/// let recording = trace::start(trace::Setup::default());
/// let timer = trace::object(Prefix::Timer);
/// let set = trace::event(Kind::TimerSet).of(timer).here().attr("delay", || 20_000_000).record();
/// trace::set_clock(20_000_000);
/// let span = trace::event(Kind::TimerFire).of(timer).cause(set).enter();
/// trace::event(Kind::Out).attr("text", || "twenty milliseconds later").record();
/// drop(span);
/// let text = recording.finish();
/// assert!(text.contains(r#"{"n":3,"t":20000000,"w":0,"k":"timer.fire","o":"t1","p":1,"c":[2],"h":0}"#));
/// assert!(text.contains(r#""k":"out","p":3,"#));
/// ```
#[inline]
pub fn event(kind: Kind) -> Event {
    if on() { new_event(kind) } else { Event(None) }
}

#[cold]
#[inline(never)]
fn new_event(kind: Kind) -> Event {
    Event(Some(Box::new(Body::new(kind))))
}

impl Event {
    /// Says which object it is about.
    #[inline]
    pub fn of(mut self, object: Object) -> Self {
        if let Some(body) = &mut self.0 {
            body.object = object;
        }
        self
    }

    /// Why it happened: the number that [`Event::record`] gave for an earlier event. 0 is no cause.
    #[inline]
    pub fn cause(mut self, event: u64) -> Self {
        if let Some(body) = &mut self.0 {
            body.causes.push(event);
        }
        self
    }

    /// Why it happened: the last event that was about `object`.
    #[inline]
    pub fn because_of(self, object: Object) -> Self {
        match self.0 {
            None => Event(None),
            Some(_) => self.cause(last(object)),
        }
    }

    /// It explains nothing that comes later: [`because_of`](Event::because_of) its object still
    /// means the event before.
    #[inline]
    pub fn aside(mut self) -> Self {
        if let Some(body) = &mut self.0 {
            body.aside = true;
        }
        self
    }

    /// Says where in the program: the caller, as far up as functions are marked `#[track_caller]`.
    #[inline]
    #[track_caller]
    pub fn here(self) -> Self {
        self.at(Location::caller())
    }

    /// Says where in the program.
    #[inline]
    pub fn at(mut self, site: &'static Location<'static>) -> Self {
        if let Some(body) = &mut self.0 {
            body.site = Some((site, ""));
        }
        self
    }

    /// Says where in the program, if it is known.
    #[inline]
    pub fn at_some(self, site: Option<&'static Location<'static>>) -> Self {
        match site {
            Some(site) => self.at(site),
            None => self,
        }
    }

    /// Says where in the program, with the name that a reader knows the place by.
    #[inline]
    pub fn at_named(mut self, site: &'static Location<'static>, name: &'static str) -> Self {
        if let Some(body) = &mut self.0 {
            body.site = Some((site, name));
        }
        self
    }

    /// Adds one more thing to know about it. `value` is asked only when the event is recorded.
    #[inline]
    pub fn attr<V: Into<Value>>(mut self, key: &'static str, value: impl FnOnce() -> V) -> Self {
        if let Some(body) = &mut self.0 {
            body.attributes.push((key, value().into()));
        }
        self
    }

    /// Writes it down and returns its number, which later events may name as their cause; 0 when
    /// nothing is recorded.
    #[inline]
    pub fn record(self) -> u64 {
        match self.0 {
            None => 0,
            Some(body) => record(body),
        }
    }

    /// Writes it down and makes it the parent of all that is recorded until the [`Span`] is
    /// dropped. Meanwhile the current host is the one its object was made in.
    #[inline]
    pub fn enter(self) -> Span {
        match self.0 {
            None => Span::NONE,
            Some(body) => enter(body),
        }
    }
}

#[cold]
#[inline(never)]
fn record(body: Box<Body>) -> u64 {
    recorder::with(|r| r.record(*body))
}

#[cold]
#[inline(never)]
fn enter(body: Box<Body>) -> Span {
    recorder::with(|r| Some((r.enter(*body), r.generation())))
        .map(|(event, generation)| Span {
            event,
            generation,
            thread: PhantomData,
        })
        .unwrap_or(Span::NONE)
}

/// While it lives, its event is the parent of what is recorded. Its drop writes the end, also when
/// a panic unwinds.
#[derive(Debug)]
#[must_use = "dropping it closes the span"]
pub struct Span {
    event: u64,
    generation: u64,
    // A span belongs to the thread whose recorder it is on.
    thread: PhantomData<*const ()>,
}

impl Span {
    const NONE: Span = Span {
        event: 0,
        generation: 0,
        thread: PhantomData,
    };

    /// Returns the number of the event that opened it; 0 when nothing is recorded.
    #[must_use]
    pub fn event(&self) -> u64 {
        self.event
    }

    /// Something to say in the event that will close it.
    #[inline]
    pub fn attr<V: Into<Value>>(&self, key: &'static str, value: impl FnOnce() -> V) {
        if self.event != 0 {
            let value = value().into();
            recorder::with(|r| {
                if r.generation() == self.generation {
                    r.end_attribute(self.event, key, value);
                }
            });
        }
    }
}

impl Drop for Span {
    #[inline]
    fn drop(&mut self) {
        if self.event != 0 {
            leave(self.event, self.generation);
        }
    }
}

#[cold]
#[inline(never)]
fn leave(event: u64, generation: u64) {
    recorder::with(|r| {
        if r.generation() == generation {
            r.leave(event);
        }
    });
}

/// Returns the number of the last event about `object`; 0 when there is none.
#[inline]
#[must_use]
pub fn last(object: Object) -> u64 {
    if on() {
        recorder::with(|r| r.last(object))
    } else {
        0
    }
}

/// Returns the number of the event on whose stack we are; 0 when nothing is recorded.
#[inline]
#[must_use]
pub fn current() -> u64 {
    if on() {
        recorder::with(|r| r.parent())
    } else {
        0
    }
}

/// The task that is being polled waits here: a future says so when it is not ready. The last one
/// said counts, because it is what the task stopped at.
#[inline]
pub fn stands(site: &'static Location<'static>) {
    if on() {
        recorder::with(|r| r.stand(site));
    }
}

/// Returns where the task that is being polled has stopped, as far as its futures said.
///
/// ```
/// use std::panic::Location;
/// let recording = trace::start(trace::Setup::default());
/// let task = trace::object(trace::Prefix::Task);
/// let poll = trace::event(trace::Kind::TaskPoll).of(task).enter();
/// assert_eq!(trace::standing(), None);
/// let here = Location::caller();
/// trace::stands(here);
/// assert_eq!(trace::standing(), Some(here));
/// drop(poll);
/// assert_eq!(trace::standing(), None);
/// # drop(recording);
/// ```
#[inline]
#[must_use]
pub fn standing() -> Option<&'static Location<'static>> {
    if on() {
        recorder::with(|r| r.standing())
    } else {
        None
    }
}

/// Runs `f`, whose first event with a place happened because of the code at `site`, not because of
/// where `f` calls. So what a library does later, such as sending what was written, leads to the
/// line that wrote it.
///
/// ```
/// use std::panic::Location;
/// use trace::Kind;
/// let recording = trace::start(trace::Setup::default());
/// let asked = Location::caller();
/// trace::on_behalf(Some(asked), || trace::event(Kind::DataOut).here().record());
/// assert_eq!(recording.finish().matches(&format!(",{},", asked.line())).count(), 1);
/// ```
#[inline]
pub fn on_behalf<T>(site: Option<&'static Location<'static>>, f: impl FnOnce() -> T) -> T {
    struct Over;
    impl Drop for Over {
        fn drop(&mut self) {
            recorder::with(|r| r.behalf(None));
        }
    }
    let _over = (on() && site.is_some()).then(|| {
        recorder::with(|r| r.behalf(site));
        Over
    });
    f()
}

/// Sets the time of the events that follow, in nanoseconds since the world began. Time never goes
/// back.
#[inline]
pub fn set_clock(now: u64) {
    if on() {
        recorder::with(|r| r.set_clock(now));
    }
}

/// Sets the turn of the events that follow; 0 is before the first.
#[inline]
pub fn set_turn(turn: u64) {
    if on() {
        recorder::with(|r| r.set_turn(turn));
    }
}

/// Says in the header which clock, seed and knobs the run has.
///
/// ```
/// let recording = trace::start(trace::Setup::default());
/// trace::set_world(trace::Clock::Virtual, Some(42), &[("latency_ms", 10.into())]);
/// assert!(recording.finish().contains(r#""clock":"virtual","seed":42,"knobs":{"latency_ms":10}"#));
/// ```
#[inline]
pub fn set_world(clock: Clock, seed: Option<u64>, knobs: &[(&str, Value)]) {
    if on() {
        recorder::with(|r| r.set_world(clock, seed, knobs));
    }
}

/// Runs `f` as the host `name`: objects made inside belong to it, and their callbacks run there.
///
/// ```
/// let recording = trace::start(trace::Setup::default());
/// let listener = trace::host("server", || trace::object(trace::Prefix::Listener));
/// trace::event(trace::Kind::IoReady).of(listener).record();
/// let text = recording.finish();
/// assert!(text.contains(r#""hosts":["program","server"]"#));
/// assert!(text.contains(r#""k":"io.ready","o":"l1","p":1,"h":1"#));
/// ```
pub fn host<T>(name: &str, f: impl FnOnce() -> T) -> T {
    struct Back(Option<usize>);
    impl Drop for Back {
        fn drop(&mut self) {
            if let Some(host) = self.0 {
                recorder::with(|r| r.reset_host(host));
            }
        }
    }
    let _back = Back(if on() {
        recorder::with(|r| Some(r.set_host(name)))
    } else {
        None
    });
    f()
}
