//! A simulated world: virtual time, a network with knobs and faults, and a seed that decides every chance.
use crate::{
    Address, Found, Id, Job, Names, Readiness, Ready, Signal, Signals, SocketOption, Stalled, Time,
    World, chance,
};
use network::Network;
use std::{
    collections::BTreeMap,
    io::{self, IoSlice},
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Wake, Waker},
};

mod end;
mod faults;
mod knobs;
mod network;
mod traffic;

pub use knobs::{Fault, KnobError, Knobs};

/// A world of its own, in one process and one thread. Time does not pass while code runs; a wait jumps to the next
/// moment in which something happens. So an hour takes no time, and a seed gives the same run every time.
///
/// Streams behave as TCP does: bytes arrive in order and none is missing; a lost segment comes later. They arrive cut
/// as the knobs say, and what a socket hears in one instant is told as one readiness. When nothing is on its way and
/// no deadline is given, a wait answers [`Stalled`] instead of waiting for ever.
///
/// Every socket lives in this world, those of clients and of servers: a simulated program talks to itself. A job of
/// [`World::offload`] runs inside a wait, when its time has come.
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
    now: Time,
    seed: u64,
    /// The program's random numbers; the network has its own, so that neither disturbs the other.
    random: u64,
    network: Network,
    events: Agenda,
    names: BTreeMap<String, Vec<IpAddr>>,
    woken: Arc<Woken>,
}

/// What will happen, in order of time, and for equal times in the order in which it was decided.
#[derive(Default)]
pub(crate) struct Agenda {
    events: BTreeMap<(Time, u64), Event>,
    made: u64,
}

/// Something that happens at its time.
pub(crate) enum Event {
    /// A job of another thread is done then.
    Job(Job),
    /// A signal comes.
    Signal(Signal),
    /// Something arrives at a socket.
    Arrival(traffic::Arrival),
}

impl Agenda {
    /// What happens at the end of time happens never.
    pub(crate) fn add(&mut self, at: Time, event: Event) {
        if at < Time::MAX {
            self.made += 1;
            self.events.insert((at, self.made), event);
        }
    }

    fn next(&self) -> Option<Time> {
        self.events.keys().next().map(|(at, _)| *at)
    }

    fn take_due(&mut self, now: Time) -> Option<Event> {
        let first = self.events.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
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
    /// A world with that seed and the default knobs: 1 ms of latency and a network that loses nothing.
    pub fn new(seed: u64) -> Sim {
        Sim::with(seed, Knobs::default())
    }

    /// A world with that seed and those knobs.
    pub fn with(seed: u64, knobs: Knobs) -> Sim {
        let mut random = seed;
        let chance = chance::next(&mut random);
        let mut events = Agenda::default();
        for (at, signal) in &knobs.signals {
            events.add(Time::ZERO + *at, Event::Signal(*signal));
        }
        Sim {
            now: Time::ZERO,
            seed,
            random,
            network: Network::new(knobs, chance),
            events,
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

    /// From now on a host of that name has these addresses. Only `localhost` is known from the beginning.
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

    /// What decides every chance.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How this world differs from a quiet one.
    pub fn knobs(&self) -> &Knobs {
        &self.network.knobs
    }
}

impl World for Sim {
    fn now(&self) -> Time {
        self.now
    }

    // ANCHOR: wait
    fn wait(&mut self, until: Option<Time>, ready: &mut Vec<Ready>) -> io::Result<()> {
        let woken = self.woken.0.swap(false, Ordering::Acquire);
        let until = if woken || self.network.has_news() {
            Some(self.now)
        } else {
            until
        };
        let next = match (self.events.next(), until) {
            (Some(event), Some(until)) => event.min(until),
            (Some(event), None) => event,
            (None, Some(until)) => until,
            (None, None) => return Err(io::Error::other(Stalled)),
        };
        self.now = self.now.max(next);
        while let Some(event) = self.events.take_due(self.now) {
            match event {
                Event::Job(job) => job(),
                Event::Signal(signal) => self.network.signal(signal),
                Event::Arrival(arrival) => {
                    self.network.arrive(arrival, self.now, &mut self.events);
                }
            }
        }
        self.network.tell_news(ready);
        // Whoever was to be woken meanwhile is awake.
        self.woken.0.swap(false, Ordering::AcqRel); // what they have written before is seen from here on
        Ok(())
    }
    // ANCHOR_END: wait

    fn waker(&self) -> Waker {
        Arc::clone(&self.woken).into()
    }

    fn random(&mut self) -> u64 {
        chance::next(&mut self.random)
    }

    fn offload(&mut self, job: Job) {
        self.events
            .add(self.now + self.network.knobs.job, Event::Job(job));
    }

    fn listen(&mut self, at: &Address, backlog: u32) -> io::Result<Id> {
        self.network.listen(at, backlog)
    }

    fn accept(&mut self, listener: Id) -> io::Result<(Id, Address)> {
        self.network.accept(listener)
    }

    fn connect(&mut self, to: &Address) -> io::Result<Id> {
        self.network.connect(to, self.now, &mut self.events)
    }

    fn finish_connect(&mut self, stream: Id) -> io::Result<()> {
        self.network.end_mut(stream)?.finish_connect()
    }

    fn read(&mut self, stream: Id, buffer: &mut [u8]) -> io::Result<usize> {
        self.network
            .read(stream, buffer, self.now, &mut self.events)
    }

    fn write(&mut self, stream: Id, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        self.network
            .write(stream, buffers, self.now, &mut self.events)
    }

    fn shutdown(&mut self, stream: Id) -> io::Result<()> {
        self.network.shutdown(stream, self.now, &mut self.events)
    }

    fn close(&mut self, id: Id, reset: bool) {
        self.network.close(id, reset, self.now, &mut self.events);
    }

    fn local_address(&self, id: Id) -> io::Result<Address> {
        self.network.local_address(id)
    }

    fn peer_address(&self, id: Id) -> io::Result<Address> {
        self.network.peer_address(id)
    }

    fn set(&mut self, id: Id, option: SocketOption) -> io::Result<()> {
        self.network.set(id, option)
    }

    fn names(&mut self) -> Option<&mut dyn Names> {
        Some(self)
    }

    fn signals(&mut self) -> Option<&mut dyn Signals> {
        Some(self)
    }
}

impl Signals for Sim {
    fn watch(&mut self, which: &[Signal]) -> io::Result<Id> {
        self.network.signals(which)
    }

    fn next(&mut self, signals: Id) -> io::Result<Signal> {
        self.network.next_signal(signals)
    }
}

impl Names for Sim {
    fn look_up(&mut self, name: &str, found: Found) {
        let there_and_back = self.network.knobs.latency * 2;
        let answer = match name.parse::<IpAddr>() {
            Ok(address) => Ok(vec![address]),
            Err(_) => match self.names.get(&name.to_ascii_lowercase()) {
                Some(addresses) => Ok(addresses.clone()),
                None => Err(io::Error::new(
                    io::ErrorKind::NotFound,
                    format!("no host is called {name}"),
                )),
            },
        };
        let job: Job = Box::new(move || found(answer));
        self.events.add(self.now + there_and_back, Event::Job(job));
    }
}

/// Both readinesses that a new stream has: it can be written, and read if something is there.
pub(crate) fn writable(also: Readiness) -> Readiness {
    Readiness::WRITE.and(also)
}
