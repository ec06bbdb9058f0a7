//! The slow poetry server with blocking sockets: a thread for each poem and a thread for each
//! connection.
use crate::{Options, Poem, Reciter, Step};
use socket2::{Domain, Socket, Type};
use std::{
    io::{self, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// A running server on 127.0.0.1. Dropping it ends every connection and waits for its threads.
///
/// ```
/// use poetry::{Options, POEMS, Pace, Server};
/// use std::{io::Read, net::TcpStream};
///
/// let server = Server::start(Options { pace: Pace::at_once(), ..Options::default() })?;
/// let mut poem = String::new();
/// TcpStream::connect(server.addresses()[0])?.read_to_string(&mut poem)?;
/// assert_eq!(poem, POEMS[0].text);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Server {
    addresses: Vec<SocketAddr>,
    shared: Arc<Shared>,
    listeners: Vec<(Socket, JoinHandle<()>)>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stopping: bool,
    next: u64,
    /// Connections that are being served; kept here so that a stop can end a write that waits for
    /// its client.
    open: Vec<(u64, TcpStream)>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No code of ours panics while it holds the lock; and if it did, stopping must still work.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for `pause`, or for ever; false when the server stops first.
    fn pause(&self, pause: Option<Duration>) -> bool {
        let until = pause.and_then(|pause| Instant::now().checked_add(pause));
        let mut state = self.lock();
        loop {
            if state.stopping {
                return false;
            }
            state = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                Some(Duration::ZERO) => return true,
                Some(left) => {
                    let waited = self.changed.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    let waited = self.changed.wait(state);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
    }
}

impl Server {
    /// Opens one port for each poem and begins to serve.
    ///
    /// # Errors
    /// When a port cannot be opened; the message names it. Nothing is left running then.
    pub fn start(options: Options) -> io::Result<Server> {
        let mut listeners = Vec::new();
        for (at, poem) in options.poems.iter().enumerate() {
            let port = match options.port {
                0 => 0,
                first => u16::try_from(at)
                    .ok()
                    .and_then(|at| first.checked_add(at))
                    .ok_or_else(|| {
                        io::Error::new(
                            io::ErrorKind::InvalidInput,
                            format!(
                                "there is no port left for poem {}: {first} + {at} is beyond 65535",
                                at + 1
                            ),
                        )
                    })?,
            };
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
                io::Error::new(
                    error.kind(),
                    format!("port {port} of 127.0.0.1 cannot be opened: {error}"),
                )
            })?;
            listeners.push((listener, *poem));
        }
        let addresses = listeners
            .iter()
            .map(|(listener, _)| listener.local_addr())
            .collect::<io::Result<_>>()?;
        let mut server = Server {
            addresses,
            shared: Arc::default(),
            listeners: Vec::new(),
        };
        for (listener, poem) in listeners {
            // The drop connects with it, also when there is no descriptor left by then.
            let reserve = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            let shared = Arc::clone(&server.shared);
            let options = options.clone();
            let thread = thread::Builder::new()
                .name(format!("poem {}", poem.name))
                .spawn(move || accept(&listener, poem, &options, &shared))?;
            server.listeners.push((reserve, thread));
        }
        Ok(server)
    }

    /// Returns where the poems are, in the order of [`Options::poems`].
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Returns how many connections are being served.
    pub fn connections(&self) -> usize {
        self.shared.lock().open.len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.stopping = true;
            for (_, stream) in &state.open {
                // Ends a write that waits for a client which does not read.
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        self.shared.changed.notify_all();
        for (&address, (reserve, thread)) in self.addresses.iter().zip(self.listeners.drain(..)) {
            // `accept` cannot be interrupted; one more connection ends its wait.
            let _ = reserve.connect_timeout(&address.into(), Duration::from_secs(1));
            let _ = thread.join();
        }
    }
}

/// Accepts clients until the server stops, each in a thread of its own.
fn accept(listener: &TcpListener, poem: &'static Poem, options: &Options, shared: &Arc<Shared>) {
    let mut recitals: Vec<JoinHandle<()>> = Vec::new();
    loop {
        let accepted = listener.accept();
        recitals.retain(|thread| !thread.is_finished());
        let mut state = shared.lock();
        while !state.stopping && state.open.len() >= options.most.max(1) {
            let waited = shared.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        if state.stopping {
            break;
        }
        let Ok((stream, _)) = accepted else {
            // Out of descriptors, or a client that went away at once: give the machine a moment.
            drop(state);
            shared.pause(Some(Duration::from_millis(50)));
            continue;
        };
        let Ok(copy) = stream.try_clone() else {
            continue;
        };
        let number = state.next;
        state.next += 1;
        state.open.push((number, copy));
        drop(state);
        let reciter = Reciter::new(poem, options.pace, options.fault);
        let here = Arc::clone(shared);
        let thread = thread::Builder::new()
            .name(format!("recital of {}", poem.name))
            .spawn(move || {
                // A client that went away ends its recital and nothing else.
                let _ = recite(stream, reciter, &here);
                remove_connection(&here, number);
            });
        match thread {
            Ok(thread) => recitals.push(thread),
            Err(_) => remove_connection(shared, number),
        }
    }
    for thread in recitals {
        let _ = thread.join();
    }
}

/// Removes a connection that is over, and lets the next client in.
fn remove_connection(shared: &Shared, number: u64) {
    shared.lock().open.retain(|(open, _)| *open != number);
    shared.changed.notify_all();
}

/// Does what the reciter says until it is over.
fn recite(mut stream: TcpStream, mut reciter: Reciter, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    loop {
        match reciter.step() {
            Step::Send(piece) => reciter.sent(stream.write(piece)?),
            Step::Pause(pause) => {
                if !shared.pause(Some(pause)) {
                    return Ok(());
                }
                reciter.paused();
            }
            Step::Stall => {
                shared.pause(None);
                return Ok(());
            }
            Step::Close => return stream.shutdown(Shutdown::Write),
            Step::Reset => {
                // Linger of zero makes the close a reset (socket(7), SO_LINGER).
                return socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
            }
        }
    }
}
