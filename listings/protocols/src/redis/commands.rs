//! The commands of a small Redis: what each is called, how many words it takes, and what those of
//! data do.
use super::store::{Bytes, DATABASES, Store};
use crate::RespValue;
use std::time::Duration;

/// The kinds of commands, by what carries them out.
#[derive(Clone, Copy)]
pub(super) enum CommandKind {
    /// It needs the store and nothing else.
    Data(fn(&mut Store, &Call) -> Answer),
    /// It is about the connection, and is in `session.rs`.
    Select,
    Quit,
    Ping,
    Multi,
    Exec,
    Discard,
    Watch,
    Unwatch,
    Blpop,
    Publish,
    Subscribe,
    Unsubscribe,
}

/// The answer, or the text of an error.
pub(super) type Answer = Result<RespValue, &'static str>;

pub(super) struct Call<'a> {
    pub(super) database: usize,
    pub(super) now: Duration,
    pub(super) words: &'a [Bytes],
}

/// A command: how many words it has, its name included; below 0, at least so many.
pub(super) struct Command {
    pub(super) name: &'static str,
    words: i8,
    pub(super) kind: CommandKind,
}

// ANCHOR: table
const COMMANDS: &[Command] = &[
    command("PING", -1, CommandKind::Ping),
    command("ECHO", 2, CommandKind::Data(echo)),
    command("SELECT", 2, CommandKind::Select),
    command("QUIT", -1, CommandKind::Quit),
    command("GET", 2, CommandKind::Data(get)),
    command("SET", -3, CommandKind::Data(set)),
    command("DEL", -2, CommandKind::Data(del)),
    command("EXISTS", -2, CommandKind::Data(exists)),
    command("EXPIRE", 3, CommandKind::Data(expire)),
    command("PEXPIRE", 3, CommandKind::Data(pexpire)),
    command("PERSIST", 2, CommandKind::Data(persist)),
    command("TTL", 2, CommandKind::Data(ttl)),
    command("PTTL", 2, CommandKind::Data(pttl)),
    command("INCR", 2, CommandKind::Data(incr)),
    command("LPUSH", -3, CommandKind::Data(lpush)),
    command("RPUSH", -3, CommandKind::Data(rpush)),
    command("LPOP", 2, CommandKind::Data(lpop)),
    command("LLEN", 2, CommandKind::Data(llen)),
    command("BLPOP", -3, CommandKind::Blpop),
    command("MULTI", 1, CommandKind::Multi),
    command("EXEC", 1, CommandKind::Exec),
    command("DISCARD", 1, CommandKind::Discard),
    command("WATCH", -2, CommandKind::Watch),
    command("UNWATCH", 1, CommandKind::Unwatch),
    command("PUBLISH", 3, CommandKind::Publish),
    command("SUBSCRIBE", -2, CommandKind::Subscribe),
    command("UNSUBSCRIBE", -1, CommandKind::Unsubscribe),
    command("DBSIZE", 1, CommandKind::Data(dbsize)),
    command("FLUSHDB", -1, CommandKind::Data(flushdb)),
    command("FLUSHALL", -1, CommandKind::Data(flushall)),
    // What clients ask when they connect, and can do without.
    command("CLIENT", -2, CommandKind::Data(ok)),
    command("COMMAND", -1, CommandKind::Data(nothing)),
    command("CONFIG", -2, CommandKind::Data(nothing)),
    command("INFO", -1, CommandKind::Data(info)),
];
// ANCHOR_END: table

const fn command(name: &'static str, words: i8, kind: CommandKind) -> Command {
    Command { name, words, kind }
}

