//! A server that adds up lines, and trusts boundaries: you mend it.
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
        // Each call is taken for one line.
        self.line(transport, data.trim_ascii_end());
        Ok(())
    }
}

/// Adds up the lines of all connections in `total`.
pub fn tallies(total: &Rc<Cell<u64>>) -> Rc<dyn Factory> {
    let total = Rc::clone(total);
    Rc::new(move |_: &Address| Tally {
        total: Rc::clone(&total),
    })
}
