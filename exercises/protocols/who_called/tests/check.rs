//! Stacks of real connections, lost in every way.
use std::{backtrace::Backtrace, cell::RefCell, rc::Rc, time::Duration};
use untwisted::{
    deferreds::Failure,
    reactor::{Handle, Reactor, Sim},
    transports::{Address, Factory, Loss, Protocol, Transport, connect, listen},
};
use who_called::{Caller, who_called};

type Stacks = Rc<RefCell<Vec<String>>>;
type Then = fn(&Transport, &Stacks) -> Result<(), Failure>;
type Later = fn(&Transport);

fn record(stacks: &Stacks) {
    let stack = Backtrace::force_capture().to_string();
    stacks.borrow_mut().push(stack);
}

/// Does something when data come, and records the stack when the connection is lost.
struct Records {
    stacks: Stacks,
    then: Then,
}

impl Protocol for Records {
    fn data_received(&mut self, transport: &Transport, _: &[u8]) -> Result<(), Failure> {
        (self.then)(transport, &self.stacks)
    }

    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        record(&self.stacks);
    }
}

/// The other side: sends a byte, and does something later.
struct Peer(Later);

impl Protocol for Peer {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write("x");
        let (peer, then) = (transport.clone(), self.0);
        let later = Duration::from_millis(10);
        transport.handle().call_later(later, move |_| then(&peer));
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

/// Runs a server of `factory` and a peer for a while.
fn run(factory: Rc<dyn Factory>, peer: Later) -> Reactor {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle: Handle = reactor.handle();
    let port = listen(&handle, &Address::loopback(0), factory).expect("a server");
    connect(
        &handle,
        port.address(),
        Rc::new(move |_: &Address| Peer(peer)),
    );
    let end = handle.now() + Duration::from_millis(100);
    handle.call_later(Duration::from_millis(100), |_| {});
    while handle.now() < end {
        reactor.turn(None).expect("a turn");
    }
    reactor
}

fn records(stacks: &Stacks, then: Then) -> Rc<dyn Factory> {
    let stacks = Rc::clone(stacks);
    Rc::new(move |_: &Address| Records {
        stacks: Rc::clone(&stacks),
        then,
    })
}

fn nothing(_: &Transport, _: &Stacks) -> Result<(), Failure> {
    Ok(())
}

fn stays(_: &Transport) {}

/// The one stack that a connection left behind.
fn stack_of(then: Then, peer: Later) -> String {
    let stacks = Stacks::default();
    drop(run(records(&stacks, then), peer));
    let mut stacks = stacks.take();
    stacks.pop().expect("the connection was lost")
}

/// The lines that name a function, for a message.
fn shown(stack: &str) -> String {
    let calls = stack.lines().filter(|line| !line.trim().starts_with("at "));
    calls.take(40).collect::<Vec<_>>().join("\n")
}

fn check(stack: &str, caller: Option<Caller>, what: &str) {
    let said = who_called(stack);
    assert!(
        said == caller,
        "{what}: that is {caller:?}, and you say {said:?}. The stack, the innermost call first:\n{}",
        shown(stack)
    );
}

#[test]
fn the_end_of_a_turn() {
    let close = |transport: &Transport, _: &Stacks| {
        transport.lose_connection();
        Ok(())
    };
    let abort = |transport: &Transport, _: &Stacks| {
        transport.abort_connection();
        Ok(())
    };
    let fail = |_: &Transport, _: &Stacks| Err(Failure::new("as asked"));
    let turn = Some(Caller::EndOfTurn);
    check(
        &stack_of(close, stays),
        turn,
        "the protocol asked for the end",
    );
    check(
        &stack_of(abort, stays),
        turn,
        "the protocol gave its connection up",
    );
    check(&stack_of(fail, stays), turn, "the protocol failed");
    check(
        &stack_of(nothing, |peer| peer.lose_connection()),
        turn,
        "the peer closed in good order, and by default that asks for the end",
    );
}

#[test]
fn a_socket_that_became_ready() {
    let stack = stack_of(nothing, |peer| peer.abort_connection());
    check(
        &stack,
        Some(Caller::Readiness),
        "the peer reset the connection, and the read found that out",
    );
}

#[test]
fn a_reactor_that_is_dropped() {
    let stack = stack_of(nothing, stays);
    check(
        &stack,
        Some(Caller::Drop),
        "the reactor was dropped with the connection in it",
    );
}

#[test]
fn a_reactor_inside_another_one() {
    // Inside a callback of the outer one, another one runs, and loses a connection in each way.
    let inner: [(Then, Caller); 2] = [
        (
            |_, stacks| {
                let close: Then = |transport, _| {
                    transport.lose_connection();
                    Ok(())
                };
                std::mem::forget(run(records(stacks, close), stays));
                Ok(())
            },
            Caller::EndOfTurn,
        ),
        (
            |_, stacks| {
                drop(run(records(stacks, nothing), stays));
                Ok(())
            },
            Caller::Drop,
        ),
    ];
    for (then, caller) in inner {
        let stacks = Stacks::default();
        std::mem::forget(run(records(&stacks, then), stays));
        let stack = stacks
            .borrow()
            .first()
            .cloned()
            .expect("the inner one was lost");
        check(
            &stack,
            Some(caller),
            "one reactor inside a callback of another one, so the innermost counts",
        );
    }
    // The other way round: a reset in a reactor that runs when the outer one's turn ends.
    struct AtTheEnd(Stacks);
    impl Protocol for AtTheEnd {
        fn data_received(&mut self, transport: &Transport, _: &[u8]) -> Result<(), Failure> {
            transport.lose_connection();
            Ok(())
        }
        fn connection_lost(&mut self, _: &Transport, _: Loss) {
            std::mem::forget(run(records(&self.0, nothing), |peer| {
                peer.abort_connection()
            }));
        }
    }
    let stacks = Stacks::default();
    let outer = Rc::clone(&stacks);
    std::mem::forget(run(
        Rc::new(move |_: &Address| AtTheEnd(Rc::clone(&outer))),
        stays,
    ));
    let stack = stacks
        .borrow()
        .first()
        .cloned()
        .expect("the inner one was lost");
    check(
        &stack,
        Some(Caller::Readiness),
        "a reset in a reactor that runs inside the end of another one's turn, so the innermost counts",
    );
}

/// A user's module whose names sound like the library's.
mod end_turn {
    use super::*;

