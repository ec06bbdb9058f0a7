//! The readiness loop as a type: each download calls back when its poem is complete.
use mio::{Events, Interest, Poll, Token, net::TcpStream};
use std::{
    io::{self, ErrorKind, Read},
    net::SocketAddr,
};

type Callback = Box<dyn FnOnce(Vec<u8>)>;

struct Download {
    stream: TcpStream,
    poem: Vec<u8>,
    when_finished: Callback,
}

/// Downloads under way in one thread, each with a function to call with the complete poem.
///
/// ```
/// use std::{cell::Cell, io::Write, net::TcpListener, rc::Rc};
///
/// let server = TcpListener::bind("127.0.0.1:0")?;
/// let length = Rc::new(Cell::new(0));
///
/// let mut downloads = models::Downloads::new()?;
/// let seen = Rc::clone(&length);
/// downloads.fetch(server.local_addr()?, move |poem| seen.set(poem.len()))?;
///
/// server.accept()?.0.write_all(b"O rose")?;
/// downloads.run()?;
/// assert_eq!(length.get(), 6);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Downloads {
    poll: Poll,
    downloads: Vec<Option<Download>>,
}

impl Downloads {
    /// Returns a loop without downloads.
    ///
    /// # Errors
    /// When the operating system refuses another descriptor.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            downloads: Vec::new(),
        })
    }

    /// Starts to fetch from `address` and returns at once; [`run`](Self::run) does the work.
    ///
    /// # Errors
    /// When no socket can be made. A server that refuses is reported by [`run`](Self::run).
    pub fn fetch(
        &mut self,
        address: SocketAddr,
        when_finished: impl FnOnce(Vec<u8>) + 'static,
    ) -> io::Result<()> {
        let mut stream = TcpStream::connect(address)?;
        let token = Token(self.downloads.len());
        self.poll
            .registry()
            .register(&mut stream, token, Interest::READABLE)?;
        self.downloads.push(Some(Download {
            stream,
            poem: Vec::new(),
            when_finished: Box::new(when_finished),
        }));
        Ok(())
    }

    // ANCHOR: run
    /// Waits and calls back until every poem is complete.
    ///
    /// # Errors
    /// The first error of any download ends all of them.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(64);
        let mut unfinished = self.downloads.len();
        while unfinished > 0 {
            match self.poll.poll(&mut events, None) {
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                other => other?,
            }
            for event in &events {
                // Empty when its poem is complete: an event for it may still be in the list.
                let slot = &mut self.downloads[event.token().0];
                if let Some(download) = slot
                    && download.read_what_is_there()?
                    && let Some(done) = slot.take()
                {
                    unfinished -= 1;
                    (done.when_finished)(done.poem);
                }
            }
        }
        Ok(())
    }
    // ANCHOR_END: run
}

impl Download {
    /// Reads until nothing is left to read now; true when the poem is complete.
    fn read_what_is_there(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 4096];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Ok(true),
                Ok(n) => self.poem.extend_from_slice(&buffer[..n]),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            }
        }
    }
}
