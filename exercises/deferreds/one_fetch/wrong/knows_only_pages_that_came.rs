//! Wrong: a page that is coming is as unknown as one that was never asked for.
use std::{cell::RefCell, collections::HashMap, error::Error, fmt, rc::Rc};
use untwisted::deferreds::Deferred;

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

/// Fetches each page once, and keeps it.
#[derive(Clone)]
pub struct Cache {
    fetch: Rc<Fetch>,
    pages: Rc<RefCell<HashMap<String, Rc<str>>>>,
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
        if let Some(page) = self.pages.borrow().get(name) {
            return Deferred::succeed(page.clone());
        }
        let (pages, name) = (self.pages.clone(), name.to_owned());
        (self.fetch)(&name)
            .add_callback(move |page| {
                let page: Rc<str> = page.into();
                pages.borrow_mut().insert(name, page.clone());
                Ok(page)
            })
            .add_errback(|failure| Err(FetchFailed(failure.to_string()).into()))
    }
}
