//! A library that does not choose a runtime: what it reads from, and what it waits with, are given
//! to it.
use futures_util::{
    AsyncBufReadExt, AsyncRead, AsyncReadExt,
    future::{Either, select},
    io::BufReader,
};
use std::{io, pin::pin};

/// The longest line that is kept, in bytes.
pub const LONGEST: u64 = 1_000;

/// The first line of what comes from `stream`, without its end; no longer than [`LONGEST`]. The
/// caller decides how long is too long: `limit` is any future.
///
/// Dropped before it is ready, it has read from the stream what came so far.
///
/// ```
/// use coroutines_lab::neutral::first_line;
/// use futures_util::{FutureExt, io::Cursor};
/// use std::future::pending;
///
/// let stream = Cursor::new("Hope is the thing with feathers\nThat perches");
/// let line = first_line(stream, pending()).now_or_never().unwrap()?;
/// assert_eq!(line, "Hope is the thing with feathers");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of the stream; `TimedOut` when `limit` is ready first; `InvalidData` when the line is no
/// text.
// ANCHOR: first_line
pub async fn first_line(
    stream: impl AsyncRead + Unpin,
    limit: impl Future<Output = ()>,
) -> io::Result<String> {
    let mut line = String::new();
    let mut stream = BufReader::new(stream.take(LONGEST));
    let read = stream.read_line(&mut line);
    match select(pin!(read), pin!(limit)).await {
        Either::Left((read, _)) => read?,
        Either::Right(((), _)) => return Err(io::ErrorKind::TimedOut.into()),
    };
    Ok(line.trim_end().to_owned())
}
// ANCHOR_END: first_line
