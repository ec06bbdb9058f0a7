//! Peers that are lost, calls that are given up, and a peer that makes things up.
use super::*;

#[test]
fn a_lost_server_is_told_to_each_call_and_to_those_that_come_later() {
    let mut talk = talk();
    let poem = talk.open("hope").unwrap();
    let mine = Poem::opened(&talk.seen, "mine");
    talk.call("keep", Values::new().with("object", mine))
        .unwrap();
    let calls = [
        talk.shelf.call("later", Values::new()),
        talk.shelf.call("later", Values::new()),
    ];
    let seen = Rc::clone(&talk.seen);
    until(&mut talk.reactor, "both wait", || {
        seen.waits.borrow().len() == 2
    });
    assert!(!poem.is_lost());
    // The server goes: its reactor's end closes everything that it has open.
    talk.call("panic", Values::new()).unwrap_err();
    for call in calls {
        let failure = talk.until(call).unwrap_err();
        assert!(failure.check::<ServerLost>().is_some(), "{failure}");
    }
    assert!(poem.is_lost() && talk.shelf.is_lost());
    let answer = poem.call("name", Values::new());
    let failure = talk.until(answer).unwrap_err();
    assert!(failure.check::<ServerLost>().is_some(), "{failure}");
    // Each side has let go of what the other one held.
    talk.poems(1);
    let given = talk.seen.given.take().unwrap();
    assert!(given.is_lost());
    // What answers too late reaches no one.
    for resolver in talk.seen.waits.take() {
        resolver.callback(Values::new());
    }
    // The server lives, and the next client is served.
    talk.shelf = meet(&mut talk.reactor, &talk.address.clone());
    assert!(talk.open("hope").is_ok());
}

#[test]
fn asked_again_while_the_loss_is_told_it_is_lost() {
    let mut talk = talk();
    let call = talk.shelf.call("later", Values::new());
    let shelf = talk.shelf.clone();
    let again = call.add_both(move |result| {
        assert!(result.is_err() && shelf.is_lost());
        shelf.call("later", Values::new())
    });
    let _panics = talk.shelf.call("panic", Values::new());
    let failure = talk.until(again).unwrap_err();
    assert!(failure.check::<ServerLost>().is_some(), "{failure}");
}

#[test]
fn a_call_that_is_given_up_lets_go_of_what_comes_late() {
    let mut talk = talk();
    let call = talk.shelf.call("open", Values::new().with("name", "hope"));
    call.canceller().cancel();
    let failure = call.into_result().unwrap().unwrap_err();
    assert!(failure.check::<Cancelled>().is_some(), "{failure}");
    let seen = Rc::clone(&talk.seen);
    until(&mut talk.reactor, "it is opened all the same", || {
        seen.poems.get() == 2
    });
    talk.poems(1);
}

#[test]
fn the_end_of_the_reactor_lets_go_of_everything() {
    let mut talk = talk();
    let poem = talk.open("hope").unwrap();
    let mine = Poem::opened(&talk.seen, "mine");
    talk.call("keep", Values::new().with("object", mine))
        .unwrap();
    let waits = talk.shelf.call("later", Values::new());
    let Talk {
        reactor,
        seen,
        shelf,
        ..
    } = talk;
    drop(reactor);
    assert!(waits.into_result().unwrap().is_err());
    assert!(shelf.is_lost() && poem.is_lost());
    let given = seen.given.take();
    seen.waits.take();
    assert!(given.unwrap().is_lost());
    assert_eq!(seen.poems.get(), 0, "the shelf is gone, and its poem, too");
}

/// A peer that sends what it likes.
fn stranger(talk: &mut Talk) -> Asker {
    let asker = asking(&talk.handle, &talk.address, &Responders::new(1_000_000));
    talk.until(asker).unwrap()
}

fn boxed(values: &[(&str, &str)]) -> KeyValues {
    let pairs = values
        .iter()
        .map(|(key, value)| (key.as_bytes().to_vec(), value.as_bytes().to_vec()));
    pairs.collect()
}

#[test]
fn a_peer_that_makes_things_up_harms_nobody() {
    let mut talk = talk();
    let stranger = stranger(&mut talk);
    let no_object = |values: &[(&str, &str)], talk: &mut Talk| {
        let answer = stranger.ask("call", &boxed(values));
        let failure = talk.until(answer).unwrap_err();
        let code = failure
            .check::<RemoteError>()
            .map(|error| error.code.clone());
        assert_eq!(code.as_deref(), Some("NO_OBJECT"), "{values:?}: {failure}");
    };
    no_object(&[], &mut talk);
    no_object(&[("object", "7"), ("method", "open")], &mut talk);
    no_object(&[("object", "-1"), ("method", "open")], &mut talk);
    no_object(
        &[("object", "99999999999999999999"), ("method", "open")],
        &mut talk,
    );
    no_object(
        &[("object", "0"), ("method", "keep"), ("*object", "5")],
        &mut talk,
    );
    no_object(
        &[("object", "0"), ("method", "keep"), ("&object", "x")],
        &mut talk,
    );
    for values in [
        &[("object", "0"), ("times", "1")][..],
        &[("object", "1"), ("times", "18446744073709551615")],
        &[("object", "x"), ("times", "y")],
        &[],
    ] {
        let answer = stranger.ask("release", &boxed(values));
        assert!(talk.until(answer).is_ok());
    }
    // The first object is there as before, for that one and for others.
    let values = [("object", "0"), ("method", "open"), ("=name", "hope")];
    let answer = stranger.ask("call", &boxed(&values));
    let opened = talk.until(answer).unwrap();
    assert_eq!(opened[&b"&poem"[..]], b"1");
    // Given back more often than it was sent, it is gone once.
    for _ in 0..2 {
        let answer = stranger.ask("release", &boxed(&[("object", "1"), ("times", "9")]));
        talk.until(answer).unwrap();
    }
    no_object(&[("object", "1"), ("method", "name")], &mut talk);
    assert!(talk.open("hope").is_ok());
    assert_eq!(NoObject.to_string(), "there is no such object");
}

#[test]
fn a_reference_to_what_was_given_back_by_somebody_else_is_no_object() {
    // A peer that answers with a number which it never sent before, and then denies it.
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let liar = Responders::new(1000)
        .on("call", |_, asked| {
            match asked.get(&b"method"[..]).map(Vec::as_slice) {
                Some(b"open") => Deferred::succeed(boxed(&[("&poem", "77")])),
                _ => Deferred::fail(RemoteError::new("NO_OBJECT", "")),
            }
        })
        .on("release", |_, _| Deferred::succeed(KeyValues::new()));
    let port = listen(&handle, &Address::loopback(0), liar.factory()).unwrap();
    let shelf = meet(&mut reactor, port.address());
    let said = Rc::new(RefCell::new(None));
    let says = Rc::clone(&said);
    shelf
        .call("open", Values::new())
        .add_callback(|answer| match answer.reference("poem") {
            Ok(poem) => poem.call("name", Values::new()),
            Err(missing) => Deferred::fail(missing),
        })
        .on_result(move |result| {
            says.replace(Some(result));
        });
    until(&mut reactor, "an answer", || said.borrow().is_some());
    let failure = said.take().unwrap().unwrap_err();
    assert!(failure.check::<NoObject>().is_some(), "{failure}");
}
