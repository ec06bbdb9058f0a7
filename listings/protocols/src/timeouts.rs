//! A timeout: a peer that is silent for too long loses its connection.
use deferreds::Failure;
use reactor::DelayedCall;
use std::{cell::Cell, error::Error, fmt, rc::Rc, time::Duration};
use transports::{Loss, Protocol, ProtocolWrapper, Transport};

/// A protocol whose peer may be silent for so long and no longer.
///
/// The time begins with the connection, and again with each piece that comes. When it is over, the
/// connection is aborted, and the protocol's loss is [`Loss::Failed`] with [`Silent`], so a timeout
/// can be told from any other end. However the connection ends, the timer is taken back.
///
/// Only what the peer *sends* counts. While a protocol has paused its peer, or only writes to it,
/// the time goes on. It also goes on while a connection closes, so that a peer which reads nothing
/// cannot keep it. A protocol that hands its connection to another one by `set_protocol` takes the
/// time with it: wrap the next one, too.
///
/// ```
/// use protocols::TimeOut;
/// use std::{rc::Rc, time::Duration};
/// use transports::{Address, Factory};
/// # use deferreds::Failure;
/// # use transports::{Protocol, Transport};
/// # struct Echo;
/// # impl Protocol for Echo {
/// #     fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> { Ok(()) }
/// # }
/// let limit = Duration::from_secs(30);
/// let factory: Rc<dyn Factory> = Rc::new(move |_: &Address| TimeOut::new(limit, Echo));
/// # drop(factory);
/// ```
///
/// Source:
/// [`TimeoutMixin`](https://docs.twisted.org/en/stable/api/twisted.protocols.policies.TimeoutMixin.html).
pub struct TimeOut<P> {
    limit: Duration,
    protocol: P,
    call: Option<DelayedCall>,
    silent: Rc<Cell<bool>>,
}

impl<P: Protocol> TimeOut<P> {
    /// Allows the peer of `protocol` so much time between two pieces.
    pub fn new(limit: Duration, protocol: P) -> TimeOut<P> {
        TimeOut {
            limit,
            protocol,
            call: None,
            silent: Rc::default(),
        }
    }
}

impl<P> TimeOut<P> {
    fn cancel_timer(&mut self) {
        if let Some(call) = self.call.take() {
            let _ = call.cancel(); // an error says that it has run
        }
    }
}

// ANCHOR: timeout
impl<P: Protocol> ProtocolWrapper for TimeOut<P> {
    type Inner = P;

    fn inner(&mut self) -> &mut Self::Inner {
        &mut self.protocol
    }

    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let (late, silent) = (transport.clone(), Rc::clone(&self.silent));
        let call = transport.handle().call_later(self.limit, move |_| {
            silent.set(true);
            late.abort_connection();
        });
        self.call = Some(call);
        self.protocol.connection_made(transport)
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        if let Some(call) = &self.call {
            let _ = call.reset(self.limit);
        }
        self.protocol.data_received(transport, data)
    }

    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        self.cancel_timer();
        let why = match why {
            Loss::Aborted if self.silent.get() => Loss::Failed(Failure::new(Silent(self.limit))),
            why => why,
        };
        self.protocol.connection_lost(transport, why);
    }
}
// ANCHOR_END: timeout

impl<P> Drop for TimeOut<P> {
    /// A protocol that is replaced hears of no loss.
    fn drop(&mut self) {
        self.cancel_timer();
    }
}

/// The peer sent nothing for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silent(pub Duration);

impl fmt::Display for Silent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the peer was silent for {:?}", self.0)
    }
}

impl Error for Silent {}
