//! What a connection hears unasked, after LISTEN.

/// What another client said on a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The channel.
    pub channel: String,
    /// What was said; at most 8000 bytes.
    pub payload: String,
    /// The number of the server's process that spoke for the other client.
    pub process: i32,
}
