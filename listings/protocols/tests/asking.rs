//! Questions and answers: in any order, both ways, twice, cancelled, lost, refused, too many.
mod ends;

use deferreds::{Cancelled, Deferred, Failure, Resolver};
use ends::{End, World, nothing};
use protocols::{Asker, Boxes, KeyValues, NoAnswer, RemoteError, Responders, TooMany, asking};
use reactor::Address;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use transports::Transport;

fn pair(key: &str, value: &str) -> KeyValues {
    KeyValues::from([(key.into(), value.into())])
}

type Open = Rc<RefCell<Vec<Resolver<KeyValues>>>>;

/// A server: `echo` answers at once, `later` when the test does, `fails` never, `back` asks the
/// client first.
fn responders(open: &Open) -> Responders {
    let later = Rc::clone(open);
    Responders::new(1000)
        .on("echo", |_, asked| Deferred::succeed(asked))
        .on("later", move |_, _| {
            let (resolver, answer) = Deferred::new();
            later.borrow_mut().push(resolver);
            answer
        })
        .on("on purpose", |_, _| {
            Deferred::fail(RemoteError::new("EMPTY", "no poem left"))
        })
        .on("by mistake", |_, _| {
            Deferred::fail(Failure::new("the password is hope"))
        })
        .on("too long", |_, _| {
            Deferred::succeed(pair("k", &"v".repeat(70_000)))
        })
        .on("panics", |_, _| panic!("as asked"))
        .on("back", |asker, asked| asker.ask("name", &asked))
}

/// What a question came to.
type Said = Rc<RefCell<String>>;

fn says(answer: Deferred<KeyValues>) -> Said {
    let said = Said::default();
    let writes = Rc::clone(&said);
    answer.on_result(move |result| {
        let text = match result {
            Ok(values) => format!("{} values", values.len()),
            Err(failure) => failure.to_string(),
        };
        writes.replace(text);
    });
    said
}

struct Talk {
    world: World,
    open: Open,
    asker: Asker,
    servers: Rc<RefCell<Vec<Asker>>>,
}

fn talk(make: impl Fn(Responders) -> Responders) -> Talk {
    let mut world = World::new("1");
    let (open, servers) = (Open::default(), Rc::<RefCell<Vec<Asker>>>::default());
    let met = Rc::clone(&servers);
    let server =
        make(responders(&open)).on_connection(move |asker| met.borrow_mut().push(asker.clone()));
    let at = world.listen(server.factory());
    let client = Responders::new(1000).on("name", |_, _| Deferred::succeed(pair("name", "client")));
    let found = Rc::<RefCell<Option<Asker>>>::default();
    let finds = Rc::clone(&found);
    asking(&world.handle, &at, &client).on_result(move |asker| {
        finds.replace(Some(asker.expect("it listens")));
    });
    world.pass(10);
    let asker = found.take().expect("connected");
    Talk {
        world,
        open,
        asker,
        servers,
    }
}

#[test]
fn answers_come_in_any_order_and_to_who_asked() {
    let mut talk = talk(|responders| responders);
    let asked: Vec<Said> = (0..3)
        .map(|_| says(talk.asker.ask("later", &KeyValues::new())))
        .collect();
    let quick = says(talk.asker.ask("echo", &pair("a", "b")));
    talk.world.pass(10);
    assert_eq!(*quick.borrow(), "1 values", "not behind those that wait");
    for (which, says) in [(2, "2 values"), (0, "0 values"), (0, "1 values")] {
        let values: KeyValues = (0..says[..1].parse().unwrap())
            .map(|n: u8| (vec![b'k', n], vec![]))
            .collect();
        let resolver = talk.open.borrow_mut().remove(which);
        resolver.callback(values);
    }
    talk.world.pass(10);
    let said: Vec<String> = asked.iter().map(|said| said.borrow().clone()).collect();
    assert_eq!(said, ["0 values", "1 values", "2 values"]);
}

#[test]
fn a_responder_may_ask_back_and_a_server_may_ask_first() {
    let mut talk = talk(|responders| responders);
    let back = says(talk.asker.ask("back", &KeyValues::new()));
    let first = says(talk.servers.borrow()[0].ask("name", &KeyValues::new()));
    talk.world.pass(20);
    assert_eq!(
        (back.borrow().as_str(), first.borrow().as_str()),
        ("1 values", "1 values")
    );
}

