//! Where the poetry site has its poems: what it asks of a shelf, and a shelf in memory.
use deferreds::{Deferred, Failure};
use serde::Serialize;
use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    error::Error,
    fmt,
};

/// A poem on the shelf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Poem {
    /// One word that names it: `tyger`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Who wrote it.
    pub poet: String,
    /// The poem itself.
    pub text: String,
}

// ANCHOR: shelf
/// Where the poems are. The site does not know whether that is memory, or a database and a cache.
pub trait Shelf {
    /// Returns what is on the shelf, by title; the texts may be left out.
    fn catalogue(&self) -> Deferred<Vec<Poem>>;
    /// Returns one poem, if it is there.
    fn poem(&self, name: &str) -> Deferred<Option<Poem>>;
    /// Puts a poem on the shelf. [`NameTaken`] when there is another one of that name.
    fn add(&self, poem: Poem) -> Deferred<()>;
    /// Returns the names of the poems that were asked for last, the latest first.
    fn lately(&self) -> Deferred<Vec<String>>;
}
// ANCHOR_END: shelf

/// There is another poem of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTaken(pub String);

impl fmt::Display for NameTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is a poem called {} already", self.0)
    }
}

impl Error for NameTaken {}

/// A shelf in memory may hold so many poems.
const MAX_POEMS: usize = 1_000;
/// How many names are remembered.
const MAX_RECENT: usize = 5;

/// A shelf in memory. It needs no server, and it is empty again after a restart.
#[derive(Default)]
pub struct MemoryShelf {
    poems: RefCell<BTreeMap<String, Poem>>,
    lately: RefCell<VecDeque<String>>,
}

impl MemoryShelf {
    /// Returns a shelf with the book's poems, and one from a stranger: its title is a script.
    #[must_use]
    pub fn of_the_book() -> MemoryShelf {
        let poems = poetry::POEMS.iter().map(|poem| Poem {
            name: poem.name.into(),
            title: poem.title.into(),
            poet: poem.author.into(),
            text: poem.text.into(),
        });
        let stranger = Poem {
            name: "script".into(),
            title: "<script>alert('read me')</script>".into(),
            poet: "a stranger".into(),
            text: "It shows, and does not run.\n".into(),
        };
        MemoryShelf::of(poems.chain([stranger]))
    }

    /// Returns a shelf with these poems.
    #[must_use]
    pub fn of(poems: impl IntoIterator<Item = Poem>) -> MemoryShelf {
        let poems = poems
            .into_iter()
            .map(|poem| (poem.name.clone(), poem))
            .collect();
        MemoryShelf {
            poems: RefCell::new(poems),
            ..MemoryShelf::default()
        }
    }
}

impl Shelf for MemoryShelf {
    fn catalogue(&self) -> Deferred<Vec<Poem>> {
        let mut poems: Vec<Poem> = self.poems.borrow().values().cloned().collect();
        poems.sort_by(|a, b| a.title.cmp(&b.title));
        Deferred::succeed(poems)
    }

    fn poem(&self, name: &str) -> Deferred<Option<Poem>> {
        let found = self.poems.borrow().get(name).cloned();
        if found.is_some() {
            let mut lately = self.lately.borrow_mut();
            lately.retain(|other| other != name);
            lately.push_front(name.to_owned());
            lately.truncate(MAX_RECENT);
        }
        Deferred::succeed(found)
    }

    fn add(&self, poem: Poem) -> Deferred<()> {
        let mut poems = self.poems.borrow_mut();
        if poems.contains_key(&poem.name) {
            return Deferred::fail(NameTaken(poem.name));
        }
        if poems.len() >= MAX_POEMS {
            return Deferred::fail(Failure::new(format!(
                "the shelf is full: {MAX_POEMS} poems"
            )));
        }
        poems.insert(poem.name.clone(), poem);
        Deferred::succeed(())
    }

    fn lately(&self) -> Deferred<Vec<String>> {
        Deferred::succeed(self.lately.borrow().iter().cloned().collect())
    }
}
