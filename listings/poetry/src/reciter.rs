//! The slow recital without input or output: it says what to send next, and how long to pause.
use std::time::Duration;

/// How slowly a poem is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How many bytes at a time; 0 counts as 1.
    pub bytes: usize,
    /// The pause between two pieces.
    pub pause: Duration,
    /// The pause before the first piece.
    pub late: Duration,
}

impl Default for Pace {
    /// Returns ten bytes at a time, with pauses of 100 ms, beginning at once.
    fn default() -> Self {
        Pace {
            bytes: 10,
            pause: Duration::from_millis(100),
            late: Duration::ZERO,
        }
    }
}

impl Pace {
    /// Returns a pace of `bytes` at a time, with `pause` between, beginning at once.
    pub const fn new(bytes: usize, pause: Duration) -> Self {
        Pace {
            bytes,
            pause,
            late: Duration::ZERO,
        }
    }

    /// Returns the pace of a poem that is sent at once.
    pub const fn at_once() -> Self {
        Pace::new(usize::MAX, Duration::ZERO)
    }
}

/// What goes wrong, and it goes wrong half-way through the poem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing: the whole poem, then the end.
    #[default]
    None,
    /// The connection ends in good order after half of the poem. The client cannot see that
    /// anything is missing.
    Truncate,
    /// Half of the poem, and then nothing more, for ever; the connection stays open.
    Stall,
    /// The connection is reset after half of the poem: the client's next read fails.
    Reset,
}

/// What the reciter wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send these bytes, or a first part of them, and say [`Reciter::sent`].
    Send(&'static [u8]),
    /// Wait that long, and say [`Reciter::paused`].
    Pause(Duration),
    /// Keep the connection and send nothing more.
    Stall,
    /// End the connection in good order.
    Close,
    /// End the connection with a reset.
    Reset,
}

/// One recital of one poem. It holds no socket and no clock: the caller sends, waits, and reports
/// back.
///
/// ```
/// use poetry::{Fault, Pace, Poem, Reciter, Step};
/// use std::time::Duration;
///
/// let pause = Duration::from_millis(100);
/// let mut reciter = Reciter::new(Poem::named("eagle").unwrap(), Pace::new(8, pause), Fault::None);
/// assert_eq!(reciter.step(), Step::Send(b"He clasp"));
/// reciter.sent(3); // the socket took only three bytes
/// assert_eq!(reciter.step(), Step::Send(b"clasp"));
/// reciter.sent(5);
/// assert_eq!(reciter.step(), Step::Pause(pause));
/// reciter.paused();
/// assert_eq!(reciter.step(), Step::Send(b"s the cr"));
/// ```
#[derive(Clone, Debug)]
pub struct Reciter {
    text: &'static [u8],
    pace: Pace,
    fault: Fault,
    sent: usize,
    /// Where the piece ends that is being sent; the same as `sent` before the first and between
    /// two.
    piece: usize,
    pause: Duration,
}

impl Reciter {
    /// Returns a recital that has not begun.
    pub fn new(poem: &Poem, pace: Pace, fault: Fault) -> Self {
        let text = poem.text.as_bytes();
        let mut reciter = Reciter {
            text,
            pace,
            fault,
            sent: 0,
            piece: 0,
            pause: pace.late,
        };
        reciter.piece = reciter.piece_end();
        reciter
    }

    /// Returns what to do next. Asking changes nothing.
    pub fn step(&self) -> Step {
        if self.sent == self.end() {
            return match self.fault {
                Fault::None | Fault::Truncate => Step::Close,
                Fault::Stall => Step::Stall,
                Fault::Reset => Step::Reset,
            };
        }
        if self.pause > Duration::ZERO {
            return Step::Pause(self.pause);
        }
        Step::Send(&self.text[self.sent..self.piece])
    }

    /// Notes that `count` bytes of the piece went out; more than the piece has count as the whole
    /// piece.
    pub fn sent(&mut self, count: usize) {
        self.sent = self.sent.saturating_add(count).min(self.piece);
        if self.sent == self.piece {
            self.pause = self.pace.pause;
            self.piece = self.piece_end();
        }
    }

    /// Notes that the pause is over.
    pub fn paused(&mut self) {
        self.pause = Duration::ZERO;
    }

    /// Returns how many bytes went out so far.
    pub fn progress(&self) -> usize {
        self.sent
    }

    fn end(&self) -> usize {
        match self.fault {
            Fault::None => self.text.len(),
            Fault::Truncate | Fault::Stall | Fault::Reset => self.text.len() / 2,
        }
    }

    fn piece_end(&self) -> usize {
        self.sent
            .saturating_add(self.pace.bytes.max(1))
            .min(self.end())
    }
}

use crate::Poem;
