//! The knobs of a simulated world, and how they are written: `latency=10ms,loss=0.1,chunk=64`.
use crate::Signal;
use std::{error::Error, fmt, time::Duration};

/// How a simulated world differs from a quiet one.
///
/// ```
/// use reactor::Knobs;
/// use std::time::Duration;
///
/// let knobs = Knobs::parse("latency=10ms,chunk=64,refuse=2").unwrap();
/// assert_eq!(knobs.latency, Duration::from_millis(10));
/// assert_eq!(knobs.chunk, Some((64, 64)));
/// assert_eq!(knobs.faults, [reactor::Fault::Refuse(2)]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Knobs {
    /// How long everything is on its way, in one direction. Written `latency=10ms`; 1 ms unless
    /// given.
    pub latency: Duration,
    /// Up to so much longer, at random. Written `jitter=5ms`.
    pub jitter: Duration,
    /// How often a segment is lost, from 0 to 1; it is sent again after 200 ms, and what follows it
    /// waits. Written `loss=0.1`.
    pub loss: f64,
    /// The smallest and the largest number of bytes that arrive at once. Written `chunk=64`, or
    /// `chunk=1-64` for a size at random. Each piece arrives a microsecond after the one before it.
    pub chunk: Option<(usize, usize)>,
    /// So many bytes may be on their way or unread in one direction of a stream; then a write must
    /// wait. Written `buffer=1000`; 65,536 unless given.
    pub buffer: usize,
    /// How long a job takes. Written `job=10ms`; 10 ms unless given.
    pub job: Duration,
    /// So many connections at most wait for an `accept`, whatever the listener asks. Written
    /// `backlog=5`; 4,096 unless given, as on Linux (`net.core.somaxconn`).
    pub backlog: u32,
    /// What a turn costs that does not wait, when a thousand did not wait before it: so a program
    /// that is always busy does not stop the clock. Written `busy=1us`; 1 µs unless given.
    pub busy: Duration,
    /// Signals that come, and when. Written `interrupt=5s` or `terminate=5s`.
    pub signals: Vec<(Duration, Signal)>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

impl Default for Knobs {
    fn default() -> Knobs {
        Knobs {
            latency: Duration::from_millis(1),
            jitter: Duration::ZERO,
            loss: 0.0,
            chunk: None,
            buffer: 65_536,
            job: Duration::from_millis(10),
            backlog: 4096,
            busy: Duration::from_micros(1),
            signals: Vec::new(),
            faults: Vec::new(),
        }
    }
}

/// Something that goes wrong in a simulated world. Connections are counted from 1, in the order of
/// `connect`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// That connection is refused, though there is a listener. Written `refuse=2`.
    Refuse(u32),
    /// That connection is reset when it has carried so many bytes, both directions together.
    /// Written `reset=2@100`.
    Reset {
        /// Which connection.
        connection: u32,
        /// How many bytes arrive before that.
        after: usize,
    },
    /// Nothing arrives for a while, or never again. On a stream it arrives when the network is
    /// whole again. Written `partition=2s-5s` or `partition=2s`.
    Partition {
        /// From that time of the world on.
        from: Duration,
        /// Until that time, or for ever.
        until: Option<Duration>,
    },
    /// So many sockets can be open, and the next one answers EMFILE. Written `descriptors=8`.
    Descriptors(usize),
}

/// What was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnobError(String);

impl KnobError {
    pub(crate) fn seed(text: &str) -> KnobError {
        KnobError(format!(
            "`{text}` is no seed: a whole number, as in `sim:42`"
        ))
    }
}

impl fmt::Display for KnobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for KnobError {}

impl Knobs {
    /// Reads knobs that are separated by commas; each field of [`Knobs`] and [`Fault`] says how it
    /// is written. A time is a number with `ns`, `us`, `ms` or `s`.
    ///
    /// # Errors
    /// [`KnobError`] names the knob, and what could stand there.
    pub fn parse(text: &str) -> Result<Knobs, KnobError> {
        let mut knobs = Knobs::default();
        for knob in text
            .split(',')
            .map(str::trim)
            .filter(|knob| !knob.is_empty())
        {
            let (name, value) = knob.split_once('=').ok_or_else(|| {
                KnobError(format!(
                    "the knob `{knob}` has no value: {name}=…",
                    name = knob
                ))
            })?;
            knobs.turn(name.trim(), value.trim()).map_err(|expected| {
                KnobError(format!(
                    "the knob `{name}={value}` is not understood: {expected}"
                ))
            })?;
        }
        Ok(knobs)
    }

