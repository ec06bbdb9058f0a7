//! What travels in the simulated network, how long it takes, and what happens when it arrives.
use super::{
    Agenda, Event,
    end::{Connection, End},
    network::Network,
    writable,
};
use crate::{Address, Id, Readiness, Time, chance};
use std::{io::ErrorKind, time::Duration};

/// TCP sends a lost segment again after 200 ms at the earliest on Linux, and doubles that each time; the first
/// answer to a request to connect it expects within a second
/// ([RFC 6298](https://www.rfc-editor.org/rfc/rfc6298)).
const RESEND: Duration = Duration::from_millis(200);
const RESEND_CONNECT: Duration = Duration::from_secs(1);

/// With the knob `chunk`, one piece follows the other after so long: each is an instant of its own.
const GAP: Duration = Duration::from_micros(1);

/// When no more connections can wait for an `accept`, a request to connect is not answered and comes again, so often,
/// each time after twice as long ([tcp(7)](https://man7.org/linux/man-pages/man7/tcp.7.html), tcp_syn_retries).
const REQUESTS_AGAIN: u32 = 6;

/// Something on its way to a socket.
pub(crate) struct Arrival {
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
    Reset,
    /// There is room for more bytes.
    Room,
}

impl Network {
    /// Sends something on its way. What one end sends arrives in order.
    pub(super) fn send(&mut self, from: Id, to: Id, what: What, now: Time, agenda: &mut Agenda) {
        let first = match what {
            What::Connect(..) => RESEND_CONNECT,
            _ => RESEND,
        };
        let mut at = self.arrival(now, first);
        if let Ok(end) = self.end_mut(from) {
            at = at.max(end.last_arrival);
        }
        at = self.after_partition(at);
        if let Ok(end) = self.end_mut(from) {
            end.last_arrival = at;
        }
        agenda.add(at, Event::Arrival(Arrival { to, from, what }));
    }

    /// Sends bytes on their way, cut as the knobs say.
    pub(super) fn send_data(
        &mut self,
        from: Id,
        to: Id,
        mut bytes: Vec<u8>,
        now: Time,
        agenda: &mut Agenda,
    ) {
        let number = self.end_mut(from).map_or(0, |end| end.number);
        let reset = self.cut_by_fault(number, &mut bytes);
        let mut rest = bytes;
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
            self.send(from, to, What::Data(rest), now, agenda);
            rest = after;
        }
        if reset {
            self.send(from, to, What::Reset, now, agenda);
            if let Ok(end) = self.end_mut(from) {
                end.lose(ErrorKind::ConnectionReset);
                self.tell(
                    from,
                    writable(Readiness {
                        read: true,
                        read_closed: true,
                        write: true,
                        ..Readiness::default()
                    }),
                );
            }
        }
    }

    /// When something that is sent now arrives: latency and jitter, and later when it is lost and sent again.
    fn arrival(&mut self, now: Time, first_resend: Duration) -> Time {
        let jitter = u64::try_from(self.knobs.jitter.as_nanos()).unwrap_or(u64::MAX);
        let jitter = Duration::from_nanos(chance::up_to(&mut self.chance, jitter));
        let mut at = now + self.knobs.latency + jitter;
        let mut resend = first_resend;
        while self.knobs.loss > 0.0 && chance::happens(&mut self.chance, self.knobs.loss) {
            at += resend;
            resend = resend.saturating_mul(2);
            if at == Time::MAX {
                break;
            }
        }
        self.after_partition(at)
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

    /// Something arrives.
    pub(super) fn arrive(&mut self, arrival: Arrival, now: Time, agenda: &mut Agenda) {
        let Arrival { to, from, what } = arrival;
        if let What::Connect(address, before) = what {
            return self.arrive_request(from, address, before, now, agenda);
        }
        let Ok(end) = self.end_mut(to) else {
            // Nobody is there any more: data is answered with a reset, as TCP does (RFC 9293, 3.5.2).
            if let What::Data(_) = what {
                self.send(to, from, What::Reset, now, agenda);
            }
            return;
        };
        let news = match what {
            What::Connect(..) => return,
            What::Connected => {
                end.connection = Connection::There;
                Readiness::WRITE
            }
            What::Failed(why) => {
                end.connection = Connection::Failed(why);
                Readiness {
                    read: true,
                    write: true,
                    read_closed: true,
                    ..Readiness::default()
                }
            }
            What::Data(bytes) => {
                end.arrived.extend(bytes);
                Readiness::READ
            }
            What::End => {
                end.ended = true;
                Readiness {
                    read: true,
                    write: false,
                    read_closed: true,
                    ..Readiness::default()
                }
            }
            What::Reset => {
                end.lose(ErrorKind::ConnectionReset);
                Readiness {
                    read: true,
                    write: true,
                    read_closed: true,
                    ..Readiness::default()
                }
            }
            What::Room => Readiness::WRITE,
        };
        self.tell(to, news);
    }

    /// A request to connect arrives: at a listener, or at nobody.
    fn arrive_request(
        &mut self,
        client: Id,
        to: Address,
        before: u32,
        now: Time,
        agenda: &mut Agenda,
    ) {
        let Ok(end) = self.end_mut(client) else {
            return;
        };
        let (number, client_address) = (end.number, end.local.clone());
        let listener = self.listener_at(&to);
        let Some(listener) = listener.filter(|_| !self.is_refused(number)) else {
            let refused = What::Failed(ErrorKind::ConnectionRefused);
            return self.send(client, client, refused, now, agenda);
        };
        if self.is_full(listener) {
            let arrival = |what| Arrival {
                to: client,
                from: client,
                what,
            };
            if before == REQUESTS_AGAIN {
                return self.arrive(arrival(What::Failed(ErrorKind::TimedOut)), now, agenda);
            }
            let at = self.after_partition(now + RESEND_CONNECT * 2_u32.pow(before));
            let again = arrival(What::Connect(to, before + 1));
            return agenda.add(at, Event::Arrival(again));
        }
        let mut end = End::new(Connection::There, number, to, client_address);
        end.peer = Some(client);
        let server = self.add_end(end);
        if let Ok(end) = self.end_mut(client) {
            end.peer = Some(server);
        }
        self.queue_for_accept(listener, server);
        self.send(server, client, What::Connected, now, agenda);
    }
}
