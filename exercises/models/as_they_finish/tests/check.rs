//! Checks that `fetch_all` tells of each poem as soon as it is there.
use as_they_finish::{Fetch, fetch_all};
use std::{cell::RefCell, rc::Rc, sync::mpsc, thread, time::Duration};

/// Only a wrong answer waits for so long.
const LIMIT: Duration = Duration::from_secs(2);

/// Runs `test` and panics in its place when it hangs.
fn bounded(test: impl FnOnce() + Send + 'static) {
    let (done, ended) = mpsc::channel();
    let thread = thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    if let Err(mpsc::RecvTimeoutError::Timeout) = ended.recv_timeout(3 * LIMIT) {
        panic!(
            "`fetch_all` did not return although every fetch is done: does anyone still hold a sender?"
        );
    }
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn at_once(poem: &'static str) -> Fetch {
    Box::new(move || poem.to_owned())
}

#[test]
fn every_poem_is_told_once() {
    bounded(|| {
        let mut seen: Vec<(usize, String)> = Vec::new();
        let fetches = vec![at_once("Tyger"), at_once("Eagle"), at_once("Hope")];
        fetch_all(fetches, |place, poem| seen.push((place, poem)));
        seen.sort();
        let wanted = [(0, "Tyger"), (1, "Eagle"), (2, "Hope")].map(|(i, p)| (i, p.to_owned()));
        assert_eq!(
            seen, wanted,
            "`finished` is called once for each fetch, with its place and its poem"
        );
    });
}

#[test]
fn nothing_to_fetch() {
    bounded(|| fetch_all(Vec::new(), |_, _| panic!("there is nothing to tell of")));
}

#[test]
fn a_poem_is_told_as_soon_as_it_is_there() {
    bounded(|| {
        // Poem 0 goes on when `finished` was called with poem 1.
        let (heard_of_1, gate) = mpsc::channel::<()>();
        let patient: Fetch = Box::new(move || match gate.recv_timeout(LIMIT) {
            Ok(()) => "Tyger".to_owned(),
            Err(_) => {
                "poem 1 was done, and `finished` was not called while poem 0 went on".to_owned()
            }
        });
        let mut order = Vec::new();
        fetch_all(vec![patient, at_once("Eagle")], |place, poem| {
            if place == 1 {
                let _ = heard_of_1.send(());
            } else {
                assert_eq!(poem, "Tyger", "{poem}");
            }
            order.push(place);
        });
        assert_eq!(
            order,
            [1, 0],
            "(places) each is told when it is done, and once"
        );
    });
}

#[test]
fn all_run_at_once() {
    bounded(|| {
        // Each waits for a word from the other one.
        let (to_0, from_1) = mpsc::channel();
        let (to_1, from_0) = mpsc::channel();
        let meet = |to: mpsc::Sender<()>, from: mpsc::Receiver<()>| -> Fetch {
            Box::new(move || {
                let _ = to.send(());
                from.recv_timeout(LIMIT)
                    .map_or("alone", |()| "met")
                    .to_owned()
            })
        };
        fetch_all(
            vec![meet(to_1, from_1), meet(to_0, from_0)],
            |place, poem| {
                assert_eq!(
                    poem, "met",
                    "fetch {place} ran alone: start all of them before you wait for one"
                );
            },
        );
    });
}

#[test]
fn finished_stays_in_the_callers_thread() {
    bounded(|| {
        let count = Rc::new(RefCell::new(0)); // an `Rc` does not leave its thread
        let seen = Rc::clone(&count);
        fetch_all(vec![at_once("Tyger")], move |_, _| *seen.borrow_mut() += 1);
        assert_eq!(
            *count.borrow(),
            1,
            "one fetch is done, so `finished` is called once before `fetch_all` returns"
        );
    });
}
