//! Readers who come together, later, and too late; one who leaves; and a source that fails.
use shared_page::shared;
use std::{cell::Cell, rc::Rc, time::Duration};
use untwisted::{
    coroutines::{block_on, join_all, sleep, spawn, timeout},
    deferreds::{Deferred, Failure, defer_later},
    reactor::{Address, Handle, Reactor, Sim},
    transports::Stream,
    web::{Served, Site, talk},
};

/// A source that takes two seconds. Its nth answer is `text n`; those before `good` fail.
fn serve(reactor: &Handle, good: usize) -> (Served, Rc<Cell<usize>>) {
    let asked = Rc::new(Cell::new(0));
    let (handle, count) = (reactor.clone(), Rc::clone(&asked));
    let page = shared(reactor, move || -> Deferred<String> {
        count.set(count.get() + 1);
        let n = count.get();
        defer_later(&handle, Duration::from_secs(2), move |_| {
            if n < good {
                Err(Failure::new("no luck"))
            } else {
                Ok(format!("text {n}"))
            }
        })
    });
    let served = Site::new(page)
        .listen(reactor, &Address::loopback(0))
        .expect("a port");
    (served, asked)
}

fn run<F: Future<Output = Result<(), Failure>> + 'static>(
    good: usize,
    test: impl FnOnce(Handle, Served, Rc<Cell<usize>>) -> F,
) {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let (served, asked) = serve(&handle, good);
    block_on(&mut reactor, test(handle, served, asked)).expect("a test to its end");
}

const GET: &str = "GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";

async fn get(handle: Handle, at: Address) -> Result<String, Failure> {
    let Ok(reply) = timeout(&handle, Duration::from_secs(60), talk(&handle, &at, GET)).await else {
        return Ok("no reply within a minute".to_owned());
    };
    let reply = reply?;
    let status = reply.get(9..12).unwrap_or("no status").to_owned();
    Ok(if status == "200" {
        reply.lines().last().unwrap_or_default().to_owned()
    } else {
        status
    })
}

/// So many readers in the same moment.
async fn crowd(handle: &Handle, at: &Address, readers: usize) -> Result<Vec<String>, Failure> {
    let pages = (0..readers).map(|_| spawn(handle, get(handle.clone(), at.clone())));
    join_all(pages.collect::<Vec<_>>())
        .await
        .into_iter()
        .collect()
}

#[test]
fn many_at_once_cost_one_fetch() {
    run(1, |handle, served, asked| async move {
        let pages = crowd(&handle, served.address(), 20).await?;
        assert_eq!(
            asked.get(),
            1,
            "(fetches) twenty readers came in the same moment"
        );
        assert!(
            pages.iter().all(|page| page == "text 1"),
            "each of the twenty readers has the text: {pages:?}"
        );
        Ok(())
    });
}

#[test]
fn a_text_is_fresh_for_ten_seconds() {
    run(1, |handle, served, asked| async move {
        let at = served.address().clone();
        crowd(&handle, &at, 1).await?;
        sleep(&handle, Duration::from_millis(9_500)).await;
        let pages = crowd(&handle, &at, 3).await?;
        assert_eq!(
            asked.get(),
            1,
            "(fetches) a text that is fresh is not fetched again"
        );
        assert_eq!(
            pages,
            vec!["text 1"; 3],
            "9.5 s after it came, the text is as good as new"
        );
        sleep(&handle, Duration::from_secs(1)).await;
        assert_eq!(
            crowd(&handle, &at, 3).await?,
            vec!["text 2"; 3],
            "10.5 s after it came, the text is old: a new one is fetched"
        );
        assert_eq!(asked.get(), 2, "(fetches) three readers found an old text");
        Ok(())
    });
}

#[test]
fn who_leaves_takes_it_from_nobody() {
    run(1, |handle, served, asked| async move {
        let at = served.address().clone();
        let first = Stream::connect(&handle, &at).await?;
        first.transport().write(GET);
        sleep(&handle, Duration::from_millis(500)).await;
        let second = spawn(&handle, get(handle.clone(), at.clone()));
        sleep(&handle, Duration::from_millis(500)).await;
        first.transport().abort_connection();
        let page = second.await?;
        assert_eq!(
            page, "text 1",
            "the reader for whom it was fetched left, and the other one has the text all the same"
        );
        assert_eq!(asked.get(), 1, "(fetches) one of two readers left");
        Ok(())
    });
}

#[test]
fn a_failure_is_for_those_who_waited() {
    run(2, |handle, served, asked| async move {
        let at = served.address().clone();
        assert_eq!(
            crowd(&handle, &at, 3).await?,
            vec!["500"; 3],
            "all three who waited hear of the failure"
        );
        assert_eq!(
            asked.get(),
            1,
            "(fetches) three waited for the one that failed"
        );
        assert_eq!(
            crowd(&handle, &at, 3).await?,
            vec!["text 2"; 3],
            "a failure is not kept: the next reader fetches again"
        );
        Ok(())
    });
}
