//! The smallest web server to learn from, and not one to use.
use crate::deferred::Failure;
use crate::protocol::{Framing, Lines};
use crate::transport::{Factory, Protocol, Transport};

/// The most bytes of a head, without the ends of its lines.
pub const MAX_HEAD: usize = 8192;

/// The factory of a web server.
pub struct Site;

impl Factory for Site {
    fn build_protocol(&self) -> Option<Box<dyn Protocol>> {
        let (lines, head) = (Lines::new(MAX_HEAD), Some(Vec::new()));
        Some(Box::new(Http { lines, head, left: MAX_HEAD }))
    }
}

struct Http {
    lines: Lines,
    /// `None`: this connection has its answer, or waits for it.
    head: Option<Vec<String>>,
    left: usize,
}

impl Protocol for Http {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        let Some(head) = &mut self.head else { return Ok(()) };
        self.lines.feed(data);
        loop {
            let line = match self.lines.next_message() {
                Ok(Some(line)) if line.len() <= self.left => line,
                Ok(None) => return Ok(()),
                _ => break send(transport, "431 Request Header Fields Too Large", "too long"),
            };
            if line.is_empty() {
                break send(transport, "200 OK", &head.join("\n"));
            }
            self.left -= line.len();
            head.push(String::from_utf8_lossy(&line).into_owned());
        }
        self.head = None;
        Ok(())
    }
}

fn send(transport: &Transport, status: &str, page: &str) {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", page.len());
    transport.write(head.as_bytes());
    transport.write(b"Connection: close\r\n\r\n");
    transport.write(page.as_bytes());
    transport.lose_connection();
}
