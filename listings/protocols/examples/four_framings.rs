//! The same two words in four framings: what goes over the wire, and what comes out when it is cut
//! in the middle.
use protocols::{Boxes, FrameError, Framing, KeyValues, Lines, Netstrings, Prefix, Prefixed};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // ANCHOR: four
    let words = ["hope", "wind"];
    let lines: Vec<u8> = words
        .iter()
        .flat_map(|word| format!("{word}\r\n").into_bytes())
        .collect();
    show("lines", Lines::new(80), &lines)?;

    let netstrings: Vec<u8> = words
        .iter()
        .flat_map(|word| Netstrings::written(word.as_bytes()))
        .collect();
    show("netstrings", Netstrings::new(80), &netstrings)?;

    let prefixed = Prefixed::new(Prefix::Two, 80);
    let mut lengths = Vec::new();
    for word in words {
        lengths.extend(prefixed.written(word.as_bytes())?);
    }
    show("a length before each", prefixed, &lengths)?;

    let poem = KeyValues::from([
        (b"ask".to_vec(), b"1".to_vec()),
        (b"poem".to_vec(), b"hope".to_vec()),
    ]);
    let boxes = Boxes::written(&poem)?;
    show("a box", Boxes::new(80), &boxes)?;
    // ANCHOR_END: four
    Ok(())
}

// ANCHOR: show
/// Feeds the bytes in two pieces, and prints what has come out after each.
fn show<F>(name: &str, mut framing: F, bytes: &[u8]) -> Result<(), FrameError>
where
    F: Framing<Message: Readable>,
{
    println!("{name}: {}", bytes.escape_ascii());
    let (first, second) = bytes.split_at(bytes.len() / 2 + 1);
    for piece in [first, second] {
        framing.feed(piece);
        print!("  {:2} bytes:", piece.len());
        while let Some(message) = framing.next_message()? {
            print!(" {}", message.readable());
        }
        println!();
    }
    Ok(())
}
// ANCHOR_END: show

trait Readable {
    fn readable(&self) -> String;
}

impl Readable for Vec<u8> {
    fn readable(&self) -> String {
        self.escape_ascii().to_string()
    }
}

impl Readable for KeyValues {
    fn readable(&self) -> String {
        let pairs = self
            .iter()
            .map(|(key, value)| format!("{}={}", key.readable(), value.readable()));
        pairs.collect::<Vec<_>>().join(" ")
    }
}
