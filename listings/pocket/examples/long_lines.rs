//! A limit that holds exactly, wherever the stream is cut.
#[path = "../steps/protocol_2.rs"]
#[allow(dead_code, reason = "this program makes no use of some of it")]
mod protocol;
use pocket::deferred;
// ANCHOR: main
use protocol::{Framing, Lines};

fn main() {
    for stream in [["hope\n", ""], ["hope\r", "\n"], ["hopes", "\n"], ["no end ", "in sight"]] {
        let mut lines = Lines::new(4);
        for piece in stream {
            lines.feed(piece.as_bytes());
            let line = lines.next_message().map(|line| line.map(String::from_utf8));
            println!("{piece:?}: {line:?}");
        }
    }
}
// ANCHOR_END: main
