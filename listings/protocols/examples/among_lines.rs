//! A poem among lines: so many bytes as they are, one of whose lines looks like a command.
use protocols::{FrameError, Framing, Lines};

// ANCHOR: reads
/// Lines, and poems between them. `POEM 11` announces eleven bytes.
struct Reads {
    lines: Lines,
    missing: usize,
    poem: Vec<u8>,
}

impl Reads {
    fn data_received(&mut self, bytes: &[u8]) -> Result<(), FrameError> {
        self.lines.feed(bytes);
        loop {
            if self.missing > 0 {
                let raw = self.lines.take_raw(self.missing);
                self.missing -= raw.len();
                self.poem.extend(raw);
                if self.missing > 0 {
                    return Ok(()); // the rest has not come yet
                }
                println!("poem: {}", self.poem.escape_ascii());
                self.poem.clear();
            }
            let Some(line) = self.lines.next_message()? else {
                return Ok(());
            };
            match announced(&line) {
                Some(length) if length > 1000 => return Err(FrameError::TooLong(1000)),
                Some(length) => self.missing = length,
                None => println!("line: {}", line.escape_ascii()),
            }
        }
    }
}
// ANCHOR_END: reads

/// The number behind `POEM `.
fn announced(line: &[u8]) -> Option<usize> {
    let digits = line.strip_prefix(b"POEM ")?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

// ANCHOR: main
fn main() -> Result<(), FrameError> {
    let mut reads = Reads {
        lines: Lines::new(80),
        missing: 0,
        poem: Vec::new(),
    };
    reads.data_received(b"POEM 11\r\nhope\r\nB")?;
    reads.data_received(b"YE\r\nBYE\r\n")
}
// ANCHOR_END: main
