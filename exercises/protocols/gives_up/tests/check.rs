//! Servers that are quick, slow, silent and broken, in virtual time.
use gives_up::{GaveUp, get_poem_within};
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::{
    deferreds::Failure,
    reactor::{Reactor, Sim},
    transports::{Address, Loss, Protocol, Transport, listen},
};

const POEM: &str = "Gather ye rosebuds";

/// What a server does after which number of milliseconds.
#[derive(Clone, Copy)]
enum Then {
    Say(&'static str),
    Close,
    Break,
}

struct Server {
    plan: Vec<(u64, Then)>,
    lost: Rc<RefCell<Vec<String>>>,
}

impl Protocol for Server {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        for (after, then) in self.plan.drain(..) {
            let server = transport.clone();
            let after = Duration::from_millis(after);
            transport.handle().call_later(after, move |_| match then {
                Then::Say(text) => server.write(text),
                Then::Close => server.lose_connection(),
                Then::Break => server.abort_connection(),
            });
        }
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        self.lost.borrow_mut().push(why.to_string());
    }
}

/// What came of one poem.
struct Outcome {
    /// Each answer, with the second in which it came.
    answers: Vec<(u64, String)>,
    /// Why the server lost its connection.
    lost: Vec<String>,
    /// Whether a timer is left when the server has none.
    timer_left: bool,
}

/// Fetches a poem with a patience of 10 s and looks for `seconds` what happens.
fn fetch(plan: Vec<(u64, Then)>, seconds: u64) -> Outcome {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let lost: Rc<RefCell<Vec<String>>> = Rc::default();
    let (log, plan) = (Rc::clone(&lost), RefCell::new(Some(plan)));
    let factory = Rc::new(move |_: &Address| Server {
        plan: plan.take().unwrap_or_default(),
        lost: Rc::clone(&log),
    });
    let port = listen(&handle, &Address::loopback(0), factory).expect("a server");
    let answers: Rc<RefCell<Vec<(u64, String)>>> = Rc::default();
    let log = Rc::clone(&answers);
    let clock = handle.clone();
    let begun = handle.now();
    let _fetched =
        get_poem_within(&handle, port.address(), Duration::from_secs(10)).add_both(move |poem| {
            let answer = match poem {
                Ok(poem) => poem,
                Err(failure) => match failure.check::<GaveUp>() {
                    Some(GaveUp(bytes)) => format!("gave up after {bytes} bytes"),
                    None => format!("failed: {failure}"),
                },
            };
            let passed = (clock.now() - begun).as_secs();
            log.borrow_mut().push((passed, answer));
            Ok(())
        });
    let end = handle.now() + Duration::from_secs(seconds);
    handle.call_later(Duration::from_secs(seconds), |_| {});
    while handle.now() < end {
        reactor.turn(None).expect("there is something to wait for");
    }
    for _ in 0..3 {
        let turned = reactor.turn(Some(Duration::ZERO));
        turned.expect("a turn without a wait");
    }
    Outcome {
        answers: answers.take(),
        lost: lost.take(),
        timer_left: reactor.next_deadline().is_some(),
    }
}

/// The one answer, with its second.
fn only(outcome: &Outcome) -> (u64, &str) {
    assert!(
        outcome.answers.len() == 1,
        "the Deferred fires once, and after all that time there is {}: {:?}",
        if outcome.answers.is_empty() {
            "no answer"
        } else {
            "more than one answer"
        },
        outcome.answers
    );
    (outcome.answers[0].0, &outcome.answers[0].1)
}

#[test]
fn a_poem_in_time() {
    let outcome = fetch(vec![(1_000, Then::Say(POEM)), (2_000, Then::Close)], 5);
    assert_eq!(
        only(&outcome),
        (2, POEM),
        "(second, answer) the server sent its poem and closed after 2 s"
    );
    assert!(
        !outcome.timer_left,
        "the poem came after 2 s, and a timer still waits in the reactor: take it back"
    );
}