    pub struct TellReady(pub Stacks);

    impl Protocol for TellReady {
        fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
            Ok(())
        }

        fn connection_lost(&mut self, _: &Transport, _: Loss) {
            record(&self.0);
        }
    }
}

#[test]
fn names_of_a_users() {
    let ends: [(Later, Caller, &str); 3] = [
        (
            |peer| peer.abort_connection(),
            Caller::Readiness,
            "the peer reset the connection",
        ),
        (
            |peer| peer.lose_connection(),
            Caller::EndOfTurn,
            "the peer closed in good order",
        ),
        (stays, Caller::Drop, "the reactor was dropped"),
    ];
    for (peer, caller, what) in ends {
        let stacks = Stacks::default();
        let recorded = Rc::clone(&stacks);
        let factory = Rc::new(move |_: &Address| end_turn::TellReady(Rc::clone(&recorded)));
        drop(run(factory, peer));
        let stack = stacks.borrow().first().cloned().expect("lost");
        check(
            &stack,
            Some(caller),
            &format!(
                "{what}, and a user's type and module have names: each sounds like the library's"
            ),
        );
    }
}

#[test]
fn what_is_no_loss() {
    let stack = stack_of(
        |transport, stacks| {
            record(stacks);
            transport.handle().clone().call_soon(|_| {});
            Ok(())
        },
        stays,
    );
    check(
        &stack,
        Some(Caller::Drop),
        "the reactor was dropped in the end",
    );
    let stacks = Stacks::default();
    let received = |_: &Transport, stacks: &Stacks| {
        record(stacks);
        Ok(())
    };
    std::mem::forget(run(records(&stacks, received), stays));
    let stack = stacks.borrow().first().cloned().expect("data came");
    check(
        &stack,
        None,
        "this stack was recorded in data_received, so it is no such call",
    );
    check("", None, "an empty text is no such call");
}
