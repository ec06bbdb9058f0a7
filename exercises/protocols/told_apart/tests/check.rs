//! Servers that answer, drip, hang up, break and are not there, in virtual time.
use std::{cell::RefCell, rc::Rc, time::Duration};
use told_apart::{LONGEST, NoAnswer, ask};
use untwisted::{
    deferreds::{Cancelled, Failure},
    reactor::{Handle, Reactor, Sim},
    transports::{Address, Loss, Protocol, Transport, listen},
};

/// What a server does after which number of milliseconds.
#[derive(Clone)]
enum Then {
    Say(String),
    Close,
    Break,
}

fn say(text: &str) -> Then {
    Then::Say(text.to_owned())
}

#[derive(Default)]
struct Seen {
    received: Vec<u8>,
    lost: Vec<String>,
}

struct Server {
    plan: Vec<(u64, Then)>,
    seen: Rc<RefCell<Seen>>,
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

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.seen.borrow_mut().received.extend_from_slice(data);
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        self.seen.borrow_mut().lost.push(why.to_string());
    }
}

/// What came of one question.
struct Outcome {
    /// Each answer, with the second in which it came.
    answers: Vec<(u64, String)>,
    seen: Seen,
    timer_left: bool,
}

const PATIENCE: Duration = Duration::from_secs(10);

fn serve(handle: &Handle, plan: &[(u64, Then)], seen: &Rc<RefCell<Seen>>) -> Address {
    let (plan, seen) = (plan.to_vec(), Rc::clone(seen));
    let factory = Rc::new(move |_: &Address| Server {
        plan: plan.clone(),
        seen: Rc::clone(&seen),
    });
    let port = listen(handle, &Address::loopback(0), factory).expect("a server");
    port.address().clone()
}