/// Finds the command that these words are, or the text of an error.
pub(super) fn find(words: &[Bytes]) -> Result<&'static Command, String> {
    let name = words.first().map_or(&[][..], Vec::as_slice);
    let found = COMMANDS
        .iter()
        .find(|command| command.name.as_bytes().eq_ignore_ascii_case(name));
    let Some(command) = found else {
        let shown: String = String::from_utf8_lossy(name).chars().take(128).collect();
        return Err(format!("ERR unknown command '{shown}'"));
    };
    let least = usize::from(command.words.unsigned_abs());
    if words.len() < least || (command.words > 0 && words.len() > least) {
        let name = command.name.to_ascii_lowercase();
        return Err(format!(
            "ERR wrong number of arguments for '{name}' command"
        ));
    }
    Ok(command)
}

pub(super) const NO_INTEGER: &str = "ERR value is not an integer or out of range";
const SYNTAX: &str = "ERR syntax error";
const SET_TIME: &str = "ERR invalid expire time in 'set' command";

/// Reads a number as Redis does: no blank, no plus, no zero in front.
pub(super) fn number(word: &[u8]) -> Result<i64, &'static str> {
    let text = std::str::from_utf8(word).map_err(|_| NO_INTEGER)?;
    let number: i64 = text.parse().map_err(|_| NO_INTEGER)?;
    if number.to_string() != text {
        return Err(NO_INTEGER);
    }
    Ok(number)
}

fn simple(text: &str) -> Answer {
    Ok(RespValue::Simple(text.to_owned()))
}

fn integer(number: usize) -> Answer {
    Ok(RespValue::Integer(
        i64::try_from(number).unwrap_or(i64::MAX),
    ))
}

fn echo(_: &mut Store, call: &Call) -> Answer {
    Ok(RespValue::Bulk(call.words[1].clone()))
}

fn ok(_: &mut Store, _: &Call) -> Answer {
    simple("OK")
}

fn nothing(_: &mut Store, _: &Call) -> Answer {
    Ok(RespValue::Array(Vec::new()))
}

fn info(store: &mut Store, _: &Call) -> Answer {
    let text = format!("# Memory\r\nused_memory:{}\r\n", store.used());
    Ok(RespValue::Bulk(text.into_bytes()))
}

fn get(store: &mut Store, call: &Call) -> Answer {
    let text = store.text(call.database, &call.words[1])?;
    Ok(text.map_or(RespValue::Null, |text| RespValue::Bulk(text.clone())))
}

// ANCHOR: set
fn set(store: &mut Store, call: &Call) -> Answer {
    let (mut must_be, mut ends, mut in_seconds) = (None, None, None);
    let mut options = call.words[3..].iter();
    while let Some(option) = options.next() {
        match option.to_ascii_uppercase().as_slice() {
            // Twice is allowed, as in Redis; both of a pair are not.
            b"NX" if must_be != Some(true) => must_be = Some(false),
            b"XX" if must_be != Some(false) => must_be = Some(true),
            unit @ (b"EX" | b"PX")
                if in_seconds.is_none_or(|seconds| seconds == (unit == b"EX")) =>
            {
                in_seconds = Some(unit == b"EX");
                let count = number(options.next().ok_or(SYNTAX)?)?;
                let millis = in_millis(count, unit == b"EX").filter(|millis| *millis > 0);
                ends = Some(after(call.now, millis.ok_or(SET_TIME)?));
            }
            _ => return Err(SYNTAX),
        }
    }
    let key = &call.words[1];
    if must_be.is_some_and(|there| store.has(call.database, key) != there) {
        return Ok(RespValue::Null);
    }
    store.set(call.database, key, call.words[2].clone(), ends)?;
    simple("OK")
}
// ANCHOR_END: set

/// Redis counts milliseconds since 1970 in 64 bits; what would not fit there for the next two
/// centuries is refused.
const LONGEST: i64 = i64::MAX - (1 << 43);

/// Returns a number of seconds or milliseconds in milliseconds, unless that is too large.
fn in_millis(count: i64, seconds: bool) -> Option<i64> {
    let millis = count.checked_mul(if seconds { 1000 } else { 1 })?;
    (millis <= LONGEST).then_some(millis)
}

