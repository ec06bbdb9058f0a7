//! A cache beside a database, in which no old text comes back.
use std::{cell::RefCell, collections::HashMap, rc::Rc};
use untwisted::deferreds::Deferred;

type Fetch = Rc<dyn Fn(&str) -> Deferred<String>>;

/// Texts by name: from memory, or fetched.
#[derive(Clone)]
pub struct Cache {
    fetch: Fetch,
    known: Rc<RefCell<HashMap<String, Known>>>,
}

/// What is known of a name.
#[derive(Default)]
struct Known {
    /// How often it was changed.
    version: u64,
    text: Option<String>,
}

impl Cache {
    /// A cache that asks `fetch` for what it does not have.
    pub fn new(fetch: impl Fn(&str) -> Deferred<String> + 'static) -> Cache {
        Cache {
            fetch: Rc::new(fetch),
            known: Rc::default(),
        }
    }

    /// The text of that name.
    pub fn read(&self, name: &str) -> Deferred<String> {
        let version = match self.known.borrow().get(name) {
            Some(Known {
                text: Some(text), ..
            }) => return Deferred::succeed(text.clone()),
            Some(known) => known.version,
            None => 0,
        };
        let (known, key) = (self.known.clone(), name.to_owned());
        (self.fetch)(name).add_callback(move |text| {
            let mut known = known.borrow_mut();
            let entry = known.entry(key).or_default();
            if entry.version == version {
                entry.text = Some(text.clone());
            }
            Ok(text)
        })
    }

    /// The text of that name has been changed in the database.
    pub fn changed(&self, name: &str) {
        let mut known = self.known.borrow_mut();
        let entry = known.entry(name.to_owned()).or_default();
        entry.version = 1;
        entry.text = None;
    }
}