#[test]
fn a_server_that_is_silent() {
    let outcome = fetch(vec![], 60);
    assert_eq!(
        only(&outcome),
        (10, "gave up after 0 bytes"),
        "(second, answer) the server is silent, and the patience is 10 s"
    );
    assert!(
        outcome.lost.len() == 1 && outcome.lost[0] != "closed in good order",
        "the client gave up, so it aborts its connection; the server saw {:?}",
        outcome.lost
    );
    assert!(
        !outcome.timer_left,
        "the client gave up, and a timer still waits in the reactor"
    );
}

#[test]
fn half_a_poem_in_time() {
    let outcome = fetch(vec![(1_000, Then::Say("Gather ye"))], 60);
    assert_eq!(
        only(&outcome),
        (10, "gave up after 9 bytes"),
        "(second, answer) half a poem came, and then nothing: it is not the poem. The patience is 10 s"
    );
}

#[test]
fn a_server_that_drips() {
    let mut plan: Vec<(u64, Then)> = (0..30)
        .map(|second| (second * 1_000 + 500, Then::Say("x")))
        .collect();
    plan.push((30_000, Then::Close));
    let outcome = fetch(plan, 40);
    assert_eq!(
        only(&outcome),
        (10, "gave up after 10 bytes"),
        "(second, answer) the server sends a letter every second for 30 s; bytes do not prolong the 10 s"
    );
}

#[test]
fn a_connection_that_breaks() {
    let outcome = fetch(vec![(1_000, Then::Say("Gather")), (2_000, Then::Break)], 5);
    let (second, answer) = only(&outcome);
    assert!(
        second == 2 && answer.starts_with("failed: "),
        "the server broke the connection after 2 s, and the Deferred fails then, with that reason: second {second}, {answer:?}"
    );
    assert!(
        !outcome.timer_left,
        "the server broke the connection, and a timer still waits in the reactor: take it back then, too"
    );
}

#[test]
fn a_port_where_nobody_listens() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let answer: Rc<RefCell<String>> = Rc::default();
    let log = Rc::clone(&answer);
    let poem = get_poem_within(&handle, &Address::loopback(9), Duration::from_secs(10));
    let _failed = poem.add_both(move |poem| {
        *log.borrow_mut() = format!("{poem:?}");
        Ok(())
    });
    handle.call_later(Duration::from_secs(1), |h| h.stop().expect("it runs"));
    reactor.run().expect("it runs until it is told to stop");
    assert!(
        answer.borrow().to_lowercase().contains("refused"),
        "no server listens, so the Deferred fails at once, with the reason that the factory was passed: {}",
        answer.borrow()
    );
    assert!(
        reactor.next_deadline().is_none(),
        "no connection was made, and a timer waits for its end"
    );
}

#[test]
fn two_poems_at_once() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let answers: Rc<RefCell<Vec<String>>> = Rc::default();
    for plan in [vec![(100, Then::Say(POEM)), (200, Then::Close)], vec![]] {
        let plan = RefCell::new(Some(plan));
        let factory = Rc::new(move |_: &Address| Server {
            plan: plan.take().unwrap_or_default(),
            lost: Rc::default(),
        });
        let port = listen(&handle, &Address::loopback(0), factory).expect("a server");
        let log = Rc::clone(&answers);
        let poem = get_poem_within(&handle, port.address(), Duration::from_secs(10));
        let _fetched = poem.add_both(move |poem| {
            let answer = poem.unwrap_or_else(|failure| failure.to_string());
            log.borrow_mut().push(answer);
            Ok(())
        });
    }
    handle.call_later(Duration::from_secs(30), |h| h.stop().expect("it runs"));
    reactor.run().expect("it runs until it is told to stop");
    let got: Vec<String> = answers.take();
    assert_eq!(
        got,
        [POEM, "gave up after 0 bytes"],
        "two poems at once, one in time and one never: each has its own time"
    );
}
