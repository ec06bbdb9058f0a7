//! Endpoint strings that are wrong: each error points at the place.
use applications::Endpoint;

fn main() {
    // ANCHOR: wrong
    let wrong = [
        "tcp:80800",
        "tpc:4080",
        "tcp:interface=127.0.0.1",
        "tcp:4080:port=4081",
        "tcp:4080:interface=::1",
        "tcp:4080:intrface=127.0.0.1",
        "unix:",
    ];
    for text in wrong {
        match text.parse::<Endpoint>() {
            Ok(endpoint) => println!("{endpoint} is right"),
            Err(error) => println!("{error}"),
        }
    }
    // ANCHOR_END: wrong
}
