//! Standard input and output of a simulated world: what is typed is scripted, what is printed is printed.
use super::network::{Kind, Network, not_connected};
use crate::{Id, Readiness, StandardStream};
use std::io::{self, ErrorKind, IoSlice, Write};

impl Network {
    pub(super) fn open_standard(&mut self, which: StandardStream) -> io::Result<Id> {
        let is_open =
            |kind: &Option<Kind>| matches!(kind, Some(Kind::Standard(open)) if *open == which);
        if self.slots.iter().any(|slot| is_open(&slot.kind)) {
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
        for index in 0..self.slots.len() {
            let slot = &self.slots[index];
            if let Some(Kind::Standard(StandardStream::Input)) = slot.kind {
                let id = Id {
                    index: index as u32,
                    generation: slot.generation,
                };
                self.tell(id, what);
            }
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
