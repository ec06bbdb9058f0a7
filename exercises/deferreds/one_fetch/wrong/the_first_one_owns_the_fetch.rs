//! Wrong: the first reader is given the chain of the fetch itself, and cancels it for all.
use std::{
    cell::RefCell,
    collections::{HashMap, hash_map::Entry},
    error::Error,
    fmt,
    rc::Rc,
};
use untwisted::deferreds::{Deferred, Failure, Resolver};

/// A fetch failed; this is what it said.
#[derive(Clone, Debug)]
pub struct FetchFailed(pub String);

impl fmt::Display for FetchFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for FetchFailed {}

type Fetch = Box<dyn Fn(&str) -> Deferred<String>>;

/// What is known of a page.
enum Page {
    /// A fetch is under way, and these wait for it.
    Coming(Vec<Resolver<Rc<str>>>),
    Here(Rc<str>),
}

/// Fetches each page once, and keeps it.
#[derive(Clone)]
pub struct Cache {
    fetch: Rc<Fetch>,
    pages: Rc<RefCell<HashMap<String, Page>>>,
}

impl Cache {
    pub fn new(fetch: impl Fn(&str) -> Deferred<String> + 'static) -> Cache {
        Cache {
            fetch: Rc::new(Box::new(fetch)),
            pages: Rc::default(),
        }
    }

    /// The page, from memory or from a fetch.
    pub fn get(&self, name: &str) -> Deferred<Rc<str>> {
        let (reader, page) = Deferred::new();
        match self.pages.borrow_mut().entry(name.to_owned()) {
            Entry::Occupied(mut there) => {
                match there.get_mut() {
                    Page::Here(page) => reader.callback(page.clone()),
                    Page::Coming(readers) => readers.push(reader),
                }
                return page;
            }
            Entry::Vacant(place) => {
                place.insert(Page::Coming(Vec::new()));
            }
        }
        let (pages, key) = (self.pages.clone(), name.to_owned());
        drop((reader, page));
        (self.fetch)(name).add_both(move |result| {
            let result: Result<Rc<str>, FetchFailed> = match result {
                Ok(text) => Ok(text.into()),
                Err(failure) => Err(FetchFailed(failure.to_string())),
            };
            // The readers run when nothing is borrowed any more: they may ask the cache.
            let before = match &result {
                Ok(page) => pages.borrow_mut().insert(key, Page::Here(page.clone())),
                Err(_) => pages.borrow_mut().remove(&key),
            };
            if let Some(Page::Coming(readers)) = before {
                for reader in readers {
                    reader.fire(result.clone().map_err(Failure::from));
                }
            }
            result.map_err(Failure::from)
        })
    }
}
