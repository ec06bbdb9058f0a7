//! What goes wrong in a simulated network, as its knobs say.
use super::{
    knobs::Fault,
    network::{Network, Slot},
};
use crate::{Id, Time, errors::OUT_OF_DESCRIPTORS};
use std::io;

impl Network {
    pub(super) fn check_descriptors(&self) -> io::Result<()> {
        let limit = self.knobs.faults.iter().find_map(|fault| match fault {
            Fault::Descriptors(limit) => Some(*limit),
            _ => None,
        });
        let owned = |(_, slot): &(Id, &Slot)| slot.owned;
        match limit {
            Some(limit) if self.slots.iter().filter(owned).count() >= limit => {
                Err(io::Error::from_raw_os_error(OUT_OF_DESCRIPTORS))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn is_refused(&self, number: u32) -> bool {
        self.knobs.faults.contains(&Fault::Refuse(number))
    }

    /// Returns when the network is parted, and until when.
    pub(super) fn partitions(&self) -> impl Iterator<Item = (Time, Option<Time>)> {
        self.knobs.faults.iter().filter_map(|fault| match fault {
            Fault::Partition { from, until } => {
                Some((Time::ZERO + *from, until.map(|until| Time::ZERO + until)))
            }
            _ => None,
        })
    }

    /// Shortens what a connection sends to what a reset fault lets through; whether the reset is
    /// due.
    pub(super) fn cut_by_fault(&mut self, number: u32, bytes: &mut Vec<u8>) -> bool {
        for (fault, carried) in self.knobs.faults.iter().zip(&mut self.carried) {
            if let Fault::Reset { connection, after } = fault
                && *connection == number
            {
                let left = after.saturating_sub(*carried);
                *carried += bytes.len();
                if bytes.len() >= left {
                    bytes.truncate(left);
                    return true;
                }
            }
        }
        false
    }
}
