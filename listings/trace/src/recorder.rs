//! The thread's recorder: what has happened so far, and whose stack we are on.
use crate::{Clock, Kind, Object, Prefix, Setup, Value, body::Body, value};
use std::{
    cell::{Cell, RefCell},
    fmt::Write as _,
    panic::Location,
};

thread_local! {
    // Two cells, so that the question asked at every event touches one byte and no borrow flag.
    static ON: Cell<bool> = const { Cell::new(false) };
    static RECORDER: RefCell<Option<Recorder>> = const { RefCell::new(None) };
}

/// Returns whether this thread is being recorded: one load and one branch.
///
/// ```
/// assert!(!trace::on()); // no recording was started here
/// ```
#[inline]
#[must_use]
pub fn on() -> bool {
    ON.get()
}

pub(crate) struct Recorder {
    generation: u64,
    setup: Setup,
    lines: String,
    count: usize,
    next: u64,
    now: u64,
    turn: u64,
    host: usize,
    full: bool,
    /// Where the next event with a place was asked for.
    behalf: Option<&'static Location<'static>>,
    stack: Vec<Frame>,
    hosts: Vec<String>,
    sites: Vec<(&'static Location<'static>, &'static str)>,
    objects: Vec<Known>,
    counts: Vec<(Prefix, u32)>,
    clock: Clock,
    seed: Option<u64>,
    knobs: Vec<(String, Value)>,
}

/// One level of the parent stack.
struct Frame {
    event: u64,
    kind: Kind,
    object: Object,
    host_before: usize,
    end: Vec<(&'static str, Value)>,
    /// Where the task that is polled in it waits.
    stands: Option<&'static Location<'static>>,
}

struct Known {
    prefix: Prefix,
    number: u32,
    host: usize,
    last: u64,
}

/// Runs `f` on the recorder, if there is one. No code of anybody else's runs inside.
pub(crate) fn with<T: Default>(f: impl FnOnce(&mut Recorder) -> T) -> T {
    // A thread that ends may record after its recorder is gone: then nothing is recorded.
    let done = RECORDER.try_with(|cell| match cell.try_borrow_mut() {
        Ok(mut recorder) => recorder.as_mut().map(f).unwrap_or_default(),
        Err(_) => T::default(),
    });
    done.unwrap_or_default()
}

thread_local!(static GENERATION: Cell<u64> = const { Cell::new(0) });

/// Makes a new recorder the thread's, in which the run begins.
pub(crate) fn install(setup: Setup) {
    let generation = GENERATION.get() + 1;
    GENERATION.set(generation);
    let mut recorder = Recorder {
        generation,
        setup,
        lines: String::new(),
        count: 0,
        next: 1,
        now: 0,
        turn: 0,
        host: 0,
        full: false,
        behalf: None,
        stack: Vec::new(),
        hosts: vec!["program".to_owned()],
        sites: Vec::new(),
        objects: Vec::new(),
        counts: Vec::new(),
        clock: Clock::Real,
        seed: None,
        knobs: Vec::new(),
    };
    // The flag last: until then nothing may look for a recorder.
    recorder.enter(Body::new(Kind::RunStart));
    RECORDER.with(|cell| *cell.borrow_mut() = Some(recorder));
    ON.set(true);
}

/// Takes the thread's recorder away: from here on nothing is recorded.
pub(crate) fn remove() -> Option<Recorder> {
    ON.set(false);
    let recorder = RECORDER.try_with(|cell| cell.borrow_mut().take());
    recorder.ok().flatten()
}

impl Recorder {
    /// Returns a new object; none when the recording is full, for nothing will be said of it.
    pub(crate) fn object(&mut self, prefix: Prefix) -> Object {
        if self.full {
            return Object::NONE;
        }
        let number = match self.counts.iter_mut().find(|(p, _)| *p == prefix) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                self.counts.push((prefix, 1));
                1
            }
        };
        self.objects.push(Known {
            prefix,
            number,
            host: self.host,
            last: 0,
        });
        Object::at(self.objects.len(), self.generation)
    }

