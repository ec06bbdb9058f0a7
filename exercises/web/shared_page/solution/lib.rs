//! Many readers, one fetch: a page that asks its slow source once for all who wait.
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use untwisted::{
    deferreds::{Deferred, Failure, Resolver},
    reactor::{Handle, Time},
    web::{Page, Request, Resource, Response, plain},
};

/// A text is as good as new for so long.
pub const FRESH: Duration = Duration::from_secs(10);

struct Shared {
    reactor: Handle,
    fetch: Box<dyn Fn() -> Deferred<String>>,
    kept: RefCell<Option<(Time, String)>>,
    fetching: Cell<bool>,
    waiting: RefCell<Vec<Resolver<Response>>>,
}

/// Returns a page with the text that `fetch` gets.
pub fn shared(
    reactor: &Handle,
    fetch: impl Fn() -> Deferred<String> + 'static,
) -> Rc<dyn Resource> {
    let shared = Rc::new(Shared {
        reactor: reactor.clone(),
        fetch: Box::new(fetch),
        kept: RefCell::default(),
        fetching: Cell::new(false),
        waiting: RefCell::default(),
    });
    Page::new(move |_: &Request| shared.page())
}

impl Shared {
    fn page(self: &Rc<Shared>) -> Deferred<Response> {
        if let Some((since, text)) = &*self.kept.borrow()
            && self.reactor.now() - *since < FRESH
        {
            return Deferred::succeed(plain(text.as_str()));
        }
        // Each reader waits for its own Deferred: to cancel it costs no other reader anything.
        let (resolver, page) = Deferred::new();
        self.waiting.borrow_mut().push(resolver);
        if !self.fetching.replace(true) {
            let shared = Rc::clone(self);
            (self.fetch)().on_result(move |text| shared.arrived(text));
        }
        page
    }

    fn arrived(&self, text: Result<String, Failure>) {
        self.fetching.set(false);
        if let Ok(text) = &text {
            *self.kept.borrow_mut() = Some((self.reactor.now(), text.clone()));
        }
        let waiting = self.waiting.take();
        for resolver in waiting {
            match &text {
                Ok(text) => resolver.callback(plain(text.as_str())),
                Err(failure) => resolver.errback(Failure::new(failure.to_string())),
            }
        }
    }
}
