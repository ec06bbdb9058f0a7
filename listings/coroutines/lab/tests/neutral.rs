//! The library without a runtime, on three of them: in memory, on our reactor, on tokio. No real
//! time passes.
use coroutines::{block_on, sleep};
use coroutines_lab::{neutral, neutral::first_line, stream::Stream};
use futures_util::{AsyncRead, FutureExt, io::Cursor};
use reactor::{Address, Reactor, Sim};
use recital::recite;
use std::{
    future::{pending, ready},
    io::{self, ErrorKind},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio_util::compat::TokioAsyncReadCompatExt;

const POEM: &str = "Hope is the thing with feathers\nThat perches in the soul\n";
const LINE: &str = "Hope is the thing with feathers";

/// Returns one piece of the poem at each read.
struct Pieces(Vec<&'static [u8]>);

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let Some(piece) = (!self.0.is_empty()).then(|| self.0.remove(0)) else {
            return Poll::Ready(Ok(0));
        };
        buffer[..piece.len()].copy_from_slice(piece);
        Poll::Ready(Ok(piece.len()))
    }
}

#[test]
fn wherever_the_bytes_are_cut_the_line_is_the_same() {
    for cut in 1..POEM.len() {
        let pieces = Pieces(vec![&POEM.as_bytes()[..cut], &POEM.as_bytes()[cut..]]);
        let line = first_line(pieces, pending()).now_or_never().unwrap();
        assert_eq!(line.unwrap(), LINE, "cut at {cut}");
    }
}

#[test]
fn what_is_no_line_is_an_error_or_ends_at_the_limit() {
    let line = |bytes: Vec<u8>| first_line(Cursor::new(bytes), pending()).now_or_never();
    let wrong = line(b"\xff\xfe\n".to_vec()).unwrap().unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::InvalidData);
    let long = line(vec![b'a'; 5_000]).unwrap().unwrap();
    assert_eq!(long.len() as u64, neutral::LONGEST);
    assert_eq!(line(Vec::new()).unwrap().unwrap(), "");
}

#[test]
fn on_our_reactor_the_line_comes_or_it_is_too_late() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let at = recite(&h, &["hope"]).unwrap().remove(0);
    let results = block_on(&mut reactor, async {
        let stream = Stream::connect(&h, &at)?;
        let line = first_line(stream, sleep(&h, Duration::from_secs(1))).await;
        let stream = Stream::connect(&h, &at)?;
        let late = first_line(stream, ready(())).await;
        let stream = Stream::connect(&h, &Address::loopback(1))?;
        let refused = first_line(stream, pending()).await;
        Ok([line, late, refused].map(|line| line.map_err(|error| error.kind())))
    });
    let refused = Err(ErrorKind::ConnectionRefused);
    assert_eq!(
        results.unwrap(),
        [Ok(LINE.to_owned()), Err(ErrorKind::TimedOut), refused]
    );
}

#[tokio::test(start_paused = true)]
async fn on_tokio_the_line_comes_or_it_is_too_late() {
    use tokio::io::AsyncWriteExt;
    let (mut writer, reader) = tokio::io::duplex(8);
    let write = async {
        // The reader stops at the end of its line; what is left finds no reader.
        let _ = writer.write_all(POEM.as_bytes()).await;
        drop(writer);
    };
    let limit = tokio::time::sleep(Duration::from_secs(1));
    let (line, ()) = tokio::join!(first_line(reader.compat(), limit), write);
    assert_eq!(line.unwrap(), LINE);

    let (_writer, reader) = tokio::io::duplex(8);
    let limit = tokio::time::sleep(Duration::from_secs(1));
    let late = first_line(reader.compat(), limit).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::TimedOut);
}
