//! Twisted in your pocket: one small file a part, every line on a page of the book.
#![forbid(unsafe_code)]
pub mod deferred;
pub mod endpoint;
pub mod http;
pub mod protocol;
pub mod reactor;
pub mod remote;
pub mod service;
pub mod task;
pub mod transport;
