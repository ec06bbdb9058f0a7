//! The poetry shelf: poems in PostgreSQL behind stored functions, those that were asked for last in
//! Redis.
use crate::{ConnectionPool, all::all, redis::RedisPool};
use deferreds::{Deferred, Failure};
use std::{fmt, rc::Rc, time::Duration};

/// The tables and the functions of the shelf, as its owner installs them.
pub const SCHEMA: &str = include_str!("shelf.sql");

/// How long Redis keeps a poem that was asked for.
const CACHE_TIME: Duration = Duration::from_secs(600);

/// How many names [`Shelf::lately`] returns at most.
const RECENT: usize = 10;

/// A poem on the shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShelfPoem {
    /// One word that names it: `tyger`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Who wrote it.
    pub poet: String,
    /// The poem itself.
    pub text: String,
}

/// An entry of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShelfEntry {
    /// One word that names the poem: `tyger`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Who wrote it.
    pub poet: String,
}

/// Poems in PostgreSQL, those that were asked for last in Redis. Clones are cheap and mean the same
/// shelf.
///
/// Without Redis it works, and asks PostgreSQL each time: a cache that is gone costs time and
/// nothing else.
///
/// ```
/// use databases::{ConnectionPool, PoolOptions, Server, Shelf, redis::{RedisPool, RedisServer}};
/// use deferreds::Failure;
/// use reactor::{Os, Reactor};
///
/// let (server, cache) = (Server::temporary()?, RedisServer::temporary()?);
/// let mut reactor = Reactor::new(Os::new()?);
/// let handle = reactor.handle();
/// let pool = ConnectionPool::new(&handle, server.settings(), PoolOptions::default());
/// let cache = RedisPool::new(&handle, &cache.database(3), PoolOptions::default());
/// let shelf = Shelf::new(&pool, Some(&cache));
/// let read = Shelf::install(&pool).add_callback(move |()| {
///     shelf.poem("tyger").add_callback(move |poem| {
///         assert_eq!(poem.unwrap().poet, "William Blake");
///         shelf.lately()
///     })
/// });
/// let _done = read.add_callback(move |names| {
///     assert_eq!(names, ["tyger"]);
///     Ok(handle.stop()?)
/// });
/// reactor.run()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Shelf(Rc<Inner>);

struct Inner {
    database: ConnectionPool,
    cache: Option<RedisPool>,
}

impl Shelf {
    /// Returns a shelf in that database, whose owner has [installed](Shelf::install) it.
    #[must_use]
    pub fn new(database: &ConnectionPool, cache: Option<&RedisPool>) -> Shelf {
        Shelf(Rc::new(Inner {
            database: database.clone(),
            cache: cache.cloned(),
        }))
    }

    /// Makes tables and functions in the database, and puts the book's poems on the shelf. It needs
    /// a role that may. Done twice, it changes nothing the second time.
    #[track_caller]
    pub fn install(database: &ConnectionPool) -> Deferred<()> {
        database.run_interaction(|tx| {
            // Simple statements without values, which `;` parts. None of the functions' bodies
            // holds an empty line.
            let parts = SCHEMA.split("\n\n").map(|sql| tx.operation(sql, &[]));
            let made = all(parts.collect::<Vec<_>>());
            made.add_callback(move |_| {
                let poems = poetry::POEMS.iter().map(|poem| {
                    let values: [&dyn crate::ToValue; 4] =
                        [&poem.name, &poem.title, &poem.author, &poem.text];
                    tx.call("add_poem", &values)
                });
                all(poems.collect::<Vec<_>>()).add_callback(|_| Ok(()))
            })
        })
    }

    /// Returns what is on the shelf, by title.
    #[track_caller]
    pub fn catalogue(&self) -> Deferred<Vec<ShelfEntry>> {
        let rows = self.0.database.call("catalogue", &[]);
        rows.add_callback(|rows| {
            let entries = rows.iter().map(|row| {
                Ok(ShelfEntry {
                    name: row.get("name")?,
                    title: row.get("title")?,
                    poet: row.get("poet")?,
                })
            });
            entries.collect::<Result<Vec<_>, Failure>>()
        })
    }

    // ANCHOR: poem
    /// Fires with the poem of that name, or with `None`. Redis is asked first; what PostgreSQL had
    /// to answer is cached there.
    #[track_caller]
    pub fn poem(&self, name: &str) -> Deferred<Option<ShelfPoem>> {
        let (shelf, name) = (self.clone(), name.to_owned());
        let cached = self.read_cache(&name);
        cached.add_callback(move |found| {
            let read = match found {
                Some(poem) => Deferred::succeed(Some(poem)),
                None => shelf.read_database(&name),
            };
            read.add_callback(move |poem| match poem {
                Some(poem) => shelf.write_cache(poem).add_callback(|poem| Ok(Some(poem))),
                None => Deferred::succeed(None),
            })
        })
    }
    // ANCHOR_END: poem

