//! A simulated world: virtual time, a network with knobs and faults, and a seed that decides what
//! is random.
use crate::{
    Address, Datagrams, Id, Job, Names, Panics, Ready, Signals, SocketOption, Stalled, StandardIo,
    Time, World, random,
};
use event_queue::Event;
use network::Network;
use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, IoSlice},
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Wake, Waker},
    time::Duration,
};

mod addresses;
mod capabilities;
mod datagrams;
mod event_queue;
mod faults;
mod knobs;
mod network;
mod standard;
mod stream_socket;
mod streams;
mod traffic;

pub use knobs::{Fault, KnobError, Knobs};

/// So many turns in a row may find something to do at once, or nothing, before they cost time.
const BURST: u32 = 1000;

/// A world of its own, in one process and one thread. Time does not pass while code runs; a wait
/// jumps to the next moment in which something happens. So an hour takes no time, and one seed
/// makes the same run every time.
///
/// Streams behave as TCP does: bytes arrive in order and none is missing; a lost segment comes
/// later. They arrive cut as the knobs say, and what a socket hears in one instant is told as one
/// readiness. When nothing is on its way and no deadline is given, a wait answers [`Stalled`]
/// instead of waiting for ever.
///
/// Every socket lives in this world, those of clients and of servers: a simulated program talks to
/// itself. A job of [`World::offload`] runs inside a wait, when its time has come.
///
/// ```
/// use reactor::{Knobs, Reactor, Sim};
/// use std::time::Duration;
///
/// let slow = Knobs { latency: Duration::from_millis(250), ..Knobs::default() };
/// let reactor = Reactor::new(Sim::with(42, slow));
/// assert_eq!(reactor.handle().now().as_millis(), 0);
/// ```
pub struct Sim {
    seed: u64,
    /// The program's random numbers; the network has its own, so that neither disturbs the other.
    random: u64,
    network: Network,
    /// So many waits in a row ended when they began.
    still: u32,
    /// Jobs that are done now, for the caller of `wait`: they run outside of this world.
    due: VecDeque<Job>,
    names: BTreeMap<String, Vec<IpAddr>>,
    woken: Arc<Woken>,
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

impl Sim {
    /// Returns a world with that seed and the default knobs: 1 ms of latency and a network that
    /// loses nothing.
    pub fn new(seed: u64) -> Sim {
        Sim::with(seed, Knobs::default())
    }

    /// Returns a world with that seed and those knobs.
    pub fn with(seed: u64, knobs: Knobs) -> Sim {
        let mut random = seed;
        let network_random = random::next(&mut random);
        let signals = knobs.signals.clone();
        let mut network = Network::new(knobs, network_random);
        for (at, signal) in signals {
            network.events.add(Time::ZERO + at, Event::Signal(signal));
        }
        Sim {
            seed,
            random,
            network,
            still: 0,
            due: VecDeque::new(),
            names: [("localhost".to_owned(), vec![Ipv4Addr::LOCALHOST.into()])].into(),
            woken: Arc::default(),
        }
    }

    /// Reads `42` or `42,latency=10ms,chunk=64`: a seed and the knobs of [`Knobs::parse`].
    ///
    /// # Errors
    /// [`KnobError`] says what was not understood, and what could stand there.
    ///
    /// ```
    /// use reactor::Sim;
    /// assert!(Sim::parse("42,latency=10ms,loss=0.1").is_ok());
    /// let error = Sim::parse("42,latenzy=10ms").err().unwrap();
    /// assert!(error.to_string().contains("latenzy"));
    /// ```
    pub fn parse(text: &str) -> Result<Sim, KnobError> {
        let (seed, knobs) = text.split_once(',').unwrap_or((text, ""));
        let seed = seed.trim().parse().map_err(|_| KnobError::seed(seed))?;
        Ok(Sim::with(seed, Knobs::parse(knobs)?))
    }

    /// From now on a host of that name has these addresses. Only `localhost` is known from the
    /// beginning.
    ///
    /// ```
    /// use reactor::{Reactor, Sim};
    /// let mut world = Sim::new(1);
    /// world.name("poems.example", &["10.0.0.7".parse()?]);
    /// let mut reactor = Reactor::new(world);
    /// reactor.handle().look_up("poems.example", |h, found| {
    ///     assert_eq!(found.unwrap()[0].to_string(), "10.0.0.7");
    ///     h.stop().unwrap();
    /// });
    /// reactor.run()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn name(&mut self, name: &str, addresses: &[IpAddr]) {
        self.names
            .insert(name.to_ascii_lowercase(), addresses.to_owned());
    }

    /// `text` is typed on standard input, when so much time has passed from now. Empty text is the
    /// end of the input. As long as nothing is typed, standard input is at its end.
    ///
    /// ```
    /// use reactor::{Reactor, Sim, StandardStream};
    /// use std::time::Duration;
    ///
    /// let mut world = Sim::new(1);
    /// world.type_in(Duration::from_secs(2), "quit\n");
    /// world.type_in(Duration::from_secs(3), "");
    /// let mut reactor = Reactor::new(world);
    /// let input = reactor.handle().standard(StandardStream::Input)?;
    /// reactor.turn(None)?; // two seconds pass
    /// assert_eq!(reactor.handle().read(input, &mut [0; 80])?, 5);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn type_in(&mut self, after: Duration, text: &str) {
        self.network.input_ended = false;
        let at = self.network.now + after;
        self.network
            .events
            .add(at, Event::Input(text.as_bytes().to_owned()));
    }

    /// Returns what all random numbers of this world come from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns how this world differs from a quiet one.
    pub fn knobs(&self) -> &Knobs {
        &self.network.knobs
    }
}