#[test]
fn what_a_failure_tells_the_other_side() {
    let mut talk = talk(|responders| responders);
    let ask = |command| says(talk.asker.ask(command, &KeyValues::new()));
    let commands = ["on purpose", "by mistake", "too long", "none"];
    let said = commands.map(ask);
    talk.world.pass(20);
    let said = said.map(|said| said.borrow().clone());
    assert_eq!(said[0], "the other side says EMPTY: no poem left");
    assert_eq!(
        said[1], "the other side says UNKNOWN: Unknown Error",
        "and no password"
    );
    assert_eq!(said[2], said[1]);
    assert_eq!(
        said[3],
        "the other side says UNHANDLED: Unhandled Command: 'none'"
    );
}

#[test]
fn a_failure_costs_one_question_and_not_the_connection() {
    let mut talk = talk(|responders| responders);
    let _failed = says(talk.asker.ask("by mistake", &KeyValues::new()));
    talk.world.pass(10);
    let next = says(talk.asker.ask("echo", &KeyValues::new()));
    talk.world.pass(10);
    assert_eq!(*next.borrow(), "0 values");
}

#[test]
fn a_responder_that_panics_costs_its_own_connection_and_no_other() {
    let (mut one, mut other) = (talk(|responders| responders), talk(|responders| responders));
    let said = ["later", "panics"].map(|command| says(one.asker.ask(command, &KeyValues::new())));
    one.world.pass(20);
    assert_eq!(*said[0].borrow(), "connection reset");
    assert_eq!(*said[1].borrow(), NoAnswer.to_string());
    assert!(one.open.borrow().iter().all(Resolver::is_cancelled));
    let next = says(other.asker.ask("echo", &KeyValues::new()));
    other.world.pass(20);
    assert_eq!(*next.borrow(), "0 values");
}

#[test]
fn what_cannot_be_sent_is_said_here() {
    let talk = talk(|responders| responders);
    let said = |arguments: KeyValues| says(talk.asker.ask("echo", &arguments)).borrow().clone();
    assert_eq!(
        said(pair("", "x")),
        "the key \"\" has 0 bytes; a key has 1 to 255"
    );
    assert_eq!(
        said(pair("k", &"v".repeat(65_536))),
        "the value of \"k\" has more than 65,535 bytes"
    );
    assert_eq!(
        said(pair("_ask", "1")),
        "the key \"_ask\" begins with _, which is reserved"
    );
    assert!(talk.asker.tell("echo", &pair("", "x")).is_err());
}

#[test]
fn the_end_answers_all_who_wait_and_cancels_what_is_being_done() {
    let mut talk = talk(|responders| responders);
    let asked = [(); 2].map(|()| says(talk.asker.ask("later", &KeyValues::new())));
    talk.world.pass(10);
    assert_eq!(talk.servers.borrow()[0].answering(), 2);
    talk.asker.transport().expect("connected").lose_connection();
    talk.world.pass(10);
    for said in &asked {
        assert_eq!(*said.borrow(), NoAnswer.to_string());
    }
    assert_eq!(
        *says(talk.asker.ask("echo", &KeyValues::new())).borrow(),
        NoAnswer.to_string()
    );
    assert!(
        talk.asker.tell("echo", &KeyValues::new()).is_ok(),
        "as any write after the loss"
    );
    assert!(
        talk.open.borrow().iter().all(Resolver::is_cancelled),
        "nobody waits for these any more"
    );
    assert_eq!(talk.servers.borrow()[0].answering(), 0);
}

#[test]
fn the_end_answers_and_cancels_the_others_although_one_panics() {
    let (cancelled, kept) = (Rc::<Cell<u32>>::default(), Open::default());
    let (counts, keeps) = (Rc::clone(&cancelled), Rc::clone(&kept));
    let mut talk = talk(move |responders| {
        let (counts, keeps) = (Rc::clone(&counts), Rc::clone(&keeps));
        responders.on("never", move |_, _| {
            let counts = Rc::clone(&counts);
            let (resolver, answer) = Deferred::with_canceller(move |_| {
                counts.set(counts.get() + 1);
                assert!(counts.get() > 1, "this panic is part of the test");
            });
            keeps.borrow_mut().push(resolver);
            answer
        })
    });
    talk.asker
        .ask("never", &KeyValues::new())
        .on_result(|answer| panic!("this panic is part of the test: {}", answer.is_ok()));
    let others = [(); 2].map(|()| says(talk.asker.ask("never", &KeyValues::new())));
    talk.world.pass(10);
    talk.asker.transport().expect("connected").lose_connection();
    talk.world.pass(10);
    for said in &others {
        assert_eq!(*said.borrow(), NoAnswer.to_string());
    }
    assert_eq!(cancelled.get(), 3);
}