/// Asks a server, with a patience of 10 s, looks for `seconds` what happens, and cancels after so many if at all.
fn outcome(
    world: &str,
    plan: Option<&[(u64, Then)]>,
    seconds: u64,
    cancel: Option<u64>,
) -> Outcome {
    let mut reactor = Reactor::new(Sim::parse(world).expect("a world"));
    let handle = reactor.handle();
    let seen = Rc::<RefCell<Seen>>::default();
    let at = match plan {
        Some(plan) => serve(&handle, plan, &seen),
        None => Address::loopback(9),
    };
    let answers = Rc::<RefCell<Vec<(u64, String)>>>::default();
    let (log, clock, begun) = (Rc::clone(&answers), handle.clone(), handle.now());
    let answer = ask(&handle, &at, "why?", PATIENCE);
    let canceller = answer.canceller();
    answer.on_result(move |answer| {
        let said = match answer {
            Ok(line) => line,
            Err(failure) => match (failure.check::<NoAnswer>(), failure.check::<Cancelled>()) {
                (Some(why), _) => format!("{why:?}"),
                (None, Some(_)) => "Cancelled".to_owned(),
                (None, None) => format!("another failure: {failure}"),
            },
        };
        log.borrow_mut()
            .push(((clock.now() - begun).as_secs(), said));
    });
    if let Some(after) = cancel {
        handle.call_later(Duration::from_secs(after), move |_| canceller.cancel());
    }
    let end = handle.now() + Duration::from_secs(seconds);
    handle.call_later(Duration::from_secs(seconds), |_| {});
    while handle.now() < end {
        reactor.turn(None).expect("there is something to wait for");
    }
    for _ in 0..3 {
        let turned = reactor.turn(Some(Duration::ZERO));
        turned.expect("a turn without a wait");
    }
    let timer_left = reactor.next_deadline().is_some();
    Outcome {
        answers: answers.take(),
        seen: seen.take(),
        timer_left,
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
    assert!(
        !outcome.timer_left,
        "the Deferred has fired with {:?}, and a timer still waits in the reactor: take it back",
        outcome.answers[0].1
    );
    (outcome.answers[0].0, &outcome.answers[0].1)
}

#[test]
fn an_answer_in_pieces() {
    for world in ["1", "1,chunk=1"] {
        let plan = [(1_000, say("becau")), (2_000, say("se\nand more\n"))];
        let outcome = outcome(world, Some(&plan), 8, None);
        assert_eq!(
            only(&outcome),
            (2, "because"),
            "(second, answer) the line is whole after 2 s"
        );
        assert_eq!(
            outcome.seen.received, b"why?\n",
            "the question is sent once, with a line feed"
        );
        let lost = &outcome.seen.lost;
        assert!(
            lost.len() == 1,
            "with the answer, the connection is closed; the server saw {lost:?}"
        );
    }
}

#[test]
fn nobody_listens() {
    let outcome = outcome("1", None, 30, None);
    assert_eq!(
        only(&outcome).1,
        "NotThere",
        "no server listens: the connection could not be made"
    );
}

#[test]
fn silence_after_the_connection() {
    let outcome = outcome("1", Some(&[]), 30, None);
    assert_eq!(
        only(&outcome),
        (10, "TooLate"),
        "(second, reason) the server is silent, and the patience 10 s: too late, and not broken"
    );
    let lost = &outcome.seen.lost;
    assert!(
        lost.len() == 1 && lost[0] != "closed in good order",
        "when it is too late, the connection is aborted; the server saw {lost:?}"
    );
}

#[test]
fn silence_before_the_connection() {
    let outcome = outcome("1,partition=0s", Some(&[]), 30, None);
    assert_eq!(
        only(&outcome),
        (10, "TooLate"),
        "(second, reason) the network is parted from the start, so all the time went into connecting"
    );
}

#[test]
fn a_connection_that_took_long() {
    let plan = [(3_000, say("because\n"))];
    let outcome = outcome("1,partition=0s-8s", Some(&plan), 30, None);
    assert_eq!(
        only(&outcome),
        (10, "TooLate"),
        "(second, reason) 8 s of the 10 went into connecting, and the answer takes 3 more"
    );
}

#[test]
fn a_server_that_drips() {
    let plan: Vec<(u64, Then)> = (0..30)
        .map(|second| (second * 1_000 + 500, say("x")))
        .collect();
    let outcome = outcome("1", Some(&plan), 60, None);
    assert_eq!(
        only(&outcome),
        (10, "TooLate"),
        "(second, reason) a letter comes every second; bytes do not prolong the 10 s"
    );
}

#[test]
fn a_server_that_hangs_up() {
    for (before, what) in [("", "nothing"), ("becau", "half a line")] {
        let plan = [(1_000, say(before)), (2_000, Then::Close)];
        let outcome = outcome("1", Some(&plan), 30, None);
        assert_eq!(
            only(&outcome),
            (2, "HungUp"),
            "(second, reason) the server closed in good order after {what}, which is no whole line"
        );
    }
}

#[test]
fn a_connection_that_breaks() {
    let plan = [(1_000, say("becau")), (2_000, Then::Break)];
    let outcome = outcome("1", Some(&plan), 30, None);
    assert_eq!(
        only(&outcome),
        (2, "Broke"),
        "(second, reason) the server reset the connection"
    );
}

#[test]
fn a_line_of_the_limit_and_one_more() {
    let (fits, over) = ("x".repeat(LONGEST), "x".repeat(LONGEST + 1));
    let whole = outcome(
        "1",
        Some(&[(1_000, say(&format!("{fits}\n{over}\n")))]),
        30,
        None,
    );
    assert_eq!(
        only(&whole),
        (1, fits.as_str()),
        "1,000 bytes are an answer, whatever comes behind it"
    );
    for end in ["", "\n"] {
        let long = outcome(
            "1",
            Some(&[(1_000, say(&format!("{over}{end}")))]),
            30,
            None,
        );
        assert_eq!(
            only(&long),
            (1, "Broke"),
            "(second, reason) 1,001 bytes of one line have come"
        );
    }
}

#[test]
fn a_question_that_is_cancelled() {
    for (world, what) in [("1", "waiting"), ("1,partition=0s-8s", "connecting")] {
        let outcome = outcome(world, Some(&[(3_000, say("because\n"))]), 30, Some(1));
        assert_eq!(
            only(&outcome),
            (1, "Cancelled"),
            "(second, reason) cancelled after 1 s, while {what}"
        );
        let (received, lost) = (&outcome.seen.received, &outcome.seen.lost);
        assert!(
            (received.is_empty() && lost.is_empty())
                || (lost.len() == 1 && lost[0] != "closed in good order"),
            "cancelled while {what}, so the connection is given up; the server saw {lost:?} and still has its connection"
        );
    }
}
