//! What one connection of a small Redis holds, and how much of it; and answers of many commands.
use super::{ClientId, Redis, store::Bytes};
use crate::RespValue;

/// What a command costs while it is held, beside its bytes: a few words of bookkeeping for each
/// word.
pub(super) fn cost(words: &[Bytes]) -> usize {
    words.iter().map(|word| 64 + word.len()).sum::<usize>() + 64
}

pub(super) fn error(text: impl Into<String>) -> RespValue {
    RespValue::Error(text.into())
}

pub(super) fn ok() -> RespValue {
    RespValue::Simple("OK".to_owned())
}

impl Redis {
    /// Adds what a client holds, or says that it is too much.
    pub(super) fn hold(&mut self, id: ClientId, more: usize) -> Result<(), &'static str> {
        let most = self.bounds.held;
        match self.clients.get_mut(&id) {
            Some(client) if client.held + more <= most => {
                client.held += more;
                Ok(())
            }
            _ => Err("ERR this connection holds too much: queued commands, watched keys, channels"),
        }
    }
}
