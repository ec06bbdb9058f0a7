//! The same cores under tokio: codecs both ways, and the small Redis, answer for answer.
use bytes::BytesMut;
use futures_util::{SinkExt, StreamExt};
use protocols::{
    Boxes, FrameError, KeyValues, Lines, Netstrings, Prefix, Prefixed, RedisBounds, RedisThread,
    Resp, RespValue,
};
use protocols_lab::{Codec, serve_redis};
use std::{
    io::{self, ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex},
    net::TcpListener,
    task::{LocalSet, spawn_local},
};
use tokio_util::codec::{Encoder, Framed};

/// Sends each message through a pipe of seven bytes, and returns what comes out.
async fn through<F, M>(codec: Codec<F>, sent: Vec<M>) -> Vec<F::Message>
where
    F: protocols::Framing + Clone,
    Codec<F>: Encoder<M, Error = io::Error>,
{
    let (one, two) = duplex(7);
    let (mut sender, receiver) = (Framed::new(one, codec.clone()), Framed::new(two, codec));
    let send = async move {
        for message in sent {
            sender.send(message).await.expect("it can be sent");
        }
    };
    let (_, received) = tokio::join!(
        send,
        receiver
            .map(|message| message.expect("a message"))
            .collect()
    );
    received
}

#[tokio::test]
async fn what_a_codec_sends_it_receives() {
    let words: Vec<Vec<u8>> = ["", "hope", "the thing with feathers"]
        .map(|word| word.as_bytes().to_vec())
        .into();
    assert_eq!(through(Codec(Lines::new(80)), words.clone()).await, words);
    assert_eq!(
        through(Codec(Netstrings::new(80)), words.clone()).await,
        words
    );
    assert_eq!(
        through(Codec(Prefixed::new(Prefix::Two, 80)), words.clone()).await,
        words
    );
    let values = vec![
        KeyValues::from([(b"poem".to_vec(), b"hope".to_vec())]),
        KeyValues::new(),
    ];
    assert_eq!(through(Codec(Boxes::new(80)), values.clone()).await, values);
    let values = vec![RespValue::command(["GET", "hope"]), RespValue::Null];
    assert_eq!(
        through(Codec(Resp::new(80, 1)), values.clone()).await,
        values
    );
}

#[tokio::test]
async fn what_cannot_be_sent_and_what_ends_in_the_middle_are_errors() {
    let mut bytes = BytesMut::new();
    let error = Codec(Lines::new(80))
        .encode(b"a\r\nb", &mut bytes)
        .unwrap_err();
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    assert_eq!(
        (error.kind(), inner),
        (ErrorKind::InvalidInput, Some(&FrameError::HasDelimiter))
    );
    assert!(
        Codec(Prefixed::new(Prefix::One, 3))
            .encode(b"hope", &mut bytes)
            .is_err()
    );
    assert!(bytes.is_empty());
    let (mut one, two) = duplex(80);
    one.write_all(b"4:hope,4:wi").await.expect("room");
    drop(one);
    let mut messages = Framed::new(two, Codec(Netstrings::new(80)));
    assert_eq!(messages.next().await.expect("one").expect("whole"), b"hope");
    let error = messages.next().await.expect("an end").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
}

const COMMANDS: &[u8] = b"PING\r\nSET k v PX 100000\r\nGET k\r\nTTL k\r\nLPUSH l a b\r\nBLPOP l 1\r\nMULTI\r\nINCR n\r\nEXEC\r\n\
    SUBSCRIBE c\r\nUNSUBSCRIBE c\r\nFROB\r\nQUIT\r\n";

#[tokio::test]
async fn the_same_redis_answers_the_same() {
    let thread = RedisThread::start(RedisBounds::default()).expect("a server");
    let mut stream = TcpStream::connect(thread.address().to_string()).expect("it listens");
    stream.write_all(COMMANDS).expect("it reads");
    let mut ours = String::new();
    stream.read_to_string(&mut ours).expect("it answers");
    let tasks = LocalSet::new();
    let tokios = tasks.run_until(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let at = listener.local_addr()?;
        spawn_local(serve_redis(listener, RedisBounds::default()));
        let mut stream = tokio::net::TcpStream::connect(at).await?;
        stream.write_all(COMMANDS).await?;
        let mut said = String::new();
        stream.read_to_string(&mut said).await?;
        io::Result::Ok(said)
    });
    assert_eq!(tokios.await.expect("it answers"), ours);
    assert!(
        ours.starts_with("+PONG\r\n+OK\r\n$1\r\nv\r\n:100\r\n") && ours.ends_with("+OK\r\n"),
        "{ours}"
    );
}

#[tokio::test]
async fn a_client_waits_for_another_ones_push_and_for_its_time() {
    let run = async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let at = listener.local_addr()?;
        spawn_local(serve_redis(listener, RedisBounds::default()));
        let mut waits = tokio::net::TcpStream::connect(at).await?;
        waits
            .write_all(b"PING\r\nBLPOP l 0\r\nBLPOP l 0.01\r\nQUIT\r\n")
            .await?;
        let mut pong = [0; 7];
        waits.read_exact(&mut pong).await?; // so it waits by now
        let mut pushes = tokio::net::TcpStream::connect(at).await?;
        pushes.write_all(b"LPUSH l a\r\nQUIT\r\n").await?;
        let mut said = String::new();
        pushes.read_to_string(&mut said).await?;
        waits.read_to_string(&mut said).await?;
        io::Result::Ok(said)
    };
    let tasks = LocalSet::new();
    let said = tokio::time::timeout(Duration::from_secs(60), tasks.run_until(run));
    let said = said.await.expect("it does not hang").expect("it answers");
    assert_eq!(
        said,
        ":1\r\n+OK\r\n*2\r\n$1\r\nl\r\n$1\r\na\r\n*-1\r\n+OK\r\n"
    );
}
