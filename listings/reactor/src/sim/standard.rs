//! Standard input and output of a simulated world: what is typed is scripted, what is printed is
//! printed.
use super::network::{Kind, Network, Slot, not_connected};
use crate::{Id, Readiness, StandardStream};
use std::io::{self, ErrorKind, IoSlice, Write};

impl Network {
    pub(super) fn open_standard(&mut self, which: StandardStream) -> io::Result<Id> {
        let is_open = |kind: &Kind| matches!(kind, Kind::Standard(open) if *open == which);
        if self.slots.iter().any(|(_, slot)| is_open(&slot.kind)) {
            return Err(ErrorKind::ResourceBusy.into());
        }
        let id = self.add(Kind::Standard(which), true);
        match which {
            StandardStream::Input => {
                let what = self.input_readiness();
                self.tell(id, what);
            }
            StandardStream::Output | StandardStream::Error => self.tell(id, Readiness::WRITE),
        }
        Ok(id)
    }

    pub(super) fn input_readiness(&self) -> Readiness {
        Readiness {
            read: !self.input.is_empty() || self.input_ended,
            read_closed: self.input_ended,
            ..Readiness::default()
        }
    }

    /// Bytes come on standard input; none at all are its end.
    pub(super) fn arrive_input(&mut self, bytes: &[u8]) {
        self.input.extend(bytes);
        self.input_ended |= bytes.is_empty();
        let what = self.input_readiness();
        let is_input = |slot: &Slot| matches!(slot.kind, Kind::Standard(StandardStream::Input));
        // It is open once at most.
        let input = self.slots.iter().find(|(_, slot)| is_input(slot));
        if let Some((id, _)) = input {
            self.tell(id, what);
        }
    }

    pub(super) fn read_standard(&mut self, id: Id, buffer: &mut [u8]) -> io::Result<usize> {
        if !matches!(self.kind(id), Some(Kind::Standard(StandardStream::Input))) {
            return not_connected();
        }
        let count = self.input.len().min(buffer.len());
        for (to, byte) in buffer.iter_mut().zip(self.input.drain(..count)) {
            *to = byte;
        }
        if count == 0 && !buffer.is_empty() && !self.input_ended {
            return Err(ErrorKind::WouldBlock.into());
        }
        Ok(count)
    }

    pub(super) fn write_standard(&mut self, id: Id, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        let which = match self.kind(id) {
            Some(Kind::Standard(which)) => *which,
            _ => return not_connected(),
        };
        let mut to: Box<dyn Write> = match which {
            StandardStream::Input => return not_connected(),
            StandardStream::Output => Box::new(io::stdout().lock()),
            StandardStream::Error => Box::new(io::stderr().lock()),
        };
        let mut count = 0;
        for bytes in buffers {
            to.write_all(bytes)?;
            count += bytes.len();
        }
        to.flush()?;
        Ok(count)
    }
}