    fn known(&self, object: Object) -> Option<&Known> {
        self.objects.get(object.index(self.generation)?)
    }

    pub(crate) fn name(&self, object: Object) -> Option<(char, u32)> {
        self.known(object)
            .map(|known| (known.prefix.letter(), known.number))
    }

    pub(crate) fn last(&self, object: Object) -> u64 {
        self.known(object).map_or(0, |known| known.last)
    }

    pub(crate) fn parent(&self) -> u64 {
        self.stack.last().map_or(0, |frame| frame.event)
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn set_clock(&mut self, now: u64) {
        self.now = self.now.max(now);
    }

    pub(crate) fn set_turn(&mut self, turn: u64) {
        self.turn = turn;
    }

    pub(crate) fn set_world(&mut self, clock: Clock, seed: Option<u64>, knobs: &[(&str, Value)]) {
        self.clock = clock;
        self.seed = seed;
        self.knobs = knobs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
    }

    /// Makes `name` the host of what follows; returns the one before.
    pub(crate) fn set_host(&mut self, name: &str) -> usize {
        let at = match self.hosts.iter().position(|host| host == name) {
            Some(at) => at,
            None => {
                self.hosts.push(name.to_owned());
                self.hosts.len() - 1
            }
        };
        std::mem::replace(&mut self.host, at)
    }

    pub(crate) fn reset_host(&mut self, host: usize) {
        self.host = host;
    }

    fn site(&mut self, site: (&'static Location<'static>, &'static str)) -> usize {
        match self.sites.iter().position(|known| *known == site) {
            Some(at) => at,
            None => {
                self.sites.push(site);
                self.sites.len() - 1
            }
        }
    }

    /// Writes one event unless the recording is full; its number, or 0.
    pub(crate) fn record(&mut self, body: Body) -> u64 {
        if self.full {
            return 0;
        }
        if self.count >= self.setup.most.max(1) {
            self.full = true;
            let text = format!(
                "the recording ends here: it keeps {} events",
                self.setup.most
            );
            let mut note = Body::new(Kind::Note);
            note.attributes.push(("text", text.into()));
            self.write(note);
            return 0;
        }
        self.write(body)
    }

    fn write(&mut self, body: Body) -> u64 {
        // Numbers begin at 1, so that 0 can mean "no event" everywhere.
        let n = self.next;
        self.next += 1;
        self.count += 1;
        let site = match (body.site, self.behalf) {
            // The place that asked for it says more than the one in a library, but only once.
            (Some(_), Some(asked)) => {
                self.behalf = None;
                Some((asked, ""))
            }
            (site, _) => site,
        };
        let site = site.map(|site| self.site(site));
        let parent = self.parent();
        let host = self
            .known(body.object)
            .map_or(self.host, |known| known.host);
        let name = self.name(body.object);
        let generation = self.generation;
        if !body.aside
            && let Some(at) = body.object.index(generation)
            && let Some(known) = self.objects.get_mut(at)
        {
            known.last = n;
        }
        let line = &mut self.lines;
        // Writing to a String cannot fail.
        let _ = write!(
            line,
            "{{\"n\":{n},\"t\":{},\"w\":{},\"k\":",
            self.now, self.turn
        );
        value::string(&body.kind.name(), line);
        if let Some((letter, number)) = name {
            let _ = write!(line, ",\"o\":\"{letter}{number}\"");
        }
        if parent > 0 {
            let _ = write!(line, ",\"p\":{parent}");
        }
        // What a cause names must stand above: a reader goes through the lines once.
        let mut causes = body.causes;
        causes.retain(|cause| *cause > 0 && *cause < n);
        causes.sort_unstable();
        causes.dedup();
        if !causes.is_empty() {
            let _ = write!(line, ",\"c\":{causes:?}");
        }
        if let Some(site) = site {
            let _ = write!(line, ",\"s\":{site}");
        }
        if !body.kind.of_the_loop() {
            let _ = write!(line, ",\"h\":{host}");
        }
        if !body.attributes.is_empty() {
            line.push_str(",\"a\":");
            value::map(body.attributes.iter().map(|(k, v)| (*k, v)), line);
        }
        line.push_str("}\n");
        n
    }

    /// Records the event and makes it the parent of what follows; 0 when it was not recorded.
    pub(crate) fn enter(&mut self, body: Body) -> u64 {
        let (kind, object) = (body.kind, body.object);
        let event = self.record(body);
        if event == 0 {
            return 0;
        }
        let host_before = self.host;
        if let Some(known) = self.known(object) {
            self.host = known.host;
        }
        self.stack.push(Frame {
            event,
            kind,
            object,
            host_before,
            end: Vec::new(),
            stands: None,
        });
        event
    }

    pub(crate) fn behalf(&mut self, site: Option<&'static Location<'static>>) {
        self.behalf = site;
    }

    /// The task that is being polled waits here.
    pub(crate) fn stand(&mut self, site: &'static Location<'static>) {
        if let Some(frame) = self.polled() {
            frame.stands = Some(site);
        }
    }

    pub(crate) fn standing(&mut self) -> Option<&'static Location<'static>> {
        self.polled()?.stands
    }

    fn polled(&mut self) -> Option<&mut Frame> {
        self.stack
            .iter_mut()
            .rev()
            .find(|frame| frame.kind == Kind::TaskPoll)
    }

    pub(crate) fn end_attribute(&mut self, event: u64, key: &'static str, value: Value) {
        if let Some(frame) = self.stack.iter_mut().rev().find(|f| f.event == event) {
            frame.end.push((key, value));
        }
    }

    /// Closes the span that began with `event`, and any that is still open inside it.
    pub(crate) fn leave(&mut self, event: u64) {
        if !self.stack.iter().any(|frame| frame.event == event) {
            return;
        }
        // A panic leaves frames above this one open. They end first, or the spans would overlap.
        while let Some(frame) = self.stack.last() {
            let (this, kind, object) = (frame.event, frame.kind, frame.object);
            if let Some(end) = kind.end() {
                let mut body = Body::new(end);
                body.object = object;
                if let Some(frame) = self.stack.last_mut() {
                    body.attributes = std::mem::take(&mut frame.end);
                }
                if std::thread::panicking() {
                    body.attributes.push(("panic", true.into()));
                }
                // The parent of an end is its start; a full recording still closes what it opened.
                self.write(body);
            }
            if let Some(frame) = self.stack.pop() {
                self.host = frame.host_before;
            }
            if this == event {
                return;
            }
        }
    }

    /// Returns the whole trace, with every open span closed.
    pub(crate) fn finish(mut self) -> String {
        // Whatever is still open ends with the run.
        if let Some(run) = self.stack.first().map(|frame| frame.event) {
            self.leave(run);
        }
        let mut text = String::from("{\"v\":1,\"listing\":");
        value::string(&self.setup.listing, &mut text);
        text.push_str(match self.clock {
            Clock::Virtual => ",\"clock\":\"virtual\"",
            Clock::Real => ",\"clock\":\"real\"",
        });
        if let Some(seed) = self.seed {
            let _ = write!(text, ",\"seed\":{seed}");
        }
        text.push_str(",\"knobs\":");
        value::map(self.knobs.iter().map(|(k, v)| (k.as_str(), v)), &mut text);
        text.push_str(",\"sites\":[");
        for (at, (site, name)) in self.sites.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            text.push('[');
            value::string(&site.file().replace('\\', "/"), &mut text);
            let _ = write!(text, ",{},{},", site.line(), site.column());
            value::string(name, &mut text);
            text.push(']');
        }
        text.push_str("],\"hosts\":[");
        for (at, host) in self.hosts.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            value::string(host, &mut text);
        }
        text.push_str("]}\n");
        // The header comes last into being, for only now all places and hosts are known.
        text.push_str(&self.lines);
        text
    }
}
