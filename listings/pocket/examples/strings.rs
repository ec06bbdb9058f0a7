//! Four strings, two of them wrong.
#[path = "../steps/endpoint_1.rs"]
mod endpoint;

// ANCHOR: main
use endpoint::Endpoint;

fn main() {
    for text in ["tcp:4080:interface=127.0.0.1", "unix:/run/poems.sock", "tcp:80800", "tpc:80"] {
        match Endpoint::parse(text) {
            Ok(endpoint) => println!("{endpoint:?}"),
            Err(error) => println!("{error}"),
        }
    }
}
// ANCHOR_END: main
