//! The tokio twins of the chapter on protocols: the same framings as codecs of tokio-util.
use bytes::{Buf, BytesMut};
use protocols::{FrameError, Framing};
use std::io;
use tokio_util::codec::Decoder;

/// A framing as a decoder: `FramedRead::new(stream, Codec(Lines::new(1000)))`.
///
/// ```
/// use bytes::BytesMut;
/// use protocols::Netstrings;
/// use protocols_lab::Codec;
/// use tokio_util::codec::Decoder;
///
/// let mut codec = Codec(Netstrings::new(80));
/// let mut bytes = BytesMut::from(&b"4:hope,4:wi"[..]);
/// assert_eq!(codec.decode(&mut bytes)?, Some(b"hope".to_vec()));
/// assert_eq!(codec.decode(&mut bytes)?, None);
/// assert!(codec.decode_eof(&mut bytes).is_err()); // cut off
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Codec<F>(pub F);

impl<F: Framing> Decoder for Codec<F> {
    type Item = F::Message;
    type Error = io::Error;

    fn decode(&mut self, source: &mut BytesMut) -> io::Result<Option<F::Message>> {
        self.0.feed(source);
        source.advance(source.len()); // the framing keeps what it needs
        self.0.next_message().map_err(invalid)
    }

    fn decode_eof(&mut self, source: &mut BytesMut) -> io::Result<Option<F::Message>> {
        match self.decode(source)? {
            None if self.0.left_over() > 0 => Err(io::ErrorKind::UnexpectedEof.into()),
            message => Ok(message),
        }
    }
}

fn invalid(error: FrameError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
