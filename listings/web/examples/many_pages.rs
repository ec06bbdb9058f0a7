//! Twelve pages, four at a time: a semaphore in front of one client.
use coroutines::{run, sleep};
use deferreds::{Deferred, Semaphore};
use reactor::Address;
use std::{cell::Cell, process::ExitCode, rc::Rc, time::Duration};
use trace::say;
use web::{Client, Site, awaited, plain};

// ANCHOR: main
fn main() -> ExitCode {
    run(|reactor| async move {
        let (handle, busy) = (reactor.clone(), Rc::new(Cell::new(0)));
        let page = awaited(move |_| {
            let (handle, busy) = (handle.clone(), Rc::clone(&busy));
            async move {
                busy.set(busy.get() + 1);
                let seen = busy.get();
                sleep(&handle, Duration::from_secs(1)).await;
                busy.set(busy.get() - 1);
                Ok(plain(format!("{seen} at once")))
            }
        });
        let site = Site::new(page).listen(&reactor, &Address::loopback(0))?;
        // ANCHOR: ask
        let (client, url) = (Client::new(&reactor), format!("http://{}/", site.address()));
        let places = Semaphore::new(4);
        let pages: Vec<Deferred<_>> = (0..12)
            .map(|_| {
                let (client, url) = (client.clone(), url.clone());
                places.run(move || client.get(&url))
            })
            .collect();
        // ANCHOR_END: ask
        let before = reactor.now();
        let mut most = String::new();
        for page in pages {
            most = most.max(String::from_utf8_lossy(page.await?.body()).into_owned());
        }
        let seconds = (reactor.now() - before).as_secs();
        say!(
            "twelve pages in {seconds} s, {most}, {} connections",
            site.connections()
        );
        Ok(())
    })
}
// ANCHOR_END: main
