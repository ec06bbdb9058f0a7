//! A server that adds up lines, without a limit.
use std::{cell::Cell, rc::Rc};
use untwisted::{
    deferreds::Failure,
    transports::{Address, Factory, Protocol, Transport},
};

/// The longest line, in bytes, without its line feed.
pub const LONGEST: usize = 80;

/// One connection.
struct Tally {
    total: Rc<Cell<u64>>,
    unread: Vec<u8>,
}

impl Tally {
    /// A line has come, without its line feed.
    fn line(&self, transport: &Transport, line: &[u8]) {
        let text = std::str::from_utf8(line).unwrap_or_default();
        if text == "bye" {
            transport.write("bye\n");
            transport.lose_connection();
        } else if let Ok(number) = text.parse::<u32>() {
            let total = self.total.get() + u64::from(number);
            self.total.set(total);
            transport.write(format!("total {total}\n"));
        } else {
            transport.write("what?\n");
        }
    }
}

impl Protocol for Tally {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.unread.extend_from_slice(data);
        while !transport.is_closing()
            && let Some(end) = self.unread.iter().position(|&byte| byte == b'\n')
        {
            let line: Vec<u8> = self.unread.drain(..=end).collect();
            self.line(transport, &line[..end]);
        }
        Ok(())
    }
}

/// Adds up the lines of all connections in `total`.
pub fn tallies(total: &Rc<Cell<u64>>) -> Rc<dyn Factory> {
    let total = Rc::clone(total);
    Rc::new(move |_: &Address| Tally {
        total: Rc::clone(&total),
        unread: Vec::new(),
    })
}
