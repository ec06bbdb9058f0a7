//! What a small Redis keeps: sixteen databases of texts and lists, when each key ends, and how much
//! memory it is.
use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    time::Duration,
};

/// A key, and any other bytes.
pub(super) type Bytes = Vec<u8>;

/// A key, and in which database.
pub(super) type DbKey = (usize, Bytes);

/// How many databases there are, as in an unchanged `redis.conf`.
pub(super) const DATABASES: usize = 16;

/// What a key costs beside its bytes, and what an element of a list does; estimates on the high
/// side.
const KEY: usize = 160;
const ELEMENT: usize = 40;

/// The answers to commands that cannot be.
pub(super) const WRONG_TYPE: &str =
    "WRONGTYPE Operation against a key holding the wrong kind of value";
pub(super) const OUT_OF_MEMORY: &str = "OOM command not allowed when used memory > 'maxmemory'.";

/// What a key holds.
pub(super) enum Value {
    Text(Bytes),
    List(VecDeque<Bytes>),
}

struct Entry {
    stored: Value,
    ends: Option<Duration>,
    /// What it counts in `used`.
    size: usize,
}

pub(super) struct Store {
    databases: [HashMap<Bytes, Entry>; DATABASES],
    /// Keys that end, the next one first: so none is kept until a client happens to ask for it.
    ending: BTreeSet<(Duration, DbKey)>,
    used: usize,
    most: usize,
    /// What was changed since this was last taken: for `WATCH` and `BLPOP`.
    touched: Vec<DbKey>,
}

impl Store {
    pub(super) fn new(most: usize) -> Store {
        Store {
            databases: Default::default(),
            ending: BTreeSet::new(),
            used: 0,
            most,
            touched: Vec::new(),
        }
    }

    pub(super) fn used(&self) -> usize {
        self.used
    }

    pub(super) fn keys(&self, database: usize) -> usize {
        self.databases[database].len()
    }

    pub(super) fn take_touched(&mut self) -> Vec<DbKey> {
        std::mem::take(&mut self.touched)
    }

    /// Returns when the next key ends.
    pub(super) fn next_end(&self) -> Option<Duration> {
        self.ending.first().map(|(when, _)| *when)
    }

    /// Removes all keys whose time has come.
    pub(super) fn end(&mut self, now: Duration) {
        while self.next_end().is_some_and(|when| when <= now) {
            if let Some((_, (database, key))) = self.ending.pop_first() {
                self.remove(database, &key);
            }
        }
    }

    pub(super) fn has(&self, database: usize, key: &[u8]) -> bool {
        self.databases[database].contains_key(key)
    }

    pub(super) fn text(&self, database: usize, key: &[u8]) -> Result<Option<&Bytes>, &'static str> {
        match self.databases[database].get(key).map(|entry| &entry.stored) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::List(_)) => Err(WRONG_TYPE),
        }
    }

    /// Returns how many values the list has; no list has none.
    pub(super) fn length(&self, database: usize, key: &[u8]) -> Result<usize, &'static str> {
        match self.databases[database].get(key).map(|entry| &entry.stored) {
            None => Ok(0),
            Some(Value::List(list)) => Ok(list.len()),
            Some(Value::Text(_)) => Err(WRONG_TYPE),
        }
    }

    /// Returns when the key ends, if it is there and does.
    pub(super) fn ends(&self, database: usize, key: &[u8]) -> Option<Option<Duration>> {
        self.databases[database].get(key).map(|entry| entry.ends)
    }

    /// Puts a text under a key, whatever was there.
    pub(super) fn set(
        &mut self,
        database: usize,
        key: &[u8],
        text: Bytes,
        ends: Option<Duration>,
    ) -> Result<(), &'static str> {
        let size = KEY + 2 * key.len() + text.len();
        let before = self.databases[database]
            .get(key)
            .map_or(0, |entry| entry.size);
        // A value that takes no more than the one before it is always taken, however full it is.
        if size > before && self.used - before + size > self.most {
            return Err(OUT_OF_MEMORY);
        }
        self.remove(database, key);
        self.used += size;
        if let Some(when) = ends {
            self.ending.insert((when, (database, key.to_vec())));
        }
        let stored = Value::Text(text);
        let entry = Entry { stored, ends, size };
        self.databases[database].insert(key.to_vec(), entry);
        self.touched.push((database, key.to_vec()));
        Ok(())
    }

    /// Whether there was something to remove.
    pub(super) fn remove(&mut self, database: usize, key: &[u8]) -> bool {
        let Some((key, entry)) = self.databases[database].remove_entry(key) else {
            return false;
        };
        self.used -= entry.size;
        if let Some(when) = entry.ends {
            self.ending.remove(&(when, (database, key.clone())));
        }
        self.touched.push((database, key));
        true
    }

    /// Lets a key end, or, with `None`, stay. Whether it is there.
    pub(super) fn set_end(&mut self, database: usize, key: &[u8], ends: Option<Duration>) -> bool {
        let Some(entry) = self.databases[database].get_mut(key) else {
            return false;
        };
        let before = std::mem::replace(&mut entry.ends, ends);
        let db_key = (database, key.to_vec());
        if let Some(when) = before {
            self.ending.remove(&(when, db_key.clone()));
        }
        if let Some(when) = ends {
            self.ending.insert((when, db_key.clone()));
        }
        self.touched.push(db_key);
        true
    }

    /// Pushes values one after the other, to the front or to the back, and says how many there are
    /// then.
    pub(super) fn push(
        &mut self,
        database: usize,
        key: &[u8],
        values: &[Bytes],
        front: bool,
    ) -> Result<usize, &'static str> {
        self.length(database, key)?; // an error when the key has a text
        let new = !self.has(database, key);
        let mut size: usize = values.iter().map(|value| ELEMENT + value.len()).sum();
        size += if new { KEY + 2 * key.len() } else { 0 };
        if self.used + size > self.most {
            return Err(OUT_OF_MEMORY);
        }
        let entry = self.databases[database]
            .entry(key.to_vec())
            .or_insert_with(|| Entry {
                stored: Value::List(VecDeque::new()),
                ends: None,
                size: 0,
            });
        // Nothing below fails any more: what is counted here is there.
        entry.size += size;
        self.used += size;
        let Value::List(list) = &mut entry.stored else {
            return Err(WRONG_TYPE);
        };
        for value in values {
            match front {
                true => list.push_front(value.clone()),
                false => list.push_back(value.clone()),
            }
        }
        let length = list.len();
        self.touched.push((database, key.to_vec()));
        Ok(length)
    }

    /// Takes the first value of a list. A list that has none left is no key any more.
    pub(super) fn pop(
        &mut self,
        database: usize,
        key: &[u8],
    ) -> Result<Option<Bytes>, &'static str> {
        let Some(entry) = self.databases[database].get_mut(key) else {
            return Ok(None);
        };
        let Value::List(list) = &mut entry.stored else {
            return Err(WRONG_TYPE);
        };
        let value = list.pop_front();
        let size = value.as_ref().map_or(0, |value| ELEMENT + value.len());
        entry.size -= size;
        self.used -= size;
        // As in Redis: a key with an empty list would be one that `EXISTS` says is there.
        if list.is_empty() {
            self.remove(database, key);
        } else {
            self.touched.push((database, key.to_vec()));
        }
        Ok(value)
    }

    /// Empties a database.
    pub(super) fn clear(&mut self, database: usize) {
        for (key, entry) in self.databases[database].drain() {
            self.used -= entry.size;
            if let Some(when) = entry.ends {
                self.ending.remove(&(when, (database, key.clone())));
            }
            self.touched.push((database, key));
        }
    }
}
