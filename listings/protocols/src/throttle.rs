//! A throttle: so many bytes a second from all peers together, and no more.
use crate::wrapped::{Policy, WithPolicy};
use deferreds::Failure;
use reactor::{DelayedCall, Handle, Time};
use std::{cell::Cell, rc::Rc, time::Duration};
use transports::{Factory, Loss, Transport};

/// How many bytes a second are read, of all connections together. Clones share one rate, so several
/// ports can.
///
/// What has come is passed on at once. If it was more than the rate allows, the connection that
/// brought it is not read until that time is made up, so the kernel's buffers fill and its peer has
/// to wait: nothing is dropped, and nothing is kept here. In any stretch of time no more is read
/// than the rate allows, plus one read of each connection, of 64 KiB at most.
///
/// A protocol inside may pause and resume its peer as it likes; both pauses hold.
///
/// ```
/// use protocols::Throttle;
/// use std::rc::Rc;
/// use transports::{Address, Factory};
/// # use deferreds::Failure;
/// # use transports::{Protocol, Transport};
/// # struct Upload;
/// # impl Protocol for Upload {
/// #     fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> { Ok(()) }
/// # }
/// let throttle = Throttle::new(1 << 20); // 1 MiB a second
/// let factory = throttle.around(Rc::new(|_: &Address| Upload));
/// # drop(factory);
/// ```
///
/// Source:
/// [`ThrottlingFactory`](https://docs.twisted.org/en/stable/api/twisted.protocols.policies.ThrottlingFactory.html).
#[derive(Clone, Debug)]
pub struct Throttle(Rc<Rate>);

#[derive(Debug)]
struct Rate {
    per_second: u64,
    /// When all that was read would have come, at that rate.
    made_up: Cell<Time>,
}

impl Throttle {
    /// Returns one for at most so many bytes a second; none at all counts as one.
    #[must_use]
    pub fn new(bytes_per_second: u64) -> Throttle {
        Throttle(Rc::new(Rate {
            per_second: bytes_per_second.max(1),
            made_up: Cell::default(),
        }))
    }

    /// Returns a factory that builds what `factory` builds, each behind this throttle.
    #[must_use]
    pub fn around(&self, factory: Rc<dyn Factory>) -> Rc<dyn Factory> {
        let rate = Rc::clone(&self.0);
        WithPolicy::factory(factory, move |_| Throttled {
            rate: Rc::clone(&rate),
            call: None,
        })
    }
}

impl Rate {
    /// Counts bytes that have come. Returns how long it takes until they are made up.
    fn take(&self, reactor: &Handle, count: usize) -> Duration {
        let nanos = u128::from(count as u64) * 1_000_000_000 / u128::from(self.per_second);
        let cost = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        let now = reactor.now();
        let made_up = self.made_up.get().max(now) + cost;
        self.made_up.set(made_up);
        made_up - now
    }
}

struct Throttled {
    rate: Rc<Rate>,
    call: Option<DelayedCall>,
}

// ANCHOR: throttled
impl Policy for Throttled {
    fn received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.cancel_timer();
        let wait = self.rate.take(transport.handle(), data.len());
        transport.hold_reading();
        let later = transport.clone();
        let call = move |_: &Handle| later.release_reading();
        self.call = Some(transport.handle().call_later(wait, call));
        Ok(())
    }

    fn lost(&mut self, _: &Transport, why: Loss) -> Loss {
        self.cancel_timer();
        why
    }
}
// ANCHOR_END: throttled

impl Throttled {
    fn cancel_timer(&mut self) {
        if let Some(call) = self.call.take() {
            let _ = call.cancel(); // an error says that it has run
        }
    }
}

impl Drop for Throttled {
    /// A protocol that is replaced hears of no loss, and the next one is not held.
    fn drop(&mut self) {
        if let Some(call) = self.call.take()
            && call.active()
        {
            let _ = call.reset(Duration::ZERO);
        }
    }
}