    /// Puts a poem on the shelf, or another text under its name.
    #[track_caller]
    pub fn add(&self, poem: &ShelfPoem) -> Deferred<()> {
        let ShelfPoem {
            name,
            title,
            poet,
            text,
        } = poem;
        let added = self.0.database.call("add_poem", &[name, title, poet, text]);
        let (shelf, key) = (self.clone(), key(name));
        added.add_callback(move |_| match &shelf.0.cache {
            // The old text must go, or it would be read for another ten minutes.
            Some(cache) => cache.delete(&key).add_both(|result| {
                warn_if_failed(result.map(drop));
                Ok(())
            }),
            None => Deferred::succeed(()),
        })
    }

    /// Returns the names that were asked for last, the newest first; none without Redis.
    #[track_caller]
    pub fn lately(&self) -> Deferred<Vec<String>> {
        let Some(cache) = &self.0.cache else {
            return Deferred::succeed(Vec::new());
        };
        let asked = cache.command(&["LRANGE", "poems:lately", "0", &(RECENT - 1).to_string()]);
        asked.add_both(|reply| {
            let names = reply.and_then(|value| {
                let names = value.into_array()?.into_iter();
                let names = names.map(|name| Ok(name.into_text()?.unwrap_or_default()));
                names.collect::<Result<Vec<_>, Failure>>()
            });
            Ok(names.unwrap_or_else(|failure| {
                warn_if_failed(Err(failure));
                Vec::new()
            }))
        })
    }

    /// Fires with the poem as PostgreSQL has it.
    fn read_database(&self, name: &str) -> Deferred<Option<ShelfPoem>> {
        let rows = self.0.database.call("poem", &[&name]);
        rows.add_callback(|rows| {
            let Some(row) = rows.first() else {
                return Ok(None);
            };
            Ok(Some(ShelfPoem {
                name: row.get("name")?,
                title: row.get("title")?,
                poet: row.get("poet")?,
                text: row.get("text")?,
            }))
        })
    }

    /// Fires with the poem as Redis has it, and with `None` when Redis does not answer.
    fn read_cache(&self, name: &str) -> Deferred<Option<ShelfPoem>> {
        let Some(cache) = &self.0.cache else {
            return Deferred::succeed(None);
        };
        let name = name.to_owned();
        let asked = cache.command(&["HMGET", &key(&name), "title", "poet", "text"]);
        asked.add_both(move |reply| {
            let read = || {
                let values = reply?.into_array()?.into_iter();
                let texts = values.map(|value| Ok(value.into_text()?));
                texts.collect::<Result<Vec<Option<String>>, Failure>>()
            };
            match read() {
                Ok(texts) => match <[Option<String>; 3]>::try_from(texts) {
                    Ok([Some(title), Some(poet), Some(text)]) => {
                        let poem = ShelfPoem {
                            name,
                            title,
                            poet,
                            text,
                        };
                        Ok(Some(poem))
                    }
                    _ => Ok(None), // not there, or half of it: PostgreSQL is asked
                },
                Err(failure) => {
                    warn_if_failed(Err(failure));
                    Ok(None)
                }
            }
        })
    }

    /// Writes a poem to Redis, and its name to those that were asked for last.
    fn write_cache(&self, poem: ShelfPoem) -> Deferred<ShelfPoem> {
        let Some(cache) = &self.0.cache else {
            return Deferred::succeed(poem);
        };
        let key = key(&poem.name);
        let (millis, last) = (CACHE_TIME.as_millis().to_string(), (RECENT - 1).to_string());
        let ShelfPoem {
            name,
            title,
            poet,
            text,
        } = &poem;
        // Sent together: one round trip.
        let sent = all([
            cache.command(&["HSET", &key, "title", title, "poet", poet, "text", text]),
            cache.command(&["PEXPIRE", &key, &millis]),
            cache.command(&["LREM", "poems:lately", "0", name]),
            cache.command(&["LPUSH", "poems:lately", name]),
            cache.command(&["LTRIM", "poems:lately", "0", &last]),
        ]);
        sent.add_both(move |result| {
            warn_if_failed(result.map(drop));
            Ok(poem)
        })
    }
}

fn key(name: &str) -> String {
    format!("poem:{name}")
}

/// A cache that does not answer is logged, and is no failure.
fn warn_if_failed(result: Result<(), Failure>) {
    if let Err(failure) = result {
        tracing::warn!("the shelf goes on without Redis: {failure}");
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf")
            .field("database", &self.0.database)
            .field("cache", &self.0.cache)
            .finish()
    }
}
