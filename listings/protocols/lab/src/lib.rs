//! The tokio twins of the chapter on protocols: the same framings as codecs of tokio-util, and the
//! same Redis.
mod codec;
mod redis;

pub use codec::Codec;
pub use redis::serve_redis;
