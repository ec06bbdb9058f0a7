//! What a client may cost: how long it may take, and how much it may send.
use std::time::Duration;

// ANCHOR: limits
/// What a client may cost. Each has a default that suits a public server; change some, and keep the
/// others with `..`.
///
/// ```
/// use std::time::Duration;
/// use web::Limits;
///
/// let head_time = Duration::from_secs(5);
/// let limits = Limits { body_bytes: 10 * 1024, head_time, ..Limits::default() };
/// # let _ = limits;
/// ```
#[derive(Clone, Debug)]
pub struct Limits {
    /// From the connect, or from the end of the last reply, to the end of the next head: 30 s. So
    /// it limits a connection that is kept open and silent, too.
    pub head_time: Duration,
    /// The request line and the headers may have so many bytes: 16 KiB, with some room for how they
    /// are read.
    pub head_bytes: usize,
    /// From the end of the head to the end of the body: 60 s.
    pub body_time: Duration,
    /// A body may have so many bytes: 1 MiB.
    pub body_bytes: usize,
    /// A client that takes not one byte of what waits for so long is cut off: 30 s.
    pub send_time: Duration,
    /// After the last reply the server reads on for so long, and throws away what it reads, so that
    /// the client gets that reply instead of a reset: 2 s.
    pub linger: Duration,
}
// ANCHOR_END: limits

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            head_time: Duration::from_secs(30),
            head_bytes: 16 * 1024,
            body_time: Duration::from_secs(60),
            body_bytes: 1 << 20,
            send_time: Duration::from_secs(30),
            linger: Duration::from_secs(2),
        }
    }
}
