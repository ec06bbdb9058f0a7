//! The same messages in two framings, each fed one byte at a time.
// ANCHOR: main
use pocket::deferred::Failure;
use pocket::protocol::{Framing, Lines, Netstrings};

fn messages(mut framing: impl Framing, stream: &str) -> Result<Vec<String>, Failure> {
    let mut all = Vec::new();
    for byte in stream.bytes() {
        framing.feed(&[byte]);
        while let Some(message) = framing.next_message()? {
            all.push(String::from_utf8(message)?);
        }
    }
    Ok(all)
}

fn main() {
    println!("{:?}", messages(Lines::new(80), "hope\nthe wind\n"));
    println!("{:?}", messages(Netstrings::new(80), "4:hope,8:the wind,"));
    println!("{:?}", messages(Netstrings::new(80), "9:two\nlines,"));
    println!("{:?}", messages(Netstrings::new(80), "4:hopes,"));
    println!("{:?}", messages(Netstrings::new(80), "999999999999999999999"));
}
// ANCHOR_END: main