impl World for Sim {
    fn now(&self) -> Time {
        self.network.now
    }

    // ANCHOR: wait
    fn wait(&mut self, until: Option<Time>, ready: &mut Vec<Ready>) -> io::Result<()> {
        // A wake before the wait ends it at once: it is not lost in between.
        let woken = self.woken.0.swap(false, Ordering::Acquire);
        let now = self.network.now;
        let until = if woken || self.network.has_news() || !self.due.is_empty() {
            Some(now)
        } else {
            until
        };
        let next = match (self.network.events.next(), until) {
            (Some(event), Some(until)) => event.min(until),
            (Some(event), None) => event,
            (None, Some(until)) => until,
            // Nothing can happen any more. A system would sleep for ever here.
            (None, None) => return Err(io::Error::other(Stalled)),
        };
        self.network.now = if next > now {
            self.still = 0;
            next
        } else {
            self.busy()
        };
        while let Some(event) = self.network.events.take_due(self.network.now) {
            self.happen(event);
        }
        self.network.tell_news(ready);
        // The thread that would be woken is this one, and it is awake.
        // `AcqRel`: what was written before a wake is seen from here on.
        self.woken.0.swap(false, Ordering::AcqRel);
        Ok(())
    }
    // ANCHOR_END: wait

    fn waker(&self) -> Waker {
        Arc::clone(&self.woken).into()
    }

    fn random(&mut self) -> u64 {
        random::next(&mut self.random)
    }

    fn offload(&mut self, job: Job) {
        let at = self.network.now + self.network.knobs.job;
        self.network.events.add(at, Event::Job(job));
    }

    fn job(&mut self) -> Option<Job> {
        let job = self.due.pop_front();
        if job.is_none() {
            // The jobs ran in this thread, so what they have woken is awake.
            self.woken.0.swap(false, Ordering::AcqRel);
        }
        job
    }

    fn listen(&mut self, at: &Address, backlog: u32) -> io::Result<Id> {
        self.network.listen(at, backlog)
    }

    fn accept(&mut self, listener: Id) -> io::Result<(Id, Address)> {
        self.network.accept(listener)
    }

    fn connect(&mut self, to: &Address) -> io::Result<Id> {
        self.network.connect(to)
    }

    fn finish_connect(&mut self, stream: Id) -> io::Result<()> {
        self.network.stream_mut(stream)?.finish_connect()
    }

    fn read(&mut self, stream: Id, buffer: &mut [u8]) -> io::Result<usize> {
        self.network.read(stream, buffer)
    }

    fn write(&mut self, stream: Id, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        self.network.write(stream, buffers)
    }

    fn shutdown(&mut self, stream: Id) -> io::Result<()> {
        self.network.shutdown(stream)
    }

    fn close(&mut self, id: Id, reset: bool) {
        self.network.close(id, reset);
    }

    fn local_address(&self, id: Id) -> io::Result<Address> {
        self.network.local_address(id)
    }

    fn peer_address(&mut self, id: Id) -> io::Result<Address> {
        self.network.peer_address(id)
    }

    fn set(&mut self, id: Id, option: SocketOption) -> io::Result<()> {
        self.network.set(id, option)
    }

    fn datagrams(&mut self) -> Option<&mut dyn Datagrams> {
        Some(self)
    }

    fn names(&mut self) -> Option<&mut dyn Names> {
        Some(self)
    }

    fn signals(&mut self) -> Option<&mut dyn Signals> {
        Some(self)
    }

    fn standard_io(&mut self) -> Option<&mut dyn StandardIo> {
        Some(self)
    }
}

impl Drop for Sim {
    /// Work that was given is done, as it is on `Os`.
    fn drop(&mut self) {
        while let Some(event) = self.network.events.take_due(Time::MAX) {
            if let Event::Job(job) = event {
                self.due.push_back(job);
            }
        }
        let mut panics = Panics::default();
        for job in std::mem::take(&mut self.due) {
            panics.catch(job);
        }
        panics.go_on();
    }
}

impl Sim {
    /// Returns when a wait ends that must not wait. A program that is always busy would stop the
    /// clock, and a timer would never come; a short burst takes no time.
    fn busy(&mut self) -> Time {
        let now = self.network.now;
        self.still = self.still.saturating_add(1);
        if self.still <= BURST {
            return now;
        }
        let later = now + self.network.knobs.busy;
        match self.network.events.next() {
            Some(event) => later.min(event.max(now)),
            None => later,
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Job(job) => self.due.push_back(job),
            Event::Signal(signal) => self.network.signal(signal),
            Event::Arrival(arrival) => self.network.arrive(arrival),
            Event::Again(listener) => self.network.arrive_again(listener),
            Event::Input(bytes) => self.network.arrive_input(&bytes),
        }
    }
}
