//! A server that counts who is there at once, and pages that are quick, slow, missing or broken.
use polite_fetcher::fetch_all;
use std::{cell::Cell, rc::Rc, time::Duration};
use untwisted::{
    coroutines::{block_on, sleep},
    deferreds::Failure,
    reactor::{Address, Handle, Reactor, Sim},
    web::{Branch, Client, Resource, Served, Site, StatusCode, awaited, plain, query, refuse},
};

#[derive(Default)]
struct Counts {
    now: Cell<usize>,
    most: Cell<usize>,
    all: Cell<usize>,
}

/// Counts a visitor as long as its page is being made.
struct Visitor(Rc<Counts>);

impl Visitor {
    fn new(counts: &Rc<Counts>) -> Visitor {
        counts.all.set(counts.all.get() + 1);
        counts.now.set(counts.now.get() + 1);
        counts.most.set(counts.most.get().max(counts.now.get()));
        Visitor(Rc::clone(counts))
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.0.now.set(self.0.now.get() - 1);
    }
}

fn serve(handle: &Handle) -> (Served, Rc<Counts>) {
    let counts = Rc::<Counts>::default();
    let page = |status: StatusCode| -> Rc<dyn Resource> {
        let (counts, handle) = (Rc::clone(&counts), handle.clone());
        awaited(move |request| {
            let (visitor, handle) = (Visitor::new(&counts), handle.clone());
            let millis = query(request)
                .get("ms")
                .and_then(|n| n.parse().ok())
                .unwrap_or(1_000);
            async move {
                sleep(&handle, Duration::from_millis(millis)).await;
                drop(visitor);
                Ok(if status == StatusCode::OK {
                    plain(format!("page {millis}"))
                } else {
                    refuse(status)
                })
            }
        })
    };
    let root = Branch::new()
        .put("page", page(StatusCode::OK))
        .put("gone", page(StatusCode::GONE));
    let served = Site::new(root)
        .listen(handle, &Address::loopback(0))
        .expect("a port");
    (served, counts)
}

/// The texts, the seconds it took, and what the server counted. A path may be a whole address.
fn fetch(paths: &[&str], at_once: usize) -> (Vec<Option<String>>, u64, Rc<Counts>) {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let (served, counts) = serve(&handle);
    let whole = |path: &&str| match path.starts_with('/') {
        true => format!("http://{}{path}", served.address()),
        false => (*path).to_owned(),
    };
    let urls: Vec<String> = paths.iter().map(whole).collect();
    let client = Client::new(&handle);
    let texts = block_on(&mut reactor, async move {
        fetch_all(&client, &urls, at_once).await
    });
    let seconds = (reactor.handle().now().as_millis() + 500) / 1_000;
    (
        texts.expect("no address costs all the others"),
        seconds,
        counts,
    )
}

fn page(millis: u64) -> Option<String> {
    Some(format!("page {millis}"))
}

#[test]
fn texts_have_the_order_of_their_addresses() {
    let (texts, ..) = fetch(&["/page?ms=3000", "/page?ms=1000", "/page?ms=2000"], 3);
    assert_eq!(
        texts,
        [page(3_000), page(1_000), page(2_000)],
        "the texts stand in the order of the addresses, whichever comes first"
    );
    let (texts, ..) = fetch(&[], 3);
    assert!(texts.is_empty(), "no addresses, no texts");
}

#[test]
fn at_most_so_many_at_once() {
    for (at_once, seconds) in [(1, 12), (4, 3), (12, 1), (100, 1)] {
        let (texts, took, counts) = fetch(&["/page"; 12], at_once);
        assert_eq!(texts.len(), 12, "a text for each address");
        assert!(
            counts.most.get() <= at_once,
            "at most {at_once} at once: the server had {} visitors in one moment",
            counts.most.get()
        );
        assert_eq!(
            took, seconds,
            "(seconds) twelve pages of a second each, {at_once} at once"
        );
    }
    let (texts, ..) = fetch(&["/page"; 3], 0);
    assert_eq!(
        texts.len(),
        3,
        "0 at once means one at a time: no fetch waits for ever"
    );
}

#[test]
fn a_place_is_taken_again_as_soon_as_it_is_free() {
    let (_, took, _) = fetch(&["/page?ms=4000", "/page", "/page", "/page", "/page"], 2);
    assert_eq!(
        took, 4,
        "(seconds) one page takes four seconds, and beside it four of one second each fit in: do not wait for a whole group"
    );
}

#[test]
fn what_is_not_there_is_none() {
    let (texts, _, counts) = fetch(
        &[
            "/page",
            "/gone",
            "http://127.0.0.1:1/",
            "no address",
            "/page?ms=2000",
            "/nowhere",
        ],
        2,
    );
    assert_eq!(
        texts,
        [page(1_000), None, None, None, page(2_000), None],
        "an address that fails, or is answered with something else than a success, is `None`, and the others come all the same"
    );
    assert_eq!(counts.all.get(), 3, "each page is asked for once");
}

#[test]
fn giving_up_asks_for_nothing_more() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let (served, counts) = serve(&handle);
    let urls = vec![format!("http://{}/page", served.address()); 10];
    let client = Client::new(&handle);
    block_on(&mut reactor, async move {
        let all = fetch_all(&client, &urls, 2);
        sleep(&handle, Duration::from_millis(500)).await;
        all.canceller().cancel();
        drop(all.await); // with a failure, or with what had come
        sleep(&handle, Duration::from_secs(30)).await;
        Ok::<(), Failure>(())
    })
    .expect("a test to its end");
    assert_eq!(
        counts.all.get(),
        2,
        "(pages asked for) it was cancelled while two were under way, and eight had not begun"
    );
}
