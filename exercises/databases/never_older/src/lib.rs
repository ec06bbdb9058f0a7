//! A cache beside a database, in which no old text comes back.
use std::{cell::RefCell, collections::HashMap, rc::Rc};
use untwisted::deferreds::Deferred;

type Fetch = Rc<dyn Fn(&str) -> Deferred<String>>;

/// Texts by name: from memory, or fetched.
#[derive(Clone)]
pub struct Cache {
    fetch: Fetch,
    kept: Rc<RefCell<HashMap<String, String>>>,
}

impl Cache {
    /// A cache that asks `fetch` for what it does not have.
    pub fn new(fetch: impl Fn(&str) -> Deferred<String> + 'static) -> Cache {
        Cache {
            fetch: Rc::new(fetch),
            kept: Rc::default(),
        }
    }

    /// The text of that name.
    pub fn read(&self, name: &str) -> Deferred<String> {
        if let Some(text) = self.kept.borrow().get(name) {
            return Deferred::succeed(text.clone());
        }
        let (kept, key) = (self.kept.clone(), name.to_owned());
        (self.fetch)(name).add_callback(move |text| {
            kept.borrow_mut().insert(key, text.clone());
            Ok(text)
        })
    }

    /// The text of that name has been changed in the database.
    pub fn changed(&self, name: &str) {
        self.kept.borrow_mut().remove(name);
    }
}
