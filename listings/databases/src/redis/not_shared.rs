//! Commands that would spoil a connection for the others who share it.
use std::{error::Error, fmt};

/// A command that needs a connection of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotShared(String);

impl NotShared {
    /// Fails when the command would change the connection for those who share it, or would make
    /// them wait.
    pub(crate) fn check<A: AsRef<[u8]>>(words: &[A]) -> Result<(), NotShared> {
        let Some(name) = words.first() else {
            return Err(NotShared("a command has at least one word".to_owned()));
        };
        let name = String::from_utf8_lossy(name.as_ref()).to_uppercase();
        // XREAD waits with this word alone; the others wait always.
        let waits = words
            .iter()
            .skip(1)
            .any(|word| word.as_ref().eq_ignore_ascii_case(b"BLOCK"));
        let instead = match &*name {
            "BLPOP" | "BRPOP" | "BLMOVE" | "BLMPOP" | "BRPOPLPUSH" | "BZPOPMIN" | "BZPOPMAX"
            | "BZMPOP" | "WAIT" | "WAITAOF" => {
                "it waits, and with it everybody who shares the connection: use RedisPool::blocking"
            }
            "XREAD" | "XREADGROUP" if waits => {
                "it waits, and with it everybody who shares the connection: use RedisPool::blocking"
            }
            "MULTI" | "EXEC" | "DISCARD" | "WATCH" | "UNWATCH" => {
                "it is a part of a transaction: use RedisPool::transaction"
            }
            "SUBSCRIBE" | "PSUBSCRIBE" | "SSUBSCRIBE" | "UNSUBSCRIBE" | "PUNSUBSCRIBE"
            | "SUNSUBSCRIBE" => "it turns the connection into one for messages: use a Subscriber",
            "SELECT" | "AUTH" | "HELLO" | "RESET" => {
                "it would change the connection for everybody who shares it: put it into the settings"
            }
            "MONITOR" | "QUIT" | "SYNC" | "PSYNC" => "no reply in its turn would follow",
            "CLIENT"
                if words
                    .get(1)
                    .is_some_and(|word| word.as_ref().eq_ignore_ascii_case(b"REPLY")) =>
            {
                "no reply in its turn would follow"
            }
            _ => return Ok(()),
        };
        Err(NotShared(format!("{name} was not sent: {instead}")))
    }
}

impl fmt::Display for NotShared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for NotShared {}