#[test]
fn a_question_that_was_cancelled_may_still_be_answered() {
    let mut talk = talk(|responders| responders);
    let answer = talk.asker.ask("later", &KeyValues::new());
    let canceller = answer.canceller();
    let cancelled = says(answer);
    talk.world.pass(10);
    canceller.cancel();
    canceller.cancel();
    assert_eq!(*cancelled.borrow(), Cancelled.to_string());
    let resolver = talk.open.borrow_mut().remove(0);
    resolver.callback(KeyValues::new());
    talk.world.pass(10);
    let next = says(talk.asker.ask("echo", &KeyValues::new()));
    talk.world.pass(10);
    assert_eq!(*next.borrow(), "0 values", "the connection lives on");
}

#[test]
fn as_many_questions_as_the_limit_and_one_more() {
    let mut talk = talk(|responders| responders.at_most(3));
    let asked: Vec<Said> = (0..5)
        .map(|_| says(talk.asker.ask("later", &KeyValues::new())))
        .collect();
    talk.world.pass(50);
    assert_eq!(
        (
            talk.open.borrow().len(),
            talk.servers.borrow()[0].answering()
        ),
        (3, 3)
    );
    for _ in 0..5 {
        let resolver = talk.open.borrow_mut().remove(0);
        resolver.callback(KeyValues::new());
        talk.world.pass(50);
        assert!(talk.servers.borrow()[0].answering() <= 3);
    }
    assert!(asked.iter().all(|said| *said.borrow() == "0 values"));
}

#[test]
fn a_thousand_open_questions_and_one_more() {
    let mut talk = talk(|responders| responders);
    let asked: Vec<Said> = (0..1000)
        .map(|_| says(talk.asker.ask("later", &KeyValues::new())))
        .collect();
    let over = says(talk.asker.ask("later", &KeyValues::new()));
    assert_eq!(*over.borrow(), TooMany.to_string());
    talk.world.pass(100);
    assert_eq!(
        talk.open.borrow().len(),
        100,
        "so many are answered at once"
    );
    drop(talk);
    assert!(
        asked.iter().all(|said| !said.borrow().is_empty()),
        "the reactor's end is an end, too"
    );
}

#[test]
fn a_peer_that_answers_what_nobody_asked_or_sends_no_question_is_hung_up_on() {
    let boxes = [
        KeyValues::from([(b"_answer".to_vec(), b"1".to_vec())]),
        KeyValues::from([(b"_error".to_vec(), b"".to_vec())]),
        KeyValues::from([(b"k".to_vec(), b"v".to_vec())]),
        KeyValues::new(),
    ];
    for values in boxes {
        let mut world = World::new("1");
        let at = world.listen(responders(&Open::default()).factory());
        let client = world.connect(&at, nothing);
        world.pass(10);
        client
            .transport()
            .write(Boxes::written(&values).expect("a box"));
        world.pass(10);
        assert!(
            client.lost().contains("reset"),
            "{values:?}: {}",
            client.lost()
        );
    }
}

#[test]
fn nobody_listens_and_nobody_wants_it_any_more() {
    let mut world = World::new("1");
    let responders = Responders::new(1000);
    let said = Said::default();
    let (one, two) = (Rc::clone(&said), Rc::clone(&said));
    asking(&world.handle, &Address::loopback(9), &responders)
        .on_result(move |asker| *one.borrow_mut() += &asker.err().expect("refused").to_string());
    world.pass(10);
    assert!(said.borrow().contains("refused"), "{}", said.borrow());
    said.borrow_mut().clear();
    let server = End::new(nothing);
    let at = world.serve(&server);
    let asker = asking(&world.handle, &at, &responders);
    let canceller = asker.canceller();
    asker.on_result(move |asker| *two.borrow_mut() += &asker.err().expect("cancelled").to_string());
    canceller.cancel();
    world.pass(100);
    assert_eq!(*said.borrow(), Cancelled.to_string());
    assert!(
        server
            .0
            .borrow()
            .transport
            .as_ref()
            .is_none_or(Transport::is_lost)
    );
}
