//! Sends bytes to a server and returns what comes back: for tests and listings, no HTTP client.
use deferreds::Failure;
use reactor::{Address, Handle};
use std::future::poll_fn;
use transports::Stream;

/// The longest reply; more is an error.
const MAX_REPLY: usize = 1 << 20;

/// Connects, writes `request` as it is, and returns all that comes until the server closes. So the
/// last request should say `connection: close`.
///
/// # Errors
/// When the connection cannot be made or breaks, and when more than 1 MiB comes.
pub async fn talk(
    reactor: &Handle,
    at: &Address,
    request: impl AsRef<[u8]>,
) -> Result<String, Failure> {
    let stream = Stream::connect(reactor, at).await?;
    stream.transport().write(request.as_ref());
    let mut reply = Vec::new();
    loop {
        let count = poll_fn(|context| {
            stream.poll_read(context, |bytes| {
                reply.extend_from_slice(bytes);
                bytes.len()
            })
        })
        .await?;
        if count == 0 {
            // Lossy, so that a test can look at a reply that is no text.
            return Ok(String::from_utf8_lossy(&reply).into_owned());
        }
        if reply.len() > MAX_REPLY {
            return Err(Failure::new("the reply is longer than 1 MiB"));
        }
    }
}
