//! The endpoint `stdio:`: one connection, over standard input and output, as inetd starts a server.
use crate::{EndpointError, Listen, Listening, Options};
use deferreds::Failure;
use reactor::{Handle, Kind, StandardStream};
use std::{cell::RefCell, io, os::unix::net::UnixStream, path::PathBuf, rc::Rc};
use transports::{Address, Factory, Loss, Pace, Protocol, Transport, attach};

pub(crate) fn kind(options: &mut Options) -> Result<Rc<dyn Listen>, EndpointError> {
    match options.positional("nothing")? {
        Some(_) => Err(options.wrong("stdio has no options")),
        None => Ok(Rc::new(Stdio)),
    }
}

/// Listening at standard input and output: there is one connection, and it is there already.
struct Stdio;

impl Listen for Stdio {
    /// Opens one connection. A transport has one socket, and this has two streams. So the protocol
    /// gets one end of a pair, and what moves between the other end and the two streams is a copy,
    /// as in a port forward.
    fn listen(&self, reactor: &Handle, factory: Rc<dyn Factory>) -> io::Result<Listening> {
        let peer = Address::Unix(PathBuf::from("standard input and output"));
        let Some(protocol) = factory.build_protocol(&peer) else {
            return Ok(Listening::default());
        };
        let (ours, theirs) = UnixStream::pair()?;
        let input = reactor.standard(StandardStream::Input)?;
        // What fails here must leave nothing open, as the trait says.
        let output = match reactor.standard(StandardStream::Output) {
            Ok(output) => output,
            Err(error) => {
                reactor.close(input, false);
                return Err(error);
            }
        };
        let ours = reactor.adopt(ours.into(), Kind::UnixStream)?;
        let theirs = reactor.adopt(theirs.into(), Kind::UnixStream)?;
        attach(reactor, ours, protocol);
        let copy = Rc::new(StdioCopy::default());
        for (which, id) in [theirs, input, output].into_iter().enumerate() {
            let copy = Rc::clone(&copy);
            let stream = attach(
                reactor,
                id,
                Box::new(CopiedStream {
                    which,
                    copy: copy.clone(),
                }),
            );
            copy.streams.borrow_mut().push(stream);
        }
        Ok(Listening::default())
    }
}

const PAIR: usize = 0;
const INPUT: usize = 1;
const OUTPUT: usize = 2;

/// The three streams: the other end of the pair, standard input, standard output.
#[derive(Default)]
struct StdioCopy {
    streams: RefCell<Vec<Transport>>,
}

impl StdioCopy {
    fn stream(&self, which: usize) -> Option<Transport> {
        self.streams.borrow().get(which).cloned()
    }
}

/// One of them.
struct CopiedStream {
    which: usize,
    copy: Rc<StdioCopy>,
}

impl CopiedStream {
    /// Returns where that is written what is read here.
    fn target(&self) -> Option<Transport> {
        match self.which {
            PAIR => self.copy.stream(OUTPUT),
            INPUT => self.copy.stream(PAIR),
            _ => None,
        }
    }
}

impl Protocol for CopiedStream {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        if let Some(target) = self.target() {
            target.register_producer(Rc::new(transport.clone()), Pace::Push)?;
        }
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        if let Some(target) = self.target() {
            target.write(data);
        }
        Ok(())
    }

    fn peer_closed(&mut self, transport: &Transport) {
        match (self.which, self.target()) {
            // The client sends no more, and may still be answered.
            (INPUT, Some(pair)) => {
                pair.unregister_producer();
                pair.lose_write_connection();
            }
            _ => transport.lose_connection(),
        }
    }

    fn connection_lost(&mut self, transport: &Transport, _: Loss) {
        match self.which {
            // The protocol has ended it: what it wrote gets out, then this program has no
            // connection any more.
            PAIR => {
                if let Some(output) = self.copy.stream(OUTPUT) {
                    output.unregister_producer();
                    output.lose_connection();
                }
                if let Some(input) = self.copy.stream(INPUT) {
                    input.abort_connection();
                }
            }
            OUTPUT => {
                if let Some(pair) = self.copy.stream(PAIR) {
                    pair.abort_connection();
                }
                // It may be stopping already.
                let _ = transport.handle().stop();
            }
            _ => {}
        }
    }
}
