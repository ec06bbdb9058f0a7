//! Objects of another process: passed, called, given back, lost; errors that keep their types.
#[path = "remote/lost.rs"]
mod lost;
use applications::remote::{
    Callable, NoMethod, NoObject, NotPassed, Offer, Reference, ServerLost, Value, Values,
};
use deferreds::{Cancelled, Deferred, Failure, Resolver, execute};
use protocols::{Asker, KeyValues, RemoteError, Responders, asking};
use reactor::{Handle, Reactor, Sim};
use std::{
    cell::{Cell, RefCell},
    error::Error,
    fmt,
    rc::Rc,
};
use transports::{Address, connect, listen};

/// There is no such poem.
#[derive(Debug, PartialEq)]
struct NoPoem(String);

impl fmt::Display for NoPoem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no poem is called {:?}", self.0)
    }
}

impl Error for NoPoem {}

/// What the tests look at: how many poems live, whom the shelf was given, and who has to wait.
#[derive(Default)]
struct Seen {
    poems: Cell<usize>,
    given: RefCell<Option<Reference>>,
    waits: RefCell<Vec<Resolver<Values>>>,
}

/// The first object: it opens poems.
struct Shelf {
    seen: Rc<Seen>,
    kept: Rc<dyn Callable>,
}

impl Shelf {
    fn new(seen: &Rc<Seen>) -> Rc<Shelf> {
        let (seen, kept) = (Rc::clone(seen), Poem::opened(seen, "wind"));
        Rc::new(Shelf { seen, kept })
    }
}

/// A poem that a client has opened.
struct Poem(Rc<Seen>, String);

impl Poem {
    fn opened(seen: &Rc<Seen>, name: &str) -> Rc<dyn Callable> {
        seen.poems.set(seen.poems.get() + 1);
        Rc::new(Poem(Rc::clone(seen), name.to_owned()))
    }
}

impl Drop for Poem {
    fn drop(&mut self) {
        self.0.poems.set(self.0.poems.get() - 1);
    }
}

impl Callable for Poem {
    fn call(&self, method: &str, _: Values) -> Deferred<Values> {
        match method {
            "name" => Deferred::succeed(Values::new().with("name", self.1.as_str())),
            _ => Deferred::fail(NoMethod(method.to_owned())),
        }
    }
}

impl Callable for Shelf {
    fn call(&self, method: &str, values: Values) -> Deferred<Values> {
        let seen = Rc::clone(&self.seen);
        match method {
            "open" => execute(move || {
                let name = values.text("name")?;
                if name == "nothing" {
                    return Err(Failure::new(NoPoem(name.to_owned())));
                }
                Ok(Values::new().with("poem", Poem::opened(&seen, name)))
            }),
            "kept" => Deferred::succeed(Values::new().with("poem", Rc::clone(&self.kept))),
            // Whether what comes is the poem that it has: it must be the object itself.
            "is it yours" => {
                let kept = Rc::clone(&self.kept);
                execute(move || {
                    let same = Rc::ptr_eq(&values.own("poem")?, &kept);
                    Ok(Values::new().with("same", same.to_string()))
                })
            }
            "keep" => execute(move || {
                seen.given.replace(Some(values.reference("object")?));
                Ok(Values::new())
            }),
            "later" => {
                let (resolver, answer) = Deferred::new();
                seen.waits.borrow_mut().push(resolver);
                answer
            }
            "secret" => Deferred::fail(Failure::new("the password is hope")),
            "panic" => panic!("as asked"),
            "long" => Deferred::succeed(Values::new().with("text", "x".repeat(65_536))),
            _ => Deferred::fail(NoMethod(method.to_owned())),
        }
    }
}

fn with_errors(offer: Offer) -> Offer {
    offer.error(
        "NO_POEM",
        |e: &NoPoem| e.0.clone(),
        |text| NoPoem(text.into()),
    )
}

/// A server with a shelf, and a client that has met it.
struct Talk {
    reactor: Reactor,
    handle: Handle,
    address: Address,
    seen: Rc<Seen>,
    shelf: Reference,
}

