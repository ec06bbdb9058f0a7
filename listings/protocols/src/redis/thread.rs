//! A small Redis in a thread of its own, in the operating system's world; WebAssembly has neither,
//! and goes without.
use super::{RedisBounds, RedisServer};
use reactor::{Os, Reactor, Remote};
use std::{io, sync::mpsc, thread};
use transports::Address;

/// A [`RedisServer`] with a thread and a reactor of its own, for programs that have none, or
/// another one. It ends when this is dropped, and its keys with it.
///
/// ```
/// use protocols::{RedisBounds, RedisThread};
/// use std::{io::{Read, Write}, net::TcpStream};
///
/// let server = RedisThread::start(RedisBounds::default())?;
/// let mut client = TcpStream::connect(server.address().to_string())?;
/// client.write_all(b"PING\r\nQUIT\r\n")?;
/// let mut said = String::new();
/// client.read_to_string(&mut said)?;
/// assert_eq!(said, "+PONG\r\n+OK\r\n");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct RedisThread {
    address: Address,
    remote: Remote,
    thread: Option<thread::JoinHandle<()>>,
}

impl RedisThread {
    /// Starts one on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// The operating system's, when there is no thread, no poll or no port to be had.
    pub fn start(bounds: RedisBounds) -> io::Result<RedisThread> {
        let (started, starts) = mpsc::channel();
        let name = "redis".to_owned();
        let thread = thread::Builder::new().name(name).spawn(move || {
            let begun = begin(bounds);
            let mut reactor = match begun {
                Ok((reactor, address)) => {
                    let _ = started.send(Ok((address, reactor.handle().remote())));
                    reactor
                }
                // The starter waits for one of the two, so an error has to reach it, too.
                Err(error) => return drop(started.send(Err(error))),
            };
            if let Err(error) = reactor.run() {
                eprintln!("the small Redis has ended: {error}");
            }
        })?;
        let (address, remote) = starts.recv().map_err(io::Error::other)??;
        Ok(RedisThread {
            address,
            remote,
            thread: Some(thread),
        })
    }

    /// Returns where it listens.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Returns where it listens as clients want to be told: `redis://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }
}

fn begin(bounds: RedisBounds) -> io::Result<(Reactor, Address)> {
    let mut reactor = Reactor::new(Os::new()?);
    reactor.without_signals(); // they are the program's
    let handle = reactor.handle();
    let port = RedisServer::new(bounds).listen(&handle, &Address::loopback(0))?;
    let address = port.address().clone();
    Ok((reactor, address))
}

impl Drop for RedisThread {
    fn drop(&mut self) {
        self.remote.call(|reactor| {
            let _ = reactor.stop(); // an error says that it has ended
        });
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // it has printed its own panic
        }
    }
}
