//! Lines come out whole, however the stream was cut.
#[path = "../steps/protocol_1.rs"]
#[allow(dead_code, reason = "this program makes no use of some of it")]
mod protocol;
use pocket::deferred;
// ANCHOR: main
use deferred::Failure;
use protocol::{Framing, Lines};

fn main() -> Result<(), Failure> {
    let mut lines = Lines::new();
    for piece in ["hope\r\nwi", "nd\n", "\n", "eldo", "rado\r", "\nthe eag"] {
        lines.feed(piece.as_bytes());
        print!("{piece:?} brings");
        while let Some(line) = lines.next_message()? {
            print!(" {:?}", String::from_utf8_lossy(&line));
        }
        println!();
    }
    Ok(())
}
// ANCHOR_END: main