fn meet(reactor: &mut Reactor, address: &Address) -> Reference {
    let met = Rc::new(RefCell::new(None));
    let meets = Rc::clone(&met);
    let client = with_errors(Offer::nothing()).on_connection(move |shelf| {
        meets.replace(Some(shelf.clone()));
    });
    connect(&reactor.handle(), address, client.factory());
    until(reactor, "they have met", || met.borrow().is_some());
    met.take().unwrap()
}

fn talk() -> Talk {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let seen = Rc::new(Seen::default());
    let offer = with_errors(Offer::of(Shelf::new(&seen)));
    let port = listen(&handle, &Address::loopback(0), offer.factory()).unwrap();
    let address = port.address().clone();
    let shelf = meet(&mut reactor, &address);
    Talk {
        reactor,
        handle,
        address,
        seen,
        shelf,
    }
}

/// Turns until it holds. In virtual time it takes no time.
fn until(reactor: &mut Reactor, what: &str, is: impl Fn() -> bool) {
    for _ in 0..10_000 {
        if is() {
            return;
        }
        reactor
            .turn(Some(std::time::Duration::from_millis(100)))
            .unwrap();
    }
    panic!("not within 10,000 turns: {what}");
}

impl Talk {
    fn until<T: 'static>(&mut self, answer: Deferred<T>) -> Result<T, Failure> {
        let said = Rc::new(RefCell::new(None));
        let says = Rc::clone(&said);
        answer.on_result(move |result| {
            says.replace(Some(result));
        });
        until(&mut self.reactor, "an answer", || said.borrow().is_some());
        said.take().unwrap()
    }

    fn call(&mut self, method: &str, values: Values) -> Result<Values, Failure> {
        let answer = self.shelf.call(method, values);
        self.until(answer)
    }

    fn open(&mut self, name: &str) -> Result<Reference, Failure> {
        let answer = self.call("open", Values::new().with("name", name))?;
        Ok(answer.reference("poem")?)
    }

    fn poems(&mut self, count: usize) {
        let seen = Rc::clone(&self.seen);
        let what = format!("{count} poems are left");
        until(&mut self.reactor, &what, || seen.poems.get() == count);
    }
}

#[test]
fn an_answer_brings_an_object_which_is_called_and_let_go_when_it_is_dropped() {
    let mut talk = talk();
    let poem = talk.open("hope").unwrap();
    let again = poem.clone();
    let answer = poem.call("name", Values::new());
    assert_eq!(talk.until(answer).unwrap().text("name").unwrap(), "hope");
    drop(poem);
    let answer = again.call("name", Values::new());
    assert!(talk.until(answer).is_ok(), "a clone still holds it");
    assert_eq!(
        talk.seen.poems.get(),
        2,
        "that one, and the one that the shelf keeps"
    );
    drop(again);
    talk.poems(1);
}

#[test]
fn what_is_called_is_not_let_go_before_it_has_answered() {
    let mut talk = talk();
    let poem = talk.open("hope").unwrap();
    let answer = poem.call("name", Values::new());
    drop(poem);
    assert_eq!(talk.until(answer).unwrap().text("name").unwrap(), "hope");
    talk.poems(1);
}

#[test]
fn sent_twice_it_is_one_object_and_comes_back_as_itself() {
    let mut talk = talk();
    let first = talk.call("kept", Values::new()).unwrap();
    let first = first.reference("poem").unwrap();
    let second = talk.call("kept", Values::new()).unwrap();
    let second = second.reference("poem").unwrap();
    assert_eq!(first, second);
    let values = Values::new().with("poem", first);
    let said = talk.call("is it yours", values).unwrap();
    assert_eq!(said.text("same").unwrap(), "true");
}

