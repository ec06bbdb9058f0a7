//! A mistake: a stage keeps the resolver alive, and so waits for ever for it to fire.
use deferreds::{Deferred, Resolver};
use reactor::react;
use std::{
    io,
    process::ExitCode,
    rc::{Rc, Weak},
};
use trace::say;

// ANCHOR: page
struct Page {
    _resolver: Resolver<String>, // it has not fired yet
    title: String,
}

impl Drop for Page {
    fn drop(&mut self) {
        say!("{} is closed", self.title);
    }
}

fn strong(page: &Rc<Page>, line: Deferred<String>) -> Deferred<()> {
    let page: Rc<Page> = Rc::clone(page);
    line.add_both(move |line| {
        say!("{} hears: {}", page.title, line.is_ok());
        Ok(())
    })
}

fn weak(page: &Rc<Page>, line: Deferred<String>) -> Deferred<()> {
    let page: Weak<Page> = Rc::downgrade(page);
    line.add_both(move |line| {
        let title = page
            .upgrade()
            .map_or("a closed page".to_owned(), |page| page.title.clone());
        say!("{title} hears: {}", line.is_ok());
        Ok(())
    })
}
// ANCHOR_END: page

fn main() -> ExitCode {
    react(|_, done| {
        // ANCHOR: main
        for (title, wait) in [("page 1", strong as fn(&_, _) -> _), ("page 2", weak)] {
            let (resolver, line) = Deferred::new();
            let page = Rc::new(Page {
                _resolver: resolver,
                title: title.to_owned(),
            });
            drop(wait(&page, line));
            say!("we let go of {title}");
            drop(page);
        }
        // ANCHOR_END: main
        drop(done);
        Ok::<(), io::Error>(())
    })
}
