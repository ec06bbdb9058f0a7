//! The smallest web server to learn from, and not one to use.
use crate::deferred::Failure;
use crate::protocol::{Framing, Lines};
use crate::transport::{Factory, Protocol, Transport};
use std::collections::HashMap;

/// The most bytes of a head, without the ends of its lines.
pub const MAX_HEAD: usize = 8192;

pub struct Request {
    pub path: String,
    /// The names in small letters.
    pub headers: HashMap<String, String>,
}

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
                break match parse(head) {
                    Ok(Request { path, headers }) => {
                        send(transport, "200 OK", &format!("{path}, {} headers", headers.len()));
                    }
                    Err(status) => send(transport, status, status),
                };
            }
            self.left -= line.len();
            head.push(String::from_utf8_lossy(&line).into_owned());
        }
        self.head = None;
        Ok(())
    }
}

fn parse(head: &[String]) -> Result<Request, &'static str> {
    let first = head.first().map_or("", String::as_str);
    let [method, path, "HTTP/1.1" | "HTTP/1.0"] = first.split(' ').collect::<Vec<_>>()[..] else {
        return Err("400 Bad Request");
    };
    if method != "GET" {
        return Err("405 Method Not Allowed");
    }
    let mut headers = HashMap::new();
    for line in &head[1..] {
        let (name, value) = line.split_once(':').ok_or("400 Bad Request")?;
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    Ok(Request { path: path.to_owned(), headers })
}

fn send(transport: &Transport, status: &str, page: &str) {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", page.len());
    transport.write(head.as_bytes());
    transport.write(b"Connection: close\r\n\r\n");
    transport.write(page.as_bytes());
    transport.lose_connection();
}
