//! A mill's web site. One of its pages keeps everybody waiting.
use std::rc::Rc;
use std::time::Duration;
use untwisted::{
    coroutines::{sleep, yield_now},
    deferreds::{Deferred, defer_later},
    reactor::Handle,
    web::{Branch, Page, Request, Resource, Response, awaited, plain, query},
};

/// Something that grinds, one grain a call.
pub trait Mill {
    /// Grinds one grain. It takes as long as it takes, and that cannot be shortened.
    fn grind(&self);
}

/// Several grains between two looks at the others.
const HANDFUL: u32 = 50;

/// How many grains an order is about: `?grains=`, up to 5,000.
fn grains(request: &Request) -> u32 {
    let grains = query(request).get("grains").and_then(|n| n.parse().ok());
    grains.unwrap_or(10).min(5_000)
}

/// The site of the mill.
pub fn site(reactor: &Handle, mill: &Rc<dyn Mill>) -> Branch {
    Branch::new()
        .put("", Page::new(|_| plain("Our mill")))
        .put("flour", flour(reactor, mill))
        .put("bran", bran(reactor, mill))
        .put("bread", bread(reactor, mill))
        .put("queue", queue(reactor))
}

/// Grinds by the handful, and lets others in between.
fn flour(reactor: &Handle, mill: &Rc<dyn Mill>) -> Rc<dyn Resource> {
    let (mill, _) = (Rc::clone(mill), reactor.clone());
    awaited(move |request| {
        let (mill, grains) = (Rc::clone(&mill), grains(request));
        async move {
            for n in 1..=grains {
                mill.grind();
                if n % HANDFUL == 0 {
                    yield_now().await;
                }
            }
            Ok(plain(format!("{grains} grains of flour")))
        }
    })
}

/// Waits for the wind, then grinds.
fn bran(reactor: &Handle, mill: &Rc<dyn Mill>) -> Rc<dyn Resource> {
    let (mill, reactor) = (Rc::clone(mill), reactor.clone());
    awaited(move |request| {
        let (mill, reactor, grains) = (Rc::clone(&mill), reactor.clone(), grains(request));
        let (handle, task) = (reactor.clone(), async move {
            sleep(&reactor, Duration::from_secs(1)).await;
            for n in 1..=grains {
                mill.grind();
                if n % HANDFUL == 0 {
                    yield_now().await;
                }
            }
            Ok(plain(format!("{grains} grains of bran")))
        });
        let done = untwisted::coroutines::spawn(&handle, task);
        let (resolver, page) = Deferred::new();
        done.on_result(move |result| resolver.fire(result));
        async move { page.await }
    })
}

/// Grinds a handful each second.
fn bread(reactor: &Handle, mill: &Rc<dyn Mill>) -> Rc<dyn Resource> {
    let (mill, reactor) = (Rc::clone(mill), reactor.clone());
    awaited(move |request| {
        let (mill, reactor, grains) = (Rc::clone(&mill), reactor.clone(), grains(request).min(500));
        async move {
            let mut ground = 0;
            while ground < grains {
                for _ in 0..HANDFUL.min(grains - ground) {
                    mill.grind();
                    ground += 1;
                }
                sleep(&reactor, Duration::from_secs(1)).await;
            }
            Ok(plain(format!("{grains} grains of bread")))
        }
    })
}

/// Takes its time, and grinds nothing.
fn queue(reactor: &Handle) -> Rc<dyn Resource> {
    let reactor = reactor.clone();
    Page::new(move |_: &Request| -> Deferred<Response> {
        defer_later(&reactor, Duration::from_secs(3), |_| Ok(plain("your turn")))
    })
}
