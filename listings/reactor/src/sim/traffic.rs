//! What travels in the simulated network, how long it takes, and what happens when it arrives.
use super::{event_queue::Event, network::Network, stream_socket::Connection};
use crate::{Address, Id, Readiness, Time, random};
use std::{io::ErrorKind, time::Duration};

/// TCP sends a lost segment again after 200 ms at the earliest on Linux, and doubles that each
/// time; the first answer to a request to connect it expects within a second ([RFC
/// 6298](https://www.rfc-editor.org/rfc/rfc6298)).
const RESEND: Duration = Duration::from_millis(200);
const RESEND_CONNECT: Duration = Duration::from_secs(1);

/// With the knob `chunk`, one piece follows the other after so long: each is an instant of its own.
/// So are the requests of those who found no place to wait.
const GAP: Duration = Duration::from_micros(1);

/// When no more connections can wait for an `accept`, a request to connect is not answered and
/// comes again, so often, each time after twice as long
/// ([tcp(7)](https://man7.org/linux/man-pages/man7/tcp.7.html), tcp_syn_retries).
const REQUESTS_AGAIN: u32 = 6;

/// Something on its way to a socket.
pub(super) struct Arrival {
    pub(super) to: Id,
    pub(super) from: Id,
    pub(super) what: Packet,
}

pub(super) enum Packet {
    /// `from` asks for a connection, and has asked so often before; `to` is not used.
    Connect(Address, u32),
    Connected,
    Failed(ErrorKind),
    Data(Vec<u8>),
    Fin,
    /// The peer heard the end.
    FinHeard,
    Reset,
    /// There is room for more bytes.
    Room,
    /// A datagram, from an address to one.
    Datagram {
        from: Address,
        to: Address,
        bytes: Vec<u8>,
    },
    /// No socket was there to take a datagram.
    Refused,
}

impl Network {
    /// Sends something on its way. What one end sends arrives in order.
    pub(super) fn send(&mut self, from: Id, to: Id, what: Packet) {
        let first = match what {
            Packet::Connect(..) => RESEND_CONNECT,
            _ => RESEND,
        };
        let mut at = self.arrival(first);
        if let Ok(stream) = self.stream_mut(from) {
            at = at.max(stream.last_arrival);
        }
        at = self.after_partition(at);
        if let Ok(stream) = self.stream_mut(from) {
            stream.last_arrival = at;
        }
        self.arrive_at(at, Arrival { to, from, what });
    }

    fn arrive_at(&mut self, at: Time, arrival: Arrival) {
        self.events.add(at, Event::Arrival(arrival));
    }

    /// Sends bytes on their way, cut as the knobs say. What goes to a Unix socket is there at once
    /// and whole.
    pub(super) fn send_data(&mut self, from: Id, to: Id, mut bytes: Vec<u8>) {
        let (number, unix) = self
            .stream_mut(from)
            .map_or((0, false), |stream| (stream.number, stream.is_unix()));
        // Before the bytes are cut into pieces: the fault counts bytes, however they travel.
        let reset = self.cut_by_fault(number, &mut bytes);
        let mut rest = bytes;
        if unix && !rest.is_empty() {
            let what = Packet::Data(std::mem::take(&mut rest));
            self.arrive(Arrival { to, from, what });
        }
        while !rest.is_empty() {
            let size = match self.knobs.chunk {
                Some((least, most)) => {
                    // Knobs that were not parsed may say anything; a piece has a byte at least.
                    let (least, more) = (least.max(1), most.saturating_sub(least));
                    let more = random::up_to(&mut self.random, more as u64) as usize;
                    least.saturating_add(more).min(rest.len())
                }
                None => rest.len(),
            };
            let after = rest.split_off(size);
            if self.knobs.chunk.is_some()
                && let Ok(stream) = self.stream_mut(from)
            {
                // An instant of its own for each, or the reader would be told of all of them at once.
                stream.last_arrival += GAP;
            }
            self.send(from, to, Packet::Data(rest));
            rest = after;
        }
        if reset {
            if unix {
                let what = Packet::Reset;
                self.arrive(Arrival { to, from, what });
            } else {
                self.send(from, to, Packet::Reset);
            }
            if let Ok(stream) = self.stream_mut(from) {
                stream.reset();
                let what = stream.readiness();
                self.tell(from, what);
            }
        }
    }

    /// Returns when something that is sent now arrives: latency and jitter, and later when it is
    /// lost and sent again.
    fn arrival(&mut self, first_resend: Duration) -> Time {
        let mut at = self.now + self.travel();
        let mut resend = first_resend;
        while self.is_lost() {
            at += resend;
            resend = resend.saturating_mul(2);
            if at == Time::MAX {
                break;
            }
        }
        self.after_partition(at)
    }

    /// Returns how long one packet is on its way.
    pub(super) fn travel(&mut self) -> Duration {
        let jitter = u64::try_from(self.knobs.jitter.as_nanos()).unwrap_or(u64::MAX);
        let jitter = Duration::from_nanos(random::up_to(&mut self.random, jitter));
        self.knobs.latency.saturating_add(jitter)
    }

