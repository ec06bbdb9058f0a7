//! WATCH, read, MULTI … EXEC: changes that happen together, or not at all when another was faster.
use super::{Redis, Value, manager::RedisManager};
use crate::{all::all, generic_pool::Loan};
use bytes::Bytes;
use deferreds::{Deferred, Failure, Next, Outcome, maybe_deferred};
use std::{fmt, rc::Rc};

/// A command that is to be run with others.
///
/// ```
/// use databases::redis::Command;
/// let command = Command::new(["SET", "poem", "Hope"]);
/// assert_eq!(format!("{command:?}"), "Command(SET poem Hope)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Command(Vec<Vec<u8>>);

impl Command {
    /// Returns a command of these words.
    pub fn new<A: AsRef<[u8]>>(words: impl IntoIterator<Item = A>) -> Command {
        let words = words.into_iter().map(|word| word.as_ref().to_vec());
        Command(words.collect())
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self
            .0
            .iter()
            .map(|word| word.escape_ascii().to_string())
            .collect();
        write!(f, "Command({})", words.join(" "))
    }
}

/// What a transaction reads while its keys are watched.
pub struct RedisTransaction(Redis);

impl RedisTransaction {
    /// Reads a key, as [`Redis::get`].
    #[track_caller]
    pub fn get(&self, key: &str) -> Deferred<Option<Bytes>> {
        self.0.get(key)
    }

    /// Asks for anything else, as [`Redis::command`].
    #[track_caller]
    pub fn command<A: AsRef<[u8]>>(&self, words: &[A]) -> Deferred<Value> {
        self.0.command(words)
    }
}

impl fmt::Debug for RedisTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisTransaction").finish_non_exhaustive()
    }
}

// ANCHOR: run
pub(crate) fn run<R: Outcome<Value = Vec<Command>>>(
    loan: Loan<RedisManager>,
    keys: &[String],
    f: impl FnOnce(RedisTransaction) -> R + 'static,
) -> Deferred<Option<Vec<Value>>> {
    let loan = Rc::new(loan);
    let watched = if keys.is_empty() {
        Deferred::succeed(Value::Nil)
    } else {
        let words: Vec<_> = ["WATCH"]
            .into_iter()
            .chain(keys.iter().map(|key| &**key))
            .collect();
        loan.send(&words)
    };
    let lent = Rc::clone(&loan);
    watched
        .add_callback(move |_| {
            let reads = RedisTransaction((**lent).clone());
            maybe_deferred(|| f(reads)).add_callback(move |commands| execute(&lent, &commands))
        })
        .add_both(move |result| {
            if result.is_err() && !loan.is_lost() {
                // EXEC has not ended the watch, so this does. Its reply comes before the next
                // borrower's first.
                loan.send(&["UNWATCH"]).on_result(move |_| drop(loan));
            }
            result
        })
}

/// Sends all in one write: nothing of this connection can come in between, and no MULTI is left
/// open.
fn execute(redis: &Redis, commands: &[Command]) -> Deferred<Option<Vec<Value>>> {
    let begun = redis.send(&["MULTI"]);
    let queued: Vec<_> = commands
        .iter()
        .map(|command| redis.send(&command.0))
        .collect();
    let done = redis.send(&["EXEC"]);
    // A command that Redis does not queue fails there, and then EXEC says EXECABORT.
    let refused = all([begun].into_iter().chain(queued));
    done.add_both(move |reply| match reply {
        Ok(Value::Nil) => Next::Now(Ok(None)),
        Ok(replies) => Next::Now(replies.into_array().map(Some).map_err(Failure::from)),
        Err(failure) => Next::Later(refused.add_both(|result| match result {
            Ok(_) => Err(failure),
            Err(first) => Err(first),
        })),
    })
}
// ANCHOR_END: run