#[test]
fn sent_again_while_it_is_given_back_it_stays() {
    let mut talk = talk();
    let first = talk.call("kept", Values::new()).unwrap();
    let again = talk.shelf.call("kept", Values::new()); // under way when the first one is dropped
    drop(first);
    let again = talk.until(again).unwrap().reference("poem").unwrap();
    let answer = again.call("name", Values::new());
    assert_eq!(talk.until(answer).unwrap().text("name").unwrap(), "wind");
}

#[test]
fn a_server_calls_an_object_of_its_client() {
    let mut talk = talk();
    let mine = Poem::opened(&talk.seen, "eagle");
    talk.call("keep", Values::new().with("object", mine))
        .unwrap();
    let given = talk.seen.given.take().unwrap();
    let answer = given.call("name", Values::new());
    assert_eq!(talk.until(answer).unwrap().text("name").unwrap(), "eagle");
    assert_eq!(talk.shelf.held(), 1);
    drop(given);
    talk.poems(1);
    assert_eq!(talk.shelf.held(), 0);
}

#[test]
fn a_reference_that_is_passed_on_is_called_by_way_of_who_passed_it() {
    let mut talk = talk();
    let poem = talk.open("hope").unwrap();
    // Another connection, to the same server: for that connection the poem is another side's.
    let other = meet(&mut talk.reactor, &talk.address.clone());
    let answer = other.call("keep", Values::new().with("object", poem));
    talk.until(answer).unwrap();
    let given = talk.seen.given.take().unwrap();
    let answer = given.call("name", Values::new());
    assert_eq!(talk.until(answer).unwrap().text("name").unwrap(), "hope");
    drop(given);
    talk.poems(1);
}

#[test]
fn errors_that_both_sides_know_keep_their_types_and_others_say_nothing() {
    let mut talk = talk();
    let failure = talk.open("nothing").unwrap_err();
    assert_eq!(failure.check::<NoPoem>(), Some(&NoPoem("nothing".into())));
    let failure = talk.call("burn", Values::new()).unwrap_err();
    assert_eq!(failure.check::<NoMethod>(), Some(&NoMethod("burn".into())));
    let failure = talk.call("secret", Values::new()).unwrap_err();
    let error = failure.check::<RemoteError>().unwrap();
    assert_eq!(error.code, "UNKNOWN");
    assert!(!failure.to_string().contains("hope"), "{failure}");
    assert!(!talk.shelf.is_lost(), "each has cost its own call");
}

#[test]
fn what_cannot_be_passed_is_told_and_costs_nothing_else() {
    let mut talk = talk();
    let most = Values::new().with(&"n".repeat(254), "x".repeat(65_535));
    assert!(talk.call("kept", most).is_ok(), "as much as can be");
    for values in [
        Values::new().with("text", "x".repeat(65_536)),
        Values::new().with("", "x"),
        Values::new().with(&"n".repeat(255), "x"),
    ] {
        let failure = talk.call("open", values).unwrap_err();
        assert!(failure.check::<NotPassed>().is_some(), "{failure}");
    }
    let failure = talk.call("long", Values::new()).unwrap_err();
    assert!(
        failure.check::<NotPassed>().is_some(),
        "of an answer, too: {failure}"
    );
    assert!(talk.open("hope").is_ok());
}

#[test]
fn so_many_objects_and_one_more() {
    let mut talk = talk();
    let object = |seen: &Rc<Seen>| Value::from(Poem::opened(seen, "hope"));
    let mut values = Values::new();
    for n in 0..10_000 {
        values = values.with(&n.to_string(), object(&talk.seen));
    }
    let one_more = values.clone().with("one more", object(&talk.seen));
    let failure = talk.call("keep", one_more).unwrap_err();
    assert!(failure.check::<NotPassed>().is_some(), "{failure}");
    assert_eq!(talk.shelf.held(), 0, "none of them was passed");
    let failure = talk.call("later than that", values.clone()).unwrap_err();
    assert!(failure.check::<NoMethod>().is_some(), "{failure}");
    drop(values);
    talk.poems(1); // the other side has let go of all of them
    assert_eq!(talk.shelf.held(), 0);
}