    fn turn(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        match name {
            "latency" => self.latency = time(value)?,
            "jitter" => self.jitter = time(value)?,
            "job" => self.job = time(value)?,
            "busy" => self.busy = time(value)?,
            "backlog" => self.backlog = number(value)?,
            "loss" => {
                self.loss = value.parse().map_err(|_| PROBABILITY)?;
                // Not 1: what is lost is sent again, and that would go on for ever.
                if !(0.0..1.0).contains(&self.loss) {
                    return Err(PROBABILITY);
                }
            }
            "chunk" => {
                let (least, most) = value.split_once('-').unwrap_or((value, value));
                let (least, most) = (number(least)?, number(most)?);
                if least == 0 || most < least {
                    return Err("a chunk is at least 1, as in `chunk=64` or `chunk=1-64`");
                }
                self.chunk = Some((least, most));
            }
            "buffer" => {
                self.buffer = number(value)?;
                if self.buffer == 0 {
                    return Err("a buffer of 0 bytes can send nothing");
                }
            }
            "interrupt" => self.signals.push((time(value)?, Signal::Interrupt)),
            "terminate" => self.signals.push((time(value)?, Signal::Terminate)),
            "refuse" => self.faults.push(Fault::Refuse(connection(value)?)),
            "reset" => {
                let (connection, after) = value
                    .split_once('@')
                    .ok_or("write `reset=2@100`: the second connection, after 100 bytes")?;
                let (connection, after) = (self::connection(connection)?, number(after)?);
                self.faults.push(Fault::Reset { connection, after });
            }
            "partition" => {
                let (from, until) = match value.split_once('-') {
                    Some((from, until)) => (time(from)?, Some(time(until)?)),
                    None => (time(value)?, None),
                };
                if until.is_some_and(|until| until <= from) {
                    return Err("a partition ends after it begins, as in `partition=2s-5s`");
                }
                self.faults.push(Fault::Partition { from, until });
            }
            "descriptors" => self.faults.push(Fault::Descriptors(number(value)?)),
            _ => {
                return Err(
                    "there are latency, jitter, loss, chunk, buffer, job, backlog, busy, \
                            interrupt, terminate, refuse, reset, partition and descriptors",
                );
            }
        }
        Ok(())
    }

    /// Name and value of the knobs, for the header of a recording: the first three, and what is not
    /// as usual.
    pub(crate) fn describe(&self) -> Vec<(&'static str, trace::Value)> {
        let mut all: Vec<(&'static str, trace::Value)> = vec![
            ("latency_ns", self.latency.into()),
            ("jitter_ns", self.jitter.into()),
            ("loss", self.loss.to_string().into()),
        ];
        if let Some((least, most)) = self.chunk {
            all.push(("chunk_least", least.into()));
            all.push(("chunk_most", most.into()));
        }
        // A new knob must not change recordings that were made before it.
        let usual = Knobs::default();
        if self.buffer != usual.buffer {
            all.push(("buffer", self.buffer.into()));
        }
        if self.job != usual.job {
            all.push(("job_ns", self.job.into()));
        }
        if self.backlog != usual.backlog {
            all.push(("backlog", self.backlog.into()));
        }
        if self.busy != usual.busy {
            all.push(("busy_ns", self.busy.into()));
        }
        if !self.signals.is_empty() {
            all.push(("signals", format!("{:?}", self.signals).into()));
        }
        if !self.faults.is_empty() {
            all.push(("faults", format!("{:?}", self.faults).into()));
        }
        all
    }
}

const PROBABILITY: &str = "a chance is a number from 0 up to, but not, 1";

fn number<N: std::str::FromStr>(text: &str) -> Result<N, &'static str> {
    text.trim()
        .parse()
        .map_err(|_| "a whole number is expected")
}

fn connection(text: &str) -> Result<u32, &'static str> {
    match number(text)? {
        0 => Err("connections are counted from 1"),
        number => Ok(number),
    }
}

fn time(text: &str) -> Result<Duration, &'static str> {
    humantime::parse_duration(text)
        .map_err(|_| "a time is a number with ns, us, ms or s, as in `10ms`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_knob_can_be_written() {
        let knobs = Knobs::parse(
            "latency=10ms, jitter=5us, loss=0.25, chunk=1-64, buffer=100, job=2s, interrupt=3s, backlog=5, busy=2us, \
             refuse=1, reset=2@100, partition=2s-5s, partition=9s, descriptors=8",
        );
        let Ok(knobs) = knobs else {
            panic!("{knobs:?}")
        };
        assert_eq!(knobs.jitter, Duration::from_micros(5));
        assert_eq!(knobs.chunk, Some((1, 64)));
        assert_eq!(knobs.signals, [(Duration::from_secs(3), Signal::Interrupt)]);
        assert_eq!(knobs.faults.len(), 5);
        assert_eq!(
            knobs.faults[1],
            Fault::Reset {
                connection: 2,
                after: 100
            }
        );
    }

    #[test]
    fn a_recording_tells_worlds_apart() {
        let usual = Knobs::default().describe();
        for knob in "latency=2ms jitter=1ms loss=0.5 chunk=9 buffer=9 job=1s backlog=9 busy=9us interrupt=1s \
             refuse=1"
            .split(' ')
        {
            let knobs = Knobs::parse(knob).unwrap_or_else(|error| panic!("{error}"));
            assert_ne!(knobs.describe(), usual, "{knob}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for wrong in [
            "latency",
            "latency=10",
            "latency=ms",
            "loss=1",
            "loss=-1",
            "loss=x",
            "chunk=0",
            "chunk=9-3",
            "buffer=0",
            "reset=2",
            "refuse=second",
            "colour=red",
            "partition=now",
            "partition=5s-2s",
            "refuse=0",
            "reset=0@5",
        ] {
            let error = Knobs::parse(wrong).expect_err(wrong).to_string();
            assert!(
                error.contains(wrong.split('=').next().unwrap_or(wrong)),
                "{error}"
            );
        }
    }
}
