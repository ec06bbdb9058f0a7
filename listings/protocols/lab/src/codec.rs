//! A framing of ours as a codec of tokio-util.
use bytes::{Buf, BytesMut};
use protocols::{
    Boxes, FrameError, Framing, KeyValues, Lines, Netstrings, Prefixed, Resp, RespValue,
};
use std::io;
use tokio_util::codec::{Decoder, Encoder};

/// A framing as a decoder and an encoder: `Framed::new(stream, Codec(Lines::new(1000)))`.
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

/// Whatever can be one message is sent as one.
impl<M: AsRef<[u8]>> Encoder<M> for Codec<Lines> {
    type Error = io::Error;

    fn encode(&mut self, line: M, to: &mut BytesMut) -> io::Result<()> {
        to.extend(self.0.written(line.as_ref()).map_err(unsendable)?);
        Ok(())
    }
}

impl<M: AsRef<[u8]>> Encoder<M> for Codec<Netstrings> {
    type Error = io::Error;

    fn encode(&mut self, message: M, to: &mut BytesMut) -> io::Result<()> {
        to.extend(Netstrings::written(message.as_ref()));
        Ok(())
    }
}

impl<M: AsRef<[u8]>> Encoder<M> for Codec<Prefixed> {
    type Error = io::Error;

    fn encode(&mut self, message: M, to: &mut BytesMut) -> io::Result<()> {
        to.extend(self.0.written(message.as_ref()).map_err(unsendable)?);
        Ok(())
    }
}

impl Encoder<KeyValues> for Codec<Boxes> {
    type Error = io::Error;

    fn encode(&mut self, values: KeyValues, to: &mut BytesMut) -> io::Result<()> {
        to.extend(Boxes::written(&values).map_err(unsendable)?);
        Ok(())
    }
}

impl Encoder<RespValue> for Codec<Resp> {
    type Error = io::Error;

    fn encode(&mut self, value: RespValue, to: &mut BytesMut) -> io::Result<()> {
        to.extend(value.written());
        Ok(())
    }
}

fn unsendable(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}