/// Returns the time so many milliseconds from now.
fn after(now: Duration, millis: i64) -> Duration {
    now.saturating_add(Duration::from_millis(millis.unsigned_abs()))
}

fn del(store: &mut Store, call: &Call) -> Answer {
    let keys = call.words[1..].iter();
    integer(keys.filter(|key| store.remove(call.database, key)).count())
}

fn exists(store: &mut Store, call: &Call) -> Answer {
    let keys = call.words[1..].iter();
    integer(keys.filter(|key| store.has(call.database, key)).count())
}

fn expire(store: &mut Store, call: &Call) -> Answer {
    let millis = in_millis(number(&call.words[2])?, true);
    let millis = millis.ok_or("ERR invalid expire time in 'expire' command")?;
    ends_after(store, call, millis)
}

fn pexpire(store: &mut Store, call: &Call) -> Answer {
    let millis = in_millis(number(&call.words[2])?, false);
    let millis = millis.ok_or("ERR invalid expire time in 'pexpire' command")?;
    ends_after(store, call, millis)
}

/// Sets when a key ends. A time that is over already removes the key, and counts as done.
fn ends_after(store: &mut Store, call: &Call, millis: i64) -> Answer {
    let key = &call.words[1];
    let there = match millis {
        ..=0 => store.remove(call.database, key),
        _ => store.set_end(call.database, key, Some(after(call.now, millis))),
    };
    integer(usize::from(there))
}

fn persist(store: &mut Store, call: &Call) -> Answer {
    let key = &call.words[1];
    let ended = matches!(store.ends(call.database, key), Some(Some(_)));
    if ended {
        store.set_end(call.database, key, None);
    }
    integer(usize::from(ended))
}

fn left(store: &Store, call: &Call) -> Result<u128, i64> {
    match store.ends(call.database, &call.words[1]) {
        None => Err(-2),
        Some(None) => Err(-1),
        Some(Some(when)) => Ok(when.saturating_sub(call.now).as_millis()),
    }
}

fn ttl(store: &mut Store, call: &Call) -> Answer {
    let left = left(store, call).map(|millis| ((millis + 500) / 1000) as i64);
    Ok(RespValue::Integer(left.unwrap_or_else(|none| none)))
}

fn pttl(store: &mut Store, call: &Call) -> Answer {
    let left = left(store, call).map(|millis| millis as i64);
    Ok(RespValue::Integer(left.unwrap_or_else(|none| none)))
}

fn incr(store: &mut Store, call: &Call) -> Answer {
    let key = &call.words[1];
    let before = match store.text(call.database, key)? {
        Some(text) => number(text)?,
        None => 0,
    };
    let after = before.checked_add(1);
    let after = after.ok_or("ERR increment or decrement would overflow")?;
    let ends = store.ends(call.database, key).flatten(); // it keeps its time
    store.set(call.database, key, after.to_string().into_bytes(), ends)?;
    Ok(RespValue::Integer(after))
}

fn lpush(store: &mut Store, call: &Call) -> Answer {
    integer(store.push(call.database, &call.words[1], &call.words[2..], true)?)
}

fn rpush(store: &mut Store, call: &Call) -> Answer {
    integer(store.push(call.database, &call.words[1], &call.words[2..], false)?)
}

fn lpop(store: &mut Store, call: &Call) -> Answer {
    let value = store.pop(call.database, &call.words[1])?;
    Ok(value.map_or(RespValue::Null, RespValue::Bulk))
}

fn llen(store: &mut Store, call: &Call) -> Answer {
    integer(store.length(call.database, &call.words[1])?)
}

fn dbsize(store: &mut Store, call: &Call) -> Answer {
    integer(store.keys(call.database))
}

fn flushdb(store: &mut Store, call: &Call) -> Answer {
    store.clear(call.database);
    simple("OK")
}

fn flushall(store: &mut Store, _: &Call) -> Answer {
    (0..DATABASES).for_each(|database| store.clear(database));
    simple("OK")
}
