//! Limits: how many connections there may be, from one peer and in total.
use deferreds::Failure;
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    rc::Rc,
};
use transports::{Address, Factory, Protocol, ProtocolWrapper};

/// How many connections there may be at once. Clones count together, so several ports can share one
/// limit.
///
/// A connection that is one too many is closed at once, and no protocol is built for it. It has its
/// place from `build_protocol` until its protocol is dropped. One that is handed to another
/// protocol by `set_protocol` counts no more.
///
/// A peer is an IP address without its port. Of IPv6 the first 64 bits count, because a host that
/// has one such address mostly has them all. Peers of Unix sockets count in total only.
///
/// ```
/// use protocols::Limits;
/// use std::rc::Rc;
/// use transports::{Address, Factory};
/// # use deferreds::Failure;
/// # use transports::{Protocol, Transport};
/// # struct Echo;
/// # impl Protocol for Echo {
/// #     fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> { Ok(()) }
/// # }
/// let limits = Limits::new(1000, 10);
/// let factory = limits.around(Rc::new(|_: &Address| Echo));
/// let protocol = factory.build_protocol(&Address::loopback(4080));
/// assert!(protocol.is_some());
/// assert_eq!(limits.total(), 1);
/// drop(protocol);
/// assert_eq!(limits.total(), 0);
/// ```
///
/// Source:
/// [`WrappingFactory`](https://docs.twisted.org/en/stable/api/twisted.protocols.policies.WrappingFactory.html)
/// and
/// [`LimitTotalConnectionsFactory`](https://docs.twisted.org/en/stable/api/twisted.protocols.policies.LimitTotalConnectionsFactory.html).
#[derive(Clone, Debug)]
pub struct Limits(Rc<Counts>);

#[derive(Debug)]
struct Counts {
    most: usize,
    most_by_peer: usize,
    total: Cell<usize>,
    by_peer: RefCell<HashMap<IpAddr, usize>>,
}

impl Limits {
    /// Returns one for at most `total` connections, and at most `by_peer` from one peer.
    #[must_use]
    pub fn new(total: usize, by_peer: usize) -> Limits {
        Limits(Rc::new(Counts {
            most: total,
            most_by_peer: by_peer,
            total: Cell::new(0),
            by_peer: RefCell::default(),
        }))
    }

    /// Returns a factory that builds what `factory` builds, as long as a permit is left.
    #[must_use]
    pub fn around(&self, factory: Rc<dyn Factory>) -> Rc<dyn Factory> {
        let counts = Rc::clone(&self.0);
        Rc::new(Limited { counts, factory })
    }

    /// Returns how many connections there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.total.get()
    }

    /// Returns from how many peers there are connections.
    #[must_use]
    pub fn peers(&self) -> usize {
        self.0.by_peer.borrow().len()
    }
}

/// Returns what counts as one peer.
fn key(peer: &Address) -> Option<IpAddr> {
    let Address::Inet(at) = peer else {
        return None;
    };
    Some(match at.ip().to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
        ip => ip,
    })
}

// ANCHOR: permit
/// Counts a connection for as long as this lives.
struct Permit {
    counts: Rc<Counts>,
    peer: Option<IpAddr>,
}

impl Permit {
    fn take(counts: &Rc<Counts>, peer: &Address) -> Option<Permit> {
        let peer = key(peer);
        let mut by_peer = counts.by_peer.borrow_mut();
        let here = peer
            .and_then(|peer| by_peer.get(&peer))
            .copied()
            .unwrap_or(0);
        if counts.total.get() >= counts.most || here >= counts.most_by_peer {
            return None;
        }
        counts.total.set(counts.total.get() + 1);
        if let Some(peer) = peer {
            by_peer.insert(peer, here + 1);
        }
        let counts = Rc::clone(counts);
        Some(Permit { counts, peer })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.counts.total.set(self.counts.total.get() - 1);
        let Some(peer) = self.peer else {
            return;
        };
        let mut by_peer = self.counts.by_peer.borrow_mut();
        match by_peer.get_mut(&peer) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(by_peer.remove(&peer)), // a peer that has gone takes no memory
        }
    }
}
// ANCHOR_END: permit

struct Limited {
    counts: Rc<Counts>,
    factory: Rc<dyn Factory>,
}

// ANCHOR: limited
impl Factory for Limited {
    fn build_protocol(&self, peer: &Address) -> Option<Box<dyn Protocol>> {
        let permit = Permit::take(&self.counts, peer)?;
        let protocol = self.factory.build_protocol(peer)?;
        Some(Box::new(WithPermit {
            protocol,
            _permit: permit,
        }))
    }

    fn connection_failed(&self, to: &Address, why: Failure) {
        self.factory.connection_failed(to, why);
    }
}
// ANCHOR_END: limited

/// A protocol with its permit, which it returns when it is dropped.
struct WithPermit {
    protocol: Box<dyn Protocol>,
    _permit: Permit,
}

impl ProtocolWrapper for WithPermit {
    type Inner = dyn Protocol;

    fn inner(&mut self) -> &mut Self::Inner {
        &mut *self.protocol
    }
}