    /// Returns whether the next packet does not arrive.
    pub(super) fn is_lost(&mut self) -> bool {
        self.knobs.loss > 0.0 && random::happens(&mut self.random, self.knobs.loss)
    }

    /// Returns when something arrives that would arrive at `at`: while the network is parted, when
    /// it is whole again, or never.
    pub(super) fn after_partition(&self, mut at: Time) -> Time {
        let parted = |at: Time| {
            self.partitions()
                .find(|(from, until)| at >= *from && until.is_none_or(|until| at < until))
        };
        // It may be parted again by then.
        while let Some((_, until)) = parted(at) {
            match until {
                Some(until) => at = until + self.knobs.latency,
                None => return Time::MAX,
            }
        }
        at
    }

    /// There is room again for what an end wanted to write.
    pub(super) fn tell_of_room(&mut self, from: Id, to: Id) {
        let at = self.after_partition(self.now + self.knobs.latency);
        let what = Packet::Room;
        self.arrive_at(at, Arrival { to, from, what });
    }

    /// A request to connect found no place to wait. Each comes again in an instant of its own: so
    /// all of a burst come in when a place is free.
    pub(super) fn ask_again(&mut self, client: Id, to: Address, before: u32) {
        let arrival = |what| Arrival {
            to: client,
            from: client,
            what,
        };
        if before == REQUESTS_AGAIN {
            return self.arrive(arrival(Packet::Failed(ErrorKind::TimedOut)));
        }
        let at = self.now + RESEND_CONNECT * 2_u32.pow(before);
        let at = self.after_partition(at.max(self.last_request + GAP));
        if before == 0 {
            self.last_request = at;
        }
        self.arrive_at(at, arrival(Packet::Connect(to, before + 1)));
    }

    /// Something arrives.
    pub(super) fn arrive(&mut self, arrival: Arrival) {
        let Arrival { to, from, what } = arrival;
        match what {
            Packet::Connect(address, before) => return self.arrive_request(from, address, before),
            Packet::Datagram {
                from: sender,
                to: at,
                bytes,
            } => return self.arrive_datagram(from, sender, &at, bytes),
            Packet::Refused => return self.refuse_datagram(to),
            _ => {}
        }
        let Ok(stream) = self.stream_mut(to) else {
            return self.arrive_nowhere(to, from, what);
        };
        match what {
            Packet::Connected => {
                stream.connection = Connection::There;
                self.tell(to, Readiness::WRITE);
            }
            Packet::Failed(why) => {
                stream.connection = Connection::Failed(why);
                self.tell(to, Readiness::LOST);
            }
            // It was reset: data is answered as by a socket that is closed.
            Packet::Data(_) if stream.was_lost => self.arrive_nowhere(to, from, what),
            Packet::Data(bytes) => {
                stream.arrived.extend(bytes);
                self.tell(to, Readiness::READ);
            }
            Packet::Fin if stream.was_lost => {}
            Packet::Fin => {
                stream.ended = true;
                let hung_up = stream.readiness().write_closed;
                self.tell(
                    to,
                    Readiness {
                        write: hung_up,
                        write_closed: hung_up,
                        read_closed: true,
                        ..Readiness::READ
                    },
                );
                self.heard_by(to, from);
            }
            Packet::FinHeard => {
                // The side that ended first learns here that both are done.
                stream.heard = true;
                if stream.ended && !stream.was_lost {
                    let what = stream.readiness();
                    self.tell(to, what);
                }
            }
            Packet::Reset => {
                // A second reset changes nothing, and is no news.
                let before = stream.was_lost;
                stream.reset();
                if !before && stream.was_lost {
                    self.tell(to, Readiness::LOST);
                }
            }
            Packet::Room => self.tell(to, Readiness::WRITE),
            Packet::Connect(..) | Packet::Datagram { .. } | Packet::Refused => {}
        }
    }

    /// The socket is closed: data is answered with a reset, as TCP does (RFC 9293, 3.5.2), and an
    /// end is heard.
    fn arrive_nowhere(&mut self, to: Id, from: Id, what: Packet) {
        match what {
            Packet::Data(_) => self.send(to, from, Packet::Reset),
            Packet::Fin => self.heard_by(to, from),
            _ => {}
        }
    }

    /// The end that `from` sent has arrived. A side that has ended, too, hears of that: the
    /// connection is over.
    fn heard_by(&mut self, to: Id, from: Id) {
        let Ok(stream) = self.stream_mut(from) else {
            return;
        };
        if stream.is_unix() || !stream.ended {
            stream.heard = true;
            return;
        }
        let at = self.after_partition(self.now + self.knobs.latency);
        let (to, from, what) = (from, to, Packet::FinHeard);
        self.arrive_at(at, Arrival { to, from, what });
    }
}
