//! What travels in the simulated network, how long it takes, and what happens when it arrives.
use super::{agenda::Event, end::Connection, network::Network};
use crate::{Address, Id, Readiness, Time, chance};
use std::{io::ErrorKind, time::Duration};

/// TCP sends a lost segment again after 200 ms at the earliest on Linux, and doubles that each time; the first
/// answer to a request to connect it expects within a second
/// ([RFC 6298](https://www.rfc-editor.org/rfc/rfc6298)).
const RESEND: Duration = Duration::from_millis(200);
const RESEND_CONNECT: Duration = Duration::from_secs(1);

/// With the knob `chunk`, one piece follows the other after so long: each is an instant of its own. So are the
/// requests of those who found no place to wait.
const GAP: Duration = Duration::from_micros(1);

/// When no more connections can wait for an `accept`, a request to connect is not answered and comes again, so often,
/// each time after twice as long ([tcp(7)](https://man7.org/linux/man-pages/man7/tcp.7.html), tcp_syn_retries).
const REQUESTS_AGAIN: u32 = 6;

/// Something on its way to a socket.
pub(super) struct Arrival {
    pub(super) to: Id,
    pub(super) from: Id,
    pub(super) what: What,
}

pub(super) enum What {
    /// `from` asks for a connection, and has asked so often before; `to` is not used.
    Connect(Address, u32),
    Connected,
    Failed(ErrorKind),
    Data(Vec<u8>),
    End,
    /// The peer heard the end.
    Heard,
    Reset,
    /// There is room for more bytes.
    Room,
    /// A datagram, from an address to one.
    Datagram {
        from: Address,
        to: Address,
        bytes: Vec<u8>,
    },
    /// Nobody was there to take a datagram.
    Refused,
}

impl Network {
    /// Sends something on its way. What one end sends arrives in order.
    pub(super) fn send(&mut self, from: Id, to: Id, what: What) {
        let first = match what {
            What::Connect(..) => RESEND_CONNECT,
            _ => RESEND,
        };
        let mut at = self.arrival(first);
        if let Ok(end) = self.end_mut(from) {
            at = at.max(end.last_arrival);
        }
        at = self.after_partition(at);
        if let Ok(end) = self.end_mut(from) {
            end.last_arrival = at;
        }
        self.arrive_at(at, Arrival { to, from, what });
    }

    fn arrive_at(&mut self, at: Time, arrival: Arrival) {
        self.agenda.add(at, Event::Arrival(arrival));
    }

    /// Sends bytes on their way, cut as the knobs say. What goes to a Unix socket is there at once and whole.
    pub(super) fn send_data(&mut self, from: Id, to: Id, mut bytes: Vec<u8>) {
        let (number, unix) = self
            .end_mut(from)
            .map_or((0, false), |end| (end.number, end.is_unix()));
        let reset = self.cut_by_fault(number, &mut bytes);
        let mut rest = bytes;
        if unix && !rest.is_empty() {
            let what = What::Data(std::mem::take(&mut rest));
            self.arrive(Arrival { to, from, what });
        }
        while !rest.is_empty() {
            let size = match self.knobs.chunk {
                Some((least, most)) => {
                    // Knobs that were not parsed may say anything; a piece has a byte at least.
                    let (least, more) = (least.max(1), most.saturating_sub(least));
                    let more = chance::up_to(&mut self.chance, more as u64) as usize;
                    least.saturating_add(more).min(rest.len())
                }
                None => rest.len(),
            };
            let after = rest.split_off(size);
            if self.knobs.chunk.is_some()
                && let Ok(end) = self.end_mut(from)
            {
                end.last_arrival += GAP;
            }
            self.send(from, to, What::Data(rest));
            rest = after;
        }
        if reset {
            if unix {
                let what = What::Reset;
                self.arrive(Arrival { to, from, what });
            } else {
                self.send(from, to, What::Reset);
            }
            if let Ok(end) = self.end_mut(from) {
                end.reset();
                let what = end.readiness();
                self.tell(from, what);
            }
        }
    }

