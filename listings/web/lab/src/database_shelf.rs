//! The shelf of the databases chapter, as the poetry site wants it.
use databases::ShelfPoem;
use deferreds::Deferred;
use web::poems::{NameTaken, Poem, Shelf};

// ANCHOR: kept
/// Poems in PostgreSQL; those that were asked for last in Redis.
pub struct DatabaseShelf(pub databases::Shelf);

impl Shelf for DatabaseShelf {
    fn catalogue(&self) -> Deferred<Vec<Poem>> {
        self.0.catalogue().add_callback(|entries| {
            let poems = entries.into_iter().map(|entry| Poem {
                name: entry.name,
                title: entry.title,
                poet: entry.poet,
                text: String::new(),
            });
            Ok(poems.collect())
        })
    }

    fn poem(&self, name: &str) -> Deferred<Option<Poem>> {
        self.0.poem(name).add_callback(|found| {
            Ok(found.map(|poem| Poem {
                name: poem.name,
                title: poem.title,
                poet: poem.poet,
                text: poem.text,
            }))
        })
    }

    fn add(&self, poem: Poem) -> Deferred<()> {
        // `add_poem` in the database replaces a poem; strangers may only add one. Two of the same
        // name in the same moment both find nothing, and the later one stays.
        let shelf = self.0.clone();
        self.0.poem(&poem.name).add_callback(move |found| {
            if found.is_some() {
                return Deferred::fail(NameTaken(poem.name));
            }
            shelf.add(&ShelfPoem {
                name: poem.name,
                title: poem.title,
                poet: poem.poet,
                text: poem.text,
            })
        })
    }

    fn lately(&self) -> Deferred<Vec<String>> {
        self.0.lately()
    }
}
// ANCHOR_END: kept
