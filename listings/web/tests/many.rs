//! Many connections at once.
mod visits;

use coroutines::{block_on, sleep};
use std::future::poll_fn;
use transports::Stream;
use visits::{SECOND, serve};

#[test]
fn many_connections_that_are_kept_open_are_served_and_ended() {
    let (mut reactor, served) = serve();
    let (handle, at) = (reactor.handle(), served.address().clone());
    block_on(&mut reactor, async move {
        let mut kept = Vec::new();
        for _ in 0..2_000 {
            kept.push(Stream::connect(&handle, &at).await?);
        }
        for round in 1..=2 {
            for stream in &kept {
                stream
                    .transport()
                    .write("GET /now HTTP/1.1\r\nhost: test\r\n\r\n");
            }
            for stream in &kept {
                let mut reply = Vec::new();
                while !reply.ends_with(b"now") {
                    let read = poll_fn(|context| {
                        stream.poll_read(context, |bytes| {
                            reply.extend_from_slice(bytes);
                            bytes.len()
                        })
                    });
                    assert_ne!(read.await?, 0, "round {round}");
                }
            }
        }
        assert_eq!(served.connections(), 2_000);
        sleep(&handle, 10 * SECOND).await;
        assert_eq!(served.connections(), 0, "the silent are ended");
        Ok(())
    })
    .unwrap();
}