    /// When something that is sent now arrives: latency and jitter, and later when it is lost and sent again.
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

    /// How long one packet is on its way.
    pub(super) fn travel(&mut self) -> Duration {
        let jitter = u64::try_from(self.knobs.jitter.as_nanos()).unwrap_or(u64::MAX);
        let jitter = Duration::from_nanos(chance::up_to(&mut self.chance, jitter));
        self.knobs.latency.saturating_add(jitter)
    }

    /// Whether the next packet does not arrive.
    pub(super) fn is_lost(&mut self) -> bool {
        self.knobs.loss > 0.0 && chance::happens(&mut self.chance, self.knobs.loss)
    }

    /// What would arrive while the network is parted arrives when it is whole again, or never.
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
        let what = What::Room;
        self.arrive_at(at, Arrival { to, from, what });
    }

    /// A request to connect found no place to wait. Each comes again in an instant of its own: so all of a burst
    /// come in when somebody accepts.
    pub(super) fn ask_again(&mut self, client: Id, to: Address, before: u32) {
        let arrival = |what| Arrival {
            to: client,
            from: client,
            what,
        };
        if before == REQUESTS_AGAIN {
            return self.arrive(arrival(What::Failed(ErrorKind::TimedOut)));
        }
        let at = self.now + RESEND_CONNECT * 2_u32.pow(before);
        let at = self.after_partition(at.max(self.last_request + GAP));
        if before == 0 {
            self.last_request = at;
        }
        self.arrive_at(at, arrival(What::Connect(to, before + 1)));
    }

    /// Something arrives.
    pub(super) fn arrive(&mut self, arrival: Arrival) {
        let Arrival { to, from, what } = arrival;
        match what {
            What::Connect(address, before) => return self.arrive_request(from, address, before),
            What::Datagram {
                from: sender,
                to: at,
                bytes,
            } => return self.arrive_datagram(from, sender, &at, bytes),
            What::Refused => return self.refuse_datagram(to),
            _ => {}
        }
        let Ok(end) = self.end_mut(to) else {
            return self.arrive_nowhere(to, from, what);
        };
        match what {
            What::Connected => {
                end.connection = Connection::There;
                self.tell(to, Readiness::WRITE);
            }
            What::Failed(why) => {
                end.connection = Connection::Failed(why);
                self.tell(to, Readiness::LOST);
            }
            What::Data(_) if end.was_lost => self.arrive_nowhere(to, from, what),
            What::Data(bytes) => {
                end.arrived.extend(bytes);
                self.tell(to, Readiness::READ);
            }
            What::End if end.was_lost => {}
            What::End => {
                end.ended = true;
                let hung_up = end.readiness().write_closed;
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
            What::Heard => {
                end.heard = true;
                if end.ended && !end.was_lost {
                    let what = end.readiness();
                    self.tell(to, what);
                }
            }
            What::Reset => {
                let before = end.was_lost;
                end.reset();
                if !before && end.was_lost {
                    self.tell(to, Readiness::LOST);
                }
            }
            What::Room => self.tell(to, Readiness::WRITE),
            What::Connect(..) | What::Datagram { .. } | What::Refused => {}
        }
    }

    /// Nobody is there any more: data is answered with a reset, as TCP does (RFC 9293, 3.5.2), and an end is heard.
    fn arrive_nowhere(&mut self, to: Id, from: Id, what: What) {
        match what {
            What::Data(_) => self.send(to, from, What::Reset),
            What::End => self.heard_by(to, from),
            _ => {}
        }
    }

    /// The end that `from` sent has arrived. Whoever has ended, too, hears of that: the connection is over.
    fn heard_by(&mut self, to: Id, from: Id) {
        let Ok(end) = self.end_mut(from) else { return };
        if end.is_unix() || !end.ended {
            end.heard = true;
            return;
        }
        let at = self.after_partition(self.now + self.knobs.latency);
        let (to, from, what) = (from, to, What::Heard);
        self.arrive_at(at, Arrival { to, from, what });
    }
}
